import Reports
import Runner
import Testing

@Suite("Bands on the screen")
struct PoolTableTests {
  private static let pool = Pool(
    property: "It is quick", leastSeeds: 1,
    quantities: [
      Pool.Quantity("answers", isToBeGreat: true) { $0.count("answers") },
      Pool.Quantity("median, ms") { $0.percentile("time", permille: 500) },
    ],
    bands: [Pool.Band(points: 1, [10, nil]), Pool.Band(points: 2, [20, 50])])

  private func lines(_ tally: Tally?) -> [String]? {
    let scenario = Scenario(
      "4C.promise", "a promise", points: 3, program: "gateway", clusterSizes: [1], pool: Self.pool
    ) { _ in }
    var result = ScenarioResult(scenario: scenario, outcome: .failed)
    result.seedsRun = 100
    result.pooled = tally.map(Self.pool.judge)
    return PoolTable(result)?.lines
  }

  @Test("each value stands beside what each band asks for")
  func table() {
    var tally = Tally()
    tally.add("answers", 30)
    tally.note("time", 77)
    #expect(
      lines(tally) == [
        "      over 100 seeds together  yours  band 1  band 2",
        "      answers                     30  ≥ 10 ✔  ≥ 20 ✔",
        "      median, ms                  77          ≤ 50 ✘",
        "      points                       1     1 ✔     2 ✘",
      ])
  }

  @Test("what could not be measured is told")
  func nothing() {
    #expect(lines(Tally())?[2] == "      median, ms                none          ≤ 50 ✘")
    #expect(lines(nil) == nil)
  }
}
