import Foundation
import Records
import Testing

@Suite("Working time")
struct WorkingTimeTests {
  private let stages = [(id: "1A", maxPoints: 15), (id: "1B", maxPoints: 20)]
  private let minute = 60_000

  private func run(_ minutes: Int, _ points: [String: Int] = [:], week: String = "week1") -> WorkingTime.Run {
    WorkingTime.Run(week: week, startedMilliseconds: minutes * minute, points: points)
  }

  private func minutes(_ runs: [WorkingTime.Run], begun: [Int] = []) -> [String: Int] {
    WorkingTime.byStage(week: "week1", runs: runs, begun: begun.map { $0 * minute }, stages: stages)
      .mapValues { $0 / minute }
  }

  @Test("the time between runs counts for the first stage that is not done")
  func attribution() {
    let runs = [
      run(0, ["1A": 0]), run(10, ["1A": 15, "1B": 0]), run(25, ["1A": 15, "1B": 0]),
      run(30, ["1A": 15, "1B": 20]),
    ]
    #expect(minutes(runs) == ["1A": 10, "1B": 20])
  }

  @Test("a pause of half an hour and more is left out, a shorter one counts")
  func pauses() {
    #expect(minutes([run(0, ["1A": 0]), run(29, ["1A": 0]), run(59, ["1A": 0])]) == ["1A": 29])
  }

  @Test("the time from the start of the week to the first run counts")
  func begun() {
    #expect(minutes([run(20, ["1A": 0])], begun: [5]) == ["1A": 15])
    #expect(minutes([run(20, ["1A": 0])]) == [:])
  }

  @Test("a run that did not build counts for the stage that is next")
  func didNotBuild() {
    #expect(minutes([run(0, ["1A": 15]), run(5), run(9, ["1B": 0])]) == ["1B": 9])
  }

  @Test("a run of a stage alone counts for that stage")
  func named() {
    #expect(minutes([run(0, ["1B": 0]), run(5, ["1B": 3])]) == ["1B": 5])
  }

  @Test("time on another week counts there, not here")
  func otherWeek() {
    #expect(minutes([run(0, ["1A": 0]), run(5, ["2A": 0], week: "week2"), run(7, ["1A": 0])]) == ["1A": 2])
  }

  @Test("time is read off recorded runs")
  func recorded() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("time-\(UUID()).sqlite").path
    let store = try ProgressStore(file: file)
    try store.recordBegun(week: "week1")
    Thread.sleep(forTimeInterval: 0.05)
    _ = try store.beginRun(
      NewRun(week: "week1", arguments: "", seed: 1, mode: "together", sourceDigest: "", labVersion: "0"))
    let spent = try store.workingMilliseconds(week: "week1", stages: stages)
    #expect((50..<10_000).contains(try #require(spent["1A"])))
    #expect(spent.count == 1)
  }
}
