import LabKit
import Runner
import Testing

@Suite("Sums over all seeds")
struct TallyTests {
  @Test("percentiles are never too low, and no more than a 64th too high, in whatever parts the values came")
  func percentiles() throws {
    var stream = RandomStream(seed: 3)
    for _ in 0..<200 {
      let most = stream.element(of: [1, 100, 200, 5_000, 1_000_000])
      let values = (0..<stream.next(in: 1...500)).map { _ in stream.next(in: 0...most) }
      var parts = [Tally(), Tally(), Tally()]
      for value in values { parts[stream.next(in: 0...2)].note("time", value) }
      let tally = parts.reduce(into: Tally()) { $0.merge($1) }
      for permille in [1, 500, 990, 999, 1_000] {
        let exact = values.sorted()[(values.count * permille + 999) / 1_000 - 1]
        let found = try #require(tally.percentile("time", permille: permille))
        #expect(found >= exact && found <= exact + exact / 64)
      }
    }
    #expect(Tally().percentile("time", permille: 500) == nil)
  }

  @Test("shares are of the sums, and there is none of nothing")
  func shares() {
    var (one, other) = (Tally(), Tally())
    one.add("whole", 3)
    one.add("pages", 4)
    other.add("pages", 8)
    #expect(one.share("whole", of: "pages") == 7_500)
    one.merge(other)
    #expect(one.share("whole", of: "pages") == 2_500)
    #expect(other.share("whole", of: "pages") == 0)
    #expect(Tally().share("whole", of: "pages") == nil)
  }
}

@Suite("Bands over all seeds")
struct PoolTests {
  private static let pool = Pool(
    property: "It is quick", leastSeeds: 2,
    quantities: [
      Pool.Quantity("answers", isToBeGreat: true) { $0.count("answers") },
      Pool.Quantity("median") { $0.percentile("time", permille: 500) },
    ],
    bands: [
      Pool.Band(points: 1, [10, nil]), Pool.Band(points: 2, [10, 50]), Pool.Band(points: 3, [20, 20]),
    ])

  private func verdict(answers: Int, time: Int?) -> Pool.Verdict {
    var tally = Tally()
    tally.add("answers", answers)
    if let time { tally.note("time", time) }
    return Self.pool.judge(tally)
  }

  @Test("a band counts only with all those below it, and what is not measured meets no limit")
  func bands() {
    #expect(verdict(answers: 9, time: 1).points == 0)
    #expect(verdict(answers: 10, time: nil).points == 1)
    #expect(verdict(answers: 30, time: 51).points == 1)
    #expect(verdict(answers: 19, time: 20).points == 3)
    #expect(verdict(answers: 20, time: 20).points == 6)
  }

  @Test("the sum of all seeds decides, and too few of them decide nothing")
  func together() {
    func result(_ answers: [Int]) -> ScenarioResult {
      let scenario = Scenario(
        "1A.promise", "", points: 6, program: "p", clusterSizes: [1], pool: Self.pool
      ) { _ in }
      var result = ScenarioResult(scenario: scenario, outcome: .passed)
      result.judgeTogether(
        answers.map { count in
          var tally = Tally()
          tally.add("answers", count)
          tally.note("time", 20)
          return tally
        }, by: Self.pool)
      return result
    }
    #expect(result([10, 10]).outcome == .passed && result([10, 10]).points == 6)
    #expect(result([10, 9]).outcome == .failed && result([10, 9]).points == 3)
    #expect(
      result([10, 9]).failingSeed == nil && result([10, 9]).message?.hasPrefix("It is quick: band 2") == true)
    #expect(
      result([10, 9]).brokenProperty == "failed It is quick" && result([10, 10]).brokenProperty == nil)
    #expect(result([100]).outcome == .notExercised && result([100]).points == 0)
  }

  @Test("what is missed of the next band is told, and nothing when there is none")
  func messages() {
    #expect(
      Self.pool.message(for: verdict(answers: 30, time: 21))
        == "It is quick: band 2 of 3 is reached, for 3 of 6 points. What band 3 asks for is missed: median: 21 instead of at most 20."
    )
    #expect(
      Self.pool.message(for: verdict(answers: 5, time: nil))
        == "It is quick: no band of 3 is reached, for 0 of 6 points. What band 1 asks for is missed: answers: 5 instead of at least 10."
    )
    #expect(Self.pool.message(for: verdict(answers: 20, time: 20)) == nil)
  }
}
