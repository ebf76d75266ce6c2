import LabKit

/// What a session asks about a scenario's result before it is told.
extension SuiteSession {
  /// A check runs its seeds apart, which takes about twelve times as long as together; with fewer seeds than this it
  /// would cost more than the scenario itself. A single seed is another matter: somebody looks into it.
  private static var fewestSeedsForCheck: Int { 20 }
  private static var checkedScenariosPerStage: Int { 2 }

  /// The scenarios of a stage whose first seed is run in other ways as well: others with every base seed.
  func checked(_ scenarios: [Scenario]) -> Set<String> {
    guard checksIsolation else { return [] }
    var stream = RandomStream(seed: Mixing.combine(runner.baseSeed, stableHash(scenarios.first?.id ?? "")))
    let eligible = scenarios.filter {
      let count = seeds ?? $0.seeds
      return count == 1 || count >= Self.fewestSeedsForCheck
    }
    return Set(stream.shuffled(eligible).prefix(Self.checkedScenariosPerStage).map(\.id))
  }

  /// The result with what a second look at it says: whether its seeds can be repeated, and where a program ended.
  func doubted(_ result: ScenarioResult, checksIsolation: Bool) -> ScenarioResult {
    var result = result
    let check = IsolationCheck(runner)
    switch result.outcome {
    case .passed:
      guard checksIsolation, let sample = result.sample else { return result }
      switch check.finding(for: result.scenario, seed: sample.seed, digest: sample.digest) {
      case .nonDeterministic(let message, let parting):
        result.outcome = .nonDeterministic
        result.message = message
        result.parting = parting
        result.failingSeed = sample.seed
        result.nodeCount = SuiteRunner.configuration(result.scenario, seed: sample.seed).nodes
        result.seedsFailed = 1
      case .hashOrder(let message): result.remark = message
      case nil: break
      }
    case .failed:
      // What a scattered scenario finds is never the same twice.
      guard let seed = result.failingSeed, !result.scenario.isScattered else { return result }
      switch check.findingOfRepetition(of: result.scenario, seed: seed, digest: result.failingDigest) {
      case .nonDeterministic(let message, let parting):
        result.outcome = .nonDeterministic
        result.parting = parting
        result.message = message + "\nWhat broke the first time: \(result.message ?? "")"
      case .hashOrder(let message): result.remark = message
      case nil: break
      }
    case let outcome where outcome.isEndOfProgram:
      guard let seed = result.failingSeed,
        let end = runner.lastHandler(of: result.scenario, seed: seed, outcome: outcome)
      else { return result }
      result.message = (result.message ?? "") + end.words
    default: break
    }
    return result
  }
}
