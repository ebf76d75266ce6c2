import ArgumentParser
import Foundation
import Reports
import Runner

extension VerifyCommand {
  /// Runs the failing run behind each mistake of the handouts again, and says whether it still is what is drawn; writes
  /// those that are not if asked to.
  func verifyPictures(_ suite: Suite, _ base: UInt64) throws {
    var stale = 0
    for patch in try patches("Mutants", suite) {
      guard let mistake = try UnifiedPatch(file: patch).mistake else { continue }
      let stage = try suite.stage(named: mistake.stage)
      let course = try SolutionCourse.make(suite, named: "patched", patch: patch)
      let program = try SwiftBuild(suite, in: course).build()
      let runner = SuiteRunner(program: program, baseSeed: base)
      let name = "\(mistake.stage).\(mistake.number) \(patch.deletingPathExtension().lastPathComponent)"
      let present = try MistakePicture.all(of: stage, in: suite).first { $0.number == mistake.number }
      if let present, let now = try redrawn(present.trace, suite, runner),
        now.picture == present.trace.picture
      {
        Screen.say("✔ \(name): \(now.picture.facts.property), \(now.picture.events.count) events")
        continue
      }
      guard write else {
        stale += 1
        Screen.say("✘ \(name): " + (present == nil ? "has no picture" : "is another run now"))
        continue
      }
      guard let drawn = try drawn(stage, suite, runner) else {
        stale += 1
        Screen.say("✘ \(name): no run of \(stage.id) breaks a promise")
        continue
      }
      let week = try SolutionCourse.repository().appendingPathComponent("Labs/\(suite.folder)")
      let file = MistakePicture.file(mistake.stage, mistake.number, in: week)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try drawn.json().write(to: file, options: .atomic)
      Screen.say(
        "+ \(name): \(drawn.scenario), \(drawn.picture.facts.property), \(drawn.picture.events.count) events")
    }
    if stale > 0 { throw ExitCode(1) }
  }

  /// Whether the run behind a mistake still breaks the same property; true where a patch is for no mistake.
  func keepsPicture(_ patch: URL, _ suite: Suite, _ runner: SuiteRunner) throws -> Bool {
    guard let mistake = try UnifiedPatch(file: patch).mistake,
      let present = try MistakePicture.all(of: suite.stage(named: mistake.stage), in: suite)
        .first(where: { $0.number == mistake.number })
    else { return true }
    return try redrawn(present.trace, suite, runner)?.picture.facts.property
      == present.trace.picture.facts.property
  }

  /// The same run as it goes now; nil if there is no such scenario.
  private func redrawn(_ trace: FailureTrace, _ suite: Suite, _ runner: SuiteRunner) throws -> FailureTrace? {
    guard let scenario = suite.stages.flatMap(\.scenarios).first(where: { $0.id == trace.scenario }),
      let seed = try Lab.parse(seed: trace.seed)
    else { return nil }
    return try self.trace(scenario, seed, trace.alterations, suite, runner)
  }

  /// Without the lines of the code, which are nobody's who sees it.
  private func trace(
    _ scenario: Scenario, _ seed: UInt64, _ alterations: Alterations, _ suite: Suite, _ runner: SuiteRunner
  ) throws -> FailureTrace {
    let result = runner.runSeed(
      scenario, seed, ProcessPool(program: runner.program), recording: .trace, alterations: alterations)
    let facts = RunFacts(
      suite: suite, scenario: scenario, seed: seed, alterations: alterations, result: result)
    // A run without end is shown by its end alone.
    return FailureTrace(
      try RunPicture(trace: result.trace, about: facts, mostEvents: 400), alterations,
      outcome: result.outcome, message: result.message ?? "", labVersion: CourseVersion.lab)
  }

  /// A small run in which the bug breaks something, of its stage if it can be; one that breaks what must always hold, if there is.
  private func drawn(_ stage: Stage, _ suite: Suite, _ runner: SuiteRunner) throws -> FailureTrace? {
    var best: (scenario: Scenario, seed: UInt64, run: ShrunkRun)?
    func rank(_ run: ShrunkRun) -> (Int, Int) { (run.result.isUnconditional ? 0 : 1, run.after.events) }
    // What its own stage does not bring out, a later one may.
    let others = suite.stages.filter { $0.id != stage.id }.flatMap(\.scenarios)
    for scenario in stage.scenarios + others {
      if best != nil, !stage.scenarios.contains(where: { $0.id == scenario.id }) { break }
      let result = runner.run(scenario, seeds: seeds)
      guard result.outcome == .failed, let seed = result.failingSeed,
        let run = Shrinker(runner, scenario, seed: seed, for: .seconds(5)).shrink()
      else { continue }
      if best.map({ rank(run) < rank($0.run) }) ?? true { best = (scenario, seed, run) }
      // Good enough to be drawn: the others would take their time, and tell no more.
      if run.result.isUnconditional, run.after.events <= 80 { break }
    }
    return try best.map { try trace($0.scenario, $0.seed, $0.run.alterations, suite, runner) }
  }
}
