import ArgumentParser
import Reports
import Runner

extension VerifyCommand {
  /// Runs the solution's seeds in every way and prints how many traces differ.
  static func verifyDeterminism(_ suite: Suite, _ base: UInt64, runs: Int) throws {
    let course = try SolutionCourse.make(suite, named: "solution")
    Screen.note("building \(suite.week)'s solution")
    let program = try SwiftBuild(suite, in: course, .release).build()
    let scenarios = suite.stages.flatMap(\.scenarios)
    let survey = DeterminismSurvey(program: program, baseSeed: base)
    let progress = TestScreen().progress
    progress.begin("running", total: runs)
    let started = ContinuousClock.now
    let rows = survey.rows(of: scenarios, runs: runs) { progress.advance(to: $0) }
    progress.erase()
    Screen.say(
      "\(Screen.pad("nodes", 32)) \(Screen.pad("runs", 6)) \(Screen.pad("handlers", 12)) traces that differ")
    for row in rows {
      Screen.say(
        "\(Screen.pad(row.way.description, 32)) \(Screen.pad("\(row.runs)", 6)) \(Screen.pad("\(row.calls)", 12)) "
          + "\(row.differing.count)")
    }
    for row in rows {
      for (scenario, seed) in row.differing.prefix(5) {
        Screen.say("\(row.way): \(scenario), seed \(Screen.seed(seed))")
      }
    }
    let wall = Int((ContinuousClock.now - started) / .milliseconds(1))
    let total = rows.reduce(0) { $0 + $1.runs }
    Screen.say(
      "\n\(total) runs of \(scenarios.count) scenarios, each in fresh processes, in \(Screen.seconds(wall)); "
        + "left out: \(DeterminismSurvey.withoutFusedMultiplyAdd)")
    if rows.contains(where: { !$0.differing.isEmpty }) { throw ExitCode(1) }
  }
}
