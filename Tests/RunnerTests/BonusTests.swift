import Foundation
import Runner
import Suites
import Testing

@Suite("A bonus stage")
struct BonusTests {
  /// What a session tells and returns for a student who has written all but `administer`.
  private func session(_ student: StudentCourse, only: [String]) throws -> (told: [String], [StageResult]) {
    let stage = try student.suite.stage(named: "1F")
    let alone = Stage(
      "1F", stage.title, needs: [], hours: 8, isBonus: true, scenarios: Array(stage.scenarios.prefix(4)))
    let suite = Suite(
      week: "week1", folder: student.suite.folder, title: "", product: student.suite.product,
      modules: student.suite.modules, stages: [alone])
    var told: [String] = []
    let results = try SuiteSession(
      suite: suite, runner: SuiteRunner(program: try student.build(), baseSeed: 1), only: only, seeds: 2
    ) { event in
      switch event {
      case .bonusNotBegun(let stage): told.append("\(stage.id) not begun")
      case .scenarioEnded(_, let result): told.append("\(result.scenario.id) \(result.outcome)")
      default: break
      }
    }.run()
    return (told, results)
  }

  @Test("is no failure as long as it is not begun, and shows every part of it when asked for by name")
  func notBegun() throws {
    let student = try StudentCourse("bonus")
    try student.replace(
      "    guard role == .leader else {\n      context.reply(.notLeader(hint: leader), to: token)\n      return\n    }\n    switch request {",
      with: "    if currentTerm >= 0 { notImplemented() }\n    switch request {",
      in: "Raft+Administration.swift")
    try student.replace("asksFirst: false", with: "asksFirst: true")
    let plain = try session(student, only: [])
    #expect(plain.told == ["1F not begun"])
    #expect(plain.1.isEmpty)
    let named = try session(student, only: ["1F"])
    #expect(
      named.told == [
        "1F.transfer notImplemented", "1F.abandoned notImplemented", "1F.prevote passed", "1F.oneway passed",
      ])
    #expect(named.1.map(\.points) == [3])
  }

  @Test("counts its points apart")
  func points() {
    #expect(Suites.week1.maxPoints == 100)
    #expect(Suites.week1.maxBonusPoints == 15)
  }
}
