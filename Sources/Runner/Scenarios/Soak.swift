import LabKit

/// Draws seeds over the chosen scenarios, round after round, until the time is up.
///
/// A round runs each scenario over as many seeds as `lab test` does and leaves it at its first failure; the next round
/// draws others. So one broken scenario does not use up the time of the rest.
public struct Soak {
  public let selection: [Suite.Selection]
  public var runner: SuiteRunner
  public let duration: Duration
  /// Told of everything as it happens.
  public var tell: (Event) throws -> Void

  /// What a soak tells while it goes on.
  public enum Event: Sendable {
    case scenarioBegan(Scenario, round: Int)
    /// A failure whose property has not been seen broken in this scenario before.
    case found(Stage, ScenarioResult)
    /// A scenario's sum, at the end.
    case scenarioEnded(Stage, ScenarioResult)
  }

  /// - Parameter duration: the whole time; a seed that has begun is ended.
  public init(
    _ selection: [Suite.Selection], runner: SuiteRunner, duration: Duration,
    tell: @escaping (Event) throws -> Void = { _ in }
  ) {
    self.selection = selection
    self.runner = runner
    self.duration = duration
    self.tell = tell
  }

  /// Runs until the time is up, or until no scenario is left that can be run, and returns the sums.
  public func run() throws -> [StageResult] {
    let deadline = ContinuousClock.now + duration
    var sums: [String: ScenarioResult] = [:]
    var seen: Set<String> = []
    var round = 0
    var isGoingOn = true
    while isGoingOn {
      isGoingOn = false
      for selected in selection {
        for scenario in selected.scenarios where sums[scenario.id]?.outcome != .notImplemented {
          guard ContinuousClock.now < deadline else { break }
          try tell(.scenarioBegan(scenario, round: round))
          var runner = runner
          runner.baseSeed = SuiteRunner.seed(round, base: runner.baseSeed)
          runner.deadline = deadline
          let result = runner.run(scenario)
          guard result.seedsRun > 0 else { break }
          isGoingOn = true
          if let property = result.brokenProperty, seen.insert("\(scenario.id) \(property)").inserted {
            try tell(.found(selected.stage, result))
          }
          sums[scenario.id] = sums[scenario.id]?.adding(result) ?? result
        }
      }
      round += 1
    }
    let results = selection.map { selected in
      StageResult(
        stage: selected.stage,
        scenarios: selected.scenarios.map {
          sums[$0.id] ?? ScenarioResult(scenario: $0, outcome: .skipped)
        })
    }
    for stage in results {
      for result in stage.scenarios { try tell(.scenarioEnded(stage.stage, result)) }
    }
    return results
  }
}

extension ScenarioResult {
  /// What broke, without the evidence, which differs from seed to seed.
  public var shortMessage: String { String((message ?? "").prefix { $0 != ":" && $0 != "\n" }) }

  /// What tells one failure from another; none if nothing failed.
  public var brokenProperty: String? {
    // What all seeds miss together has no failing seed.
    failingSeed == nil && outcome != .failed ? nil : "\(outcome.rawValue) \(shortMessage)"
  }

  /// The sum of two results of one scenario. The first failure stays.
  func adding(_ other: ScenarioResult) -> ScenarioResult {
    var sum = failingSeed == nil && (other.failingSeed != nil || outcome == .notExercised) ? other : self
    sum.seedsRun = seedsRun + other.seedsRun
    sum.seedsFailed = seedsFailed + other.seedsFailed
    sum.virtualMilliseconds = virtualMilliseconds + other.virtualMilliseconds
    sum.wallMilliseconds = wallMilliseconds + other.wallMilliseconds
    sum.calls = calls + other.calls
    return sum
  }
}
