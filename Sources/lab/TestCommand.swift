import ArgumentParser
import Foundation
import Records
import Runner

struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Build your code, break its world in many ways, show what went wrong first.")

  @Argument(help: "Stages or scenarios, such as 1A or 1A.elect; all of them if none is named.") var names:
    [String] = []
  @Option(help: "The week, where it is not clear from the folder.") var week: String?
  @Option(help: "The first seed, hexadecimal. With --seeds 1, exactly this run.") var seed: String?
  @Option(help: "How many seeds each scenario runs.") var seeds: Int?
  @Flag(help: "Run every stage, also those whose forerunner fails.") var all = false
  @Flag(help: "Give each node a process of its own.") var apart = false

  func validate() throws {
    if let seeds, seeds < 1 { throw ValidationError("--seeds takes a number from 1 on, not \(seeds)") }
  }

  func run() throws {
    let course = try Course.containing(Lab.currentFolder)
    let suite = try Lab.suite(in: course, named: week)
    let base = try Lab.parse(seed: seed) ?? UInt64.random(in: .min ... .max)
    _ = try SuiteSession(suite: suite, runner: SuiteRunner(program: "", baseSeed: base), only: names)
      .selection()
    let build = SwiftBuild(suite, in: course)
    let store = try ProgressStore(file: course.database)
    let digest = try build.sourceDigest()
    let run = try store.beginRun(
      NewRun(
        week: suite.week, arguments: names.joined(separator: " "), seed: base,
        mode: apart ? "apart" : "together",
        sourceDigest: digest, labVersion: CourseVersion.lab))
    let started = ContinuousClock.now
    func finish(_ outcome: Outcome, _ points: Int, _ maxPoints: Int) throws {
      try store.finishRun(
        run, outcome: outcome.rawValue, points: points, maxPoints: maxPoints,
        wallMilliseconds: Int((ContinuousClock.now - started) / .milliseconds(1)))
    }
    Screen.note("seed \(Screen.seed(base)) · building \(suite.week)")
    let program: String
    do {
      program = try build.build { Screen.note("waiting for another build in this course folder") }
    } catch let failure as BuildFailure {
      try finish(.didNotBuild, 0, 0)
      Screen.say(Screen.paint("did not build", .red))
      throw failure
    }
    for use in SwiftBuild.forbiddenUses(of: program) { Screen.say(Screen.paint("!", .yellow) + " \(use)") }
    var runner = SuiteRunner(program: program, baseSeed: base)
    runner.isApart = apart
    var session = SuiteSession(suite: suite, runner: runner, only: names, seeds: seeds, runsAll: all)
    var firstFailure: (ScenarioResult, Int64)?
    session.ended = { stage, result in
      try store.record(Self.record(stage, result), run: run)
      guard let seed = result.failingSeed else { return }
      let id = try store.recordFailure(
        FailureRecord(
          id: nil, week: suite.week, scenario: result.scenario.id, seed: seed, nodeCount: result.nodeCount,
          outcome: result.outcome.rawValue, message: result.message ?? "", sourceDigest: digest,
          createdMilliseconds: Int(Date().timeIntervalSince1970 * 1_000)))
      if firstFailure == nil { firstFailure = (result, id) }
    }
    let results = try session.run()
    let points = results.reduce(0) { $0 + $1.points }
    let maxPoints = results.reduce(0) { total, stage in
      total + stage.scenarios.reduce(0) { $0 + $1.scenario.points }
    }
    let outcome = results.first { $0.outcome != .passed }?.outcome ?? .passed
    try finish(outcome, points, maxPoints)
    Screen.say("\n\(points) of \(maxPoints) points")
    if let (result, id) = firstFailure { Self.explain(result, id, course: course) }
    if outcome == .labError { throw ExitCode(70) }
    if results.isEmpty { throw ExitCode(4) }
    if outcome != .passed { throw ExitCode(1) }
  }

  static func record(_ stage: Stage, _ result: ScenarioResult) -> ScenarioRecord {
    ScenarioRecord(
      stage: stage.id, scenario: result.scenario.id, title: result.scenario.title,
      outcome: result.outcome.rawValue,
      points: result.points, maxPoints: result.scenario.points, seedsRun: result.seedsRun,
      seedsFailed: result.seedsFailed, failingSeed: result.failingSeed, message: result.message,
      virtualMilliseconds: result.virtualMilliseconds, wallMilliseconds: result.wallMilliseconds)
  }

  static func explain(_ result: ScenarioResult, _ id: Int64, course: Course) {
    Screen.say("\n" + Screen.paint("\(result.scenario.id) \(result.outcome.words)", .red))
    Screen.say(Screen.harmless(result.message ?? ""))
    guard let seed = result.failingSeed else { return }
    if result.outcome == .notImplemented {
      Screen.say("\nWrite it, then type: lab test")
      return
    }
    Screen.say(
      """

      seed \(Screen.seed(seed)), \(result.nodeCount) nodes
      again:  lab test \(result.scenario.id) --seed \(Screen.seed(seed)) --seeds 1
      look:   lab replay \(id)
      """)
  }
}
