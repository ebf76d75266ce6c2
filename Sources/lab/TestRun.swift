import Foundation
import Records
import Reports
import Runner

/// One `lab test`: builds, runs, records each scenario as it ends, shows it.
struct TestRun {
  let course: Course
  let suite: Suite
  var names: [String] = []
  /// Drawn if there is none.
  var baseSeed: UInt64?
  var seeds: Int?
  var runsAll = false
  var isApart = false
  /// How long to go on drawing seeds; once over the seeds if there is none.
  var soakDuration: Duration?
  /// How long to look for a smaller run of the first failure.
  var shrinkDuration = Duration.seconds(5)

  func perform(on screen: TestScreen) throws -> RunReport {
    for line in try course.bringUpToDate() { Screen.note(line) }
    let build = SwiftBuild(suite, in: course, soakDuration == nil ? .debug : .release)
    let seed = baseSeed ?? UInt64.random(in: .min ... .max)
    let recorder = try RunRecorder(
      course: course, suite: suite, names: names, seed: seed, isApart: isApart,
      sourceDigest: try build.sourceDigest())
    // First of all, so that nothing can lose it.
    Screen.note("seed \(Screen.seed(seed))")

    let program: String
    do {
      screen.progress.begin("building \(suite.week)")
      defer { screen.progress.erase() }
      program = try build.build { Screen.note("waiting for another build in this course folder") }
    } catch let failure as BuildFailure {
      Interrupt.stopHereIfPending()
      var report = recorder.report(of: [])
      report.outcome = .didNotBuild
      report.buildErrors = failure.errors.isEmpty ? ["the compiler said nothing"] : failure.errors
      try recorder.finish(&report)
      screen.show(buildErrors: report.buildErrors)
      screen.say("\nThe whole log is in \(failure.logFile)")
      return report
    }
    let warnings = SwiftBuild.forbiddenUses(of: program).map(\.description)
    for warning in warnings { screen.warn(warning) }

    var runner = SuiteRunner(program: program, baseSeed: seed)
    runner.isApart = isApart
    runner.seedEnded = { screen.progress.advance(to: $0) }
    var report = recorder.report(of: try results(with: runner, recorder, screen))
    report.warnings = warnings + report.stages.flatMap(\.scenarios).compactMap(\.result.namedRemark)
    // The run is on record before anything is made of its failure.
    try recorder.finish(&report)
    if soakDuration == nil { try explain(&report, runner, recorder, screen) }
    screen.finish(report, next: Advice.next(after: report, next: try recorder.nextStage()))
    return report
  }

  /// Finds out more of the first failure, and draws it.
  private func explain(
    _ report: inout RunReport, _ runner: SuiteRunner, _ recorder: RunRecorder, _ screen: TestScreen
  ) throws {
    guard let failure = report.failures.first, let seed = failure.result.failingSeed else { return }
    let scenario = failure.result.scenario
    screen.progress.begin("looking for a smaller run of \(scenario.id)")
    defer { screen.progress.erase() }
    var run: SuiteRunner.SeedResult
    if failure.result.outcome.isEndOfProgram {
      run = runner.replay(scenario, seed: seed, recorded: failure.result.outcome)
      guard run.outcome == failure.result.outcome else { return }
      report.explanation = run.message
    } else {
      guard failure.result.outcome == .failed else { return }
      report.shrunk = Shrinker(runner, scenario, seed: seed, for: scenario.isShrunk ? shrinkDuration : .zero)
        .shrink()
      Interrupt.stopHereIfPending()
      // Without time to shrink, the run is told as it was found.
      run = report.shrunk?.result ?? runner.replay(scenario, seed: seed, recorded: failure.result.outcome)
      guard run.outcome == .failed else { return }
      report.failingShare = share(of: scenario, runner)
      if let shrunk = report.shrunk, failure.failure != nil { try recorder.record(shrunk, of: scenario.id) }
    }
    Interrupt.stopHereIfPending()
    guard let number = failure.failure else { return }
    let pictures = FailurePictures(course: course)
    do {
      report.historyFile = try pictures.keepHistory(of: run, scenario, failure: number)
      let alterations = report.shrunk?.alterations ?? .none
      guard let picture = try pictures.picture(of: run, scenario, in: suite, seed: seed, alterations) else {
        return
      }
      report.picture = picture
      report.pictureFile = try pictures.keep(picture, run, alterations, failure: number)
    } catch {
      screen.warn("the failure could not be kept or drawn: \(error.localizedDescription)")
    }
  }

  /// How many seeds of a scenario fail, of those that a second is enough for.
  private func share(of scenario: Scenario, _ runner: SuiteRunner) -> (failed: Int, run: Int) {
    var runner = runner
    runner.seedEnded = nil
    runner.deadline = .now + .seconds(1)
    let result = runner.run(scenario, seeds: seeds, keepsGoing: true)
    return (result.seedsFailed, result.seedsRun)
  }

  private func results(
    with runner: SuiteRunner, _ recorder: RunRecorder, _ screen: TestScreen
  ) throws -> [StageResult] {
    guard let soakDuration else {
      var session = SuiteSession(suite: suite, runner: runner, only: names, seeds: seeds, runsAll: runsAll) {
        event in
        Interrupt.stopHereIfPending()
        if case .scenarioEnded(let stage, let result) = event { try recorder.record(result, in: stage) }
        screen.show(event)
      }
      session.checksIsolation = true
      return try session.run()
    }
    return try Soak(suite.selection(names), runner: runner, duration: soakDuration) { event in
      Interrupt.stopHereIfPending()
      switch event {
      case .scenarioBegan: break
      case .found(_, let result): try recorder.recordFailure(result)
      case .scenarioEnded(let stage, let result):
        if result.outcome != .skipped { try recorder.record(result, in: stage) }
      }
      screen.show(event)
    }.run()
  }
}
