import ArgumentParser
import Foundation
import Records
import Runner

/// One run of a suite against a built program: shows each scenario as it ends, goes as far as the stages allow.
struct SuiteSession {
  let suite: Suite
  let runner: SuiteRunner
  var only: [String] = []
  var seeds: Int?
  var runsAll = false
  /// Told of each scenario as it ends.
  var ended: (Stage, ScenarioResult) throws -> Void = { _, _ in }

  struct StageResult {
    let stage: Stage
    var outcome: Outcome
    var scenarios: [ScenarioResult]
    var points: Int { scenarios.reduce(0) { $0 + $1.points } }
  }

  /// The stages with the scenarios that were asked for.
  func selection() throws -> [(Stage, [Scenario])] {
    let known = suite.stages.flatMap { [$0.id] + $0.scenarios.map(\.id) }
    for name in only where !known.contains(name) {
      throw ValidationError(
        "\(suite.week) has no stage or scenario \"\(name)\"; it has: \(known.joined(separator: ", "))")
    }
    return suite.stages.compactMap { stage in
      let chosen = stage.scenarios.filter { only.isEmpty || only.contains(stage.id) || only.contains($0.id) }
      return chosen.isEmpty ? nil : (stage, chosen)
    }
  }

  func run() throws -> [StageResult] {
    var results: [StageResult] = []
    for (stage, scenarios) in try selection() {
      let missing = stage.needs.first { need in
        results.contains { $0.stage.id == need && $0.outcome != .passed }
      }
      if let missing, !runsAll, only.isEmpty {
        Screen.say("\n\(stage.id) \(stage.title): skipped, for \(missing) comes first")
        let skipped = scenarios.map { ScenarioResult(scenario: $0, outcome: .skipped) }
        results.append(StageResult(stage: stage, outcome: .skipped, scenarios: skipped))
        continue
      }
      Screen.say("\n" + Screen.paint("\(stage.id) \(stage.title)", .bold))
      var stageResult = StageResult(stage: stage, outcome: .passed, scenarios: [])
      for scenario in scenarios {
        let result = runner.run(scenario, seeds: seeds)
        stageResult.scenarios.append(result)
        if result.outcome != .passed && stageResult.outcome == .passed {
          stageResult.outcome = result.outcome
        }
        Screen.say(Screen.line(for: result))
        try ended(stage, result)
        // Nothing further in this stage can run before the function is written.
        if result.outcome == .notImplemented { break }
      }
      results.append(stageResult)
    }
    return results
  }
}
