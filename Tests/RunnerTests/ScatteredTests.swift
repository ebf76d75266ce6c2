import Runner
import Suites
import Testing

@Suite("Scattered scenarios")
struct ScatteredTests {
  @Test("what hangs on hashValue agrees with itself in one process, and fails where each node has its own")
  func hashValue() throws {
    let student = try StudentCourse("scattered", of: Suites.week2)
    try student.replace(
      "hash(\"\\(node)/\\(number)\")", with: "hash(\"\\(node.hashValue)/\\(number)\")", in: "HashRing.swift")
    let runner = SuiteRunner(program: try student.build(), baseSeed: 1)
    #expect(runner.run(try student.scenario("2B.order"), seeds: 5).outcome == .passed)
    let apart = runner.run(try student.scenario("2B.processes"), seeds: 5)
    #expect(apart.outcome == .failed)
    #expect(apart.message?.hasPrefix("Every process places alike") == true, "\(apart.message ?? "")")
  }
}
