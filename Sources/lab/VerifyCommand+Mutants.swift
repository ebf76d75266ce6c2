import ArgumentParser
import Foundation
import Reports
import Runner

extension VerifyCommand {
  /// Runs each planted bug as a student's `lab test` would, and prints what caught it, after how many seeds and seconds. A
  /// bug of one stage alone, as its patch may say, is left to that stage. Many runs are of an optimised build, which comes
  /// to the same in less time.
  func verifyMutants(_ suite: Suite, _ base: UInt64) throws {
    var survivors = 0
    var stalePictures = 0
    Screen.say(
      "\(Screen.pad("mutant", 34)) caught  by              seeds, most  seconds, most   what broke")
    try PatchBench.forEach(patches("Mutants", suite), of: suite) { patch, course in
      let program = try SwiftBuild(suite, in: course, runs > 1 ? .release : .debug).build()
      let scenarios = try ordered(scenarios(for: patch, suite), for: patch)
      let catches = try (0..<runs).compactMap {
        try firstCatch(scenarios, SuiteRunner(program: program, baseSeed: SuiteRunner.seed($0, base: base)))
      }
      let keepsPicture = try self.keepsPicture(
        patch, suite, SuiteRunner(program: program, baseSeed: base))
      return (catches: catches, keepsPicture: keepsPicture)
    } tell: { patch, found in
      if found.catches.count < runs { survivors += 1 }
      if !found.keepsPicture { stalePictures += 1 }
      let columns = [
        (patch.deletingPathExtension().lastPathComponent, 34),
        ("\(found.catches.count)/\(runs)", 7),
        (Set(found.catches.map(\.result.scenario.id)).sorted().joined(separator: " "), 15),
        (Self.medianAndMost(found.catches.map(\.result.seedsRun)) { "\($0)" }, 12),
        (Self.medianAndMost(found.catches.map(\.wallMilliseconds), Screen.seconds), 15),
      ]
      Screen.say(
        columns.map { Screen.pad($0, $1) }.joined(separator: " ") + " "
          + Self.property(found.catches.first?.result.message)
          + (found.keepsPicture ? "" : "   ITS PICTURE IS OUT OF DATE"))
    }
    if stalePictures > 0 {
      Screen.say("\n\(stalePictures) pictures are out of date: lab verify \(suite.week) --pictures --write")
    }
    Screen.say(survivors == 0 ? "\nevery mutant is caught" : "\n\(survivors) mutants survive")
    if survivors + stalePictures > 0 { throw ExitCode(1) }
  }

  /// In one run, the scenario that is expected to find the bug comes first: whatever `lab test` would say before, it would
  /// come to that one. Many runs are told as a student would see them.
  private func ordered(_ scenarios: [Scenario], for patch: URL) throws -> [Scenario] {
    guard runs == 1, let expected = try UnifiedPatch(file: patch).expectedCatcher else { return scenarios }
    let first = scenarios.filter { $0.id == expected }
    guard !first.isEmpty else {
      throw LabError("\(patch.path) expects \(expected) to catch it, which is no scenario of its stages")
    }
    return first + scenarios.filter { $0.id != expected }
  }

  /// The first scenario that fails, and the time from the first scenario on.
  ///
  /// - Throws: A `LabError` if the suite could not judge: that catches nobody.
  func firstCatch(_ scenarios: [Scenario], _ runner: SuiteRunner) throws -> (
    result: ScenarioResult, wallMilliseconds: Int
  )? {
    var wall = 0
    for scenario in scenarios {
      let result = runner.run(scenario, seeds: seeds)
      wall += result.wallMilliseconds
      if result.outcome == .labError {
        throw LabError("\(scenario.id): \(result.message ?? result.outcome.words)")
      }
      guard result.outcome != .passed && result.outcome != .notExercised else { continue }
      try requireSameAgain(result, runner)
      return (result, wall)
    }
    return nil
  }

  /// What a student is shown is the run once more, with all that can be kept of it: that must break in the same way.
  private func requireSameAgain(_ result: ScenarioResult, _ runner: SuiteRunner) throws {
    guard result.outcome == .failed, !result.scenario.isScattered, let seed = result.failingSeed else {
      return
    }
    let again = runner.replay(result.scenario, seed: seed, recorded: result.outcome)
    guard again.outcome != result.outcome || again.message != result.message else { return }
    throw LabError(
      "\(result.scenario.id), seed \(Screen.seed(seed)): \(result.message ?? result.outcome.words)\n"
        + "When the run is recorded it ends otherwise: \(again.message ?? again.outcome.words)")
  }

  private static func medianAndMost(_ values: [Int], _ words: (Int) -> String) -> String {
    guard let most = values.max() else { return "" }
    let median = values.sorted()[(values.count - 1) / 2]
    return values.count == 1 ? words(most) : "\(words(median)), \(words(most))"
  }

  /// What broke, without the evidence.
  private static func property(_ message: String?) -> String {
    guard let message else { return "" }
    return String(message.prefix { $0 != ":" })
  }
}
