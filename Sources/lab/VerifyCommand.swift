import ArgumentParser
import Foundation
import Reports
import Runner

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "The course checks itself: solutions pass, planted bugs are caught.",
    discussion: "Needs a checkout of the course's repository.")

  @Argument(help: "The week.") var week = "week1"
  @Flag(help: "Run the planted bugs: each must be caught.") var mutants = false
  @Flag(help: "Run the correct other designs: each must pass.") var variants = false
  @Flag(help: "Run the same seeds together, apart and without FMA, 1,000 times or --runs.") var determinism =
    false
  @Flag(help: "Shrink a failing run of each planted bug and print how far.") var shrinking = false
  @Flag(help: "Compare the pictures behind the handouts' mistakes with what the planted bugs do now.")
  var pictures = false
  @Flag(help: "With --pictures: draw those anew that are out of date or missing.") var write = false
  @Flag(help: "Print every bound beside the worst that a correct design needed.") var margins = false
  @Option(help: "Runs of each mutant, from different base seeds.") var runs = 1
  @Option(help: "How many seeds each scenario runs.") var seeds: Int?
  @Option(help: "The base seed, hexadecimal.") var seed: String?
  @Option(help: "Only the patches whose names hold this.") var only: String?
  @Flag(help: "Give each node a process of its own.") var apart = false

  func run() throws {
    let suite = try Lab.suite(week)
    let base = try Lab.parse(seed: seed) ?? UInt64.random(in: .min ... .max)
    Screen.note("seed \(Screen.seed(base))")
    if mutants { try verifyMutants(suite, base) }
    if variants { try verifyVariants(suite, base) }
    if determinism { try Self.verifyDeterminism(suite, base, runs: runs > 1 ? runs : 1_000) }
    if margins { try verifyMargins(suite, base) }
    if shrinking { try verifyShrinking(suite, base) }
    if pictures { try verifyPictures(suite, base) }
    if !pictures && !mutants && !variants && !determinism && !margins && !shrinking {
      try Self.verifySolution(suite, base, seeds: seeds, isApart: apart)
    }
  }

  static func verifySolution(_ suite: Suite, _ base: UInt64, seeds: Int? = nil, isApart: Bool = false) throws
  {
    let course = try SolutionCourse.make(suite, named: "solution")
    Screen.note("building \(suite.week)'s solution")
    let program = try SwiftBuild(suite, in: course, .release).build()
    try Canary.check(suite, program: program, baseSeed: base)
    let started = ContinuousClock.now
    var runner = SuiteRunner(program: program, baseSeed: base)
    runner.isApart = isApart
    let screen = TestScreen()
    runner.seedEnded = { screen.progress.advance(to: $0) }
    let results = try SuiteSession(suite: suite, runner: runner, seeds: seeds, runsAll: true) {
      screen.show($0)
    }.run()
    let wall = Int((ContinuousClock.now - started) / .milliseconds(1))
    func points(isBonus: Bool) -> Int {
      results.filter { $0.stage.isBonus == isBonus }.reduce(0) { $0 + $1.points }
    }
    let sum = Screen.points(
      points(isBonus: false), of: suite.maxPoints, bonus: points(isBonus: true), of: suite.maxBonusPoints)
    Screen.say("\n\(sum) in \(Screen.seconds(wall))")
    for result in results.flatMap(\.scenarios) where result.outcome != .passed {
      Screen.say(
        "\(result.scenario.id) \(result.outcome.words), seed \(result.failingSeed.map(Screen.seed) ?? "-"): \(result.message ?? "")"
      )
    }
    if results.contains(where: { $0.outcome != .passed }) { throw ExitCode(1) }
  }

  func patches(_ folder: String, _ suite: Suite) throws -> [URL] {
    let place = try SolutionCourse.repository().appendingPathComponent("Tests/\(folder)/\(suite.week)")
    let found = try Course.sourceFiles(in: place).filter { $0.hasSuffix(".patch") }
    let chosen = found.filter { only.map($0.contains) ?? true }
    guard !chosen.isEmpty else { throw LabError("there are no such patches in \(place.path)") }
    return chosen.map { place.appendingPathComponent($0) }
  }

  /// The scenarios of the stages that a patch is for, which are all unless it names some.
  func scenarios(for patch: URL?, _ suite: Suite) throws -> [Scenario] {
    guard let patch, let stages = try UnifiedPatch(file: patch).stages else {
      return suite.stages.flatMap(\.scenarios)
    }
    return try stages.flatMap { id in
      guard let stage = suite.stages.first(where: { $0.id == id }) else {
        throw LabError("\(patch.path) is for stage \(id), and \(suite.week) has none of that name")
      }
      return stage.scenarios
    }
  }

  private func verifyVariants(_ suite: Suite, _ base: UInt64) throws {
    var rejected = 0
    try PatchBench.forEach(patches("Variants", suite), of: suite) { patch, course in
      let program = try SwiftBuild(suite, in: course, .release).build()
      let runner = SuiteRunner(program: program, baseSeed: base)
      return try scenarios(for: patch, suite).map { runner.run($0, seeds: seeds) }
        .filter { $0.outcome != .passed }
    } tell: { patch, failed in
      let name = patch.deletingPathExtension().lastPathComponent
      if failed.isEmpty { return Screen.say("✔ \(name)") }
      rejected += 1
      for result in failed {
        Screen.say(
          "✘ \(name): \(result.scenario.id) \(result.outcome.words), seed \(result.failingSeed.map(Screen.seed) ?? "-"): "
            + (result.message ?? ""))
      }
    }
    if rejected > 0 { throw ExitCode(1) }
  }
}

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "From nothing to a verdict: Week 1's solution through its suite.")

  func run() throws {
    let base = UInt64.random(in: .min ... .max)
    Screen.note("seed \(Screen.seed(base))")
    try VerifyCommand.verifySolution(try Lab.suite("week1"), base)
  }
}
