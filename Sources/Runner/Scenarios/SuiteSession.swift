/// One run of a suite against a built program: goes as far as the stages allow, and tells what happens.
public struct SuiteSession {
  public let suite: Suite
  public var runner: SuiteRunner
  /// Names of stages and scenarios; all if there are none.
  public var only: [String]
  /// How many seeds each scenario runs, instead of its own number.
  public var seeds: Int?
  /// Whether stages run whose forerunner fails.
  public var runsAll: Bool
  /// Whether a few seeds of each stage are run in other ways as well, to see that nodes share nothing, and whether
  /// failures are looked into by running them again.
  public var checksIsolation = false
  /// Told of everything as it happens.
  public var tell: (SuiteEvent) throws -> Void

  public init(
    suite: Suite, runner: SuiteRunner, only: [String] = [], seeds: Int? = nil, runsAll: Bool = false,
    tell: @escaping (SuiteEvent) throws -> Void = { _ in }
  ) {
    self.suite = suite
    self.runner = runner
    self.only = only
    self.seeds = seeds
    self.runsAll = runsAll
    self.tell = tell
  }

  /// Runs the selection and returns every scenario's result, those that were skipped among them.
  public func run() throws -> [StageResult] {
    var results: [StageResult] = []
    for selected in try suite.selection(only) {
      let stage = selected.stage
      let missing = stage.needs.first { need in
        results.contains { $0.stage.id == need && $0.outcome != .passed }
      }
      if let missing, !runsAll, only.isEmpty {
        try tell(.stageSkipped(stage, missing: missing))
        results.append(StageResult(stage: stage, scenarios: selected.scenarios.map(Self.skipped)))
        continue
      }
      if stage.isBonus, only.isEmpty, !runsAll, !isBegun(selected) {
        try tell(.bonusNotBegun(stage))
        continue
      }
      try tell(.stageBegan(stage))
      let checked = checked(selected.scenarios)
      var ended: [ScenarioResult] = []
      for scenario in selected.scenarios {
        // Nothing further in this stage can run before the function is written. A bonus has parts that need no other.
        if ended.last?.outcome == .notImplemented, !stage.isBonus { break }
        try tell(.scenarioBegan(scenario, seeds: seeds ?? scenario.seeds))
        var result = runner.run(scenario, seeds: seeds)
        if checksIsolation { result = doubted(result, checksIsolation: checked.contains(scenario.id)) }
        ended.append(result)
        try tell(.scenarioEnded(stage, result))
      }
      let rest = selected.scenarios.dropFirst(ended.count).map(Self.skipped)
      results.append(StageResult(stage: stage, scenarios: ended + rest))
    }
    return results
  }

  /// Whether the first scenario finds its function written. Nobody owes a bonus: one that is not begun is no failure.
  private func isBegun(_ selected: Suite.Selection) -> Bool {
    guard let first = selected.scenarios.first else { return false }
    var runner = runner
    runner.seedEnded = nil
    return runner.run(first, seeds: 1).outcome != .notImplemented
  }

  private static func skipped(_ scenario: Scenario) -> ScenarioResult {
    ScenarioResult(scenario: scenario, outcome: .skipped)
  }
}

/// What a session tells while it goes on.
public enum SuiteEvent: Sendable {
  case stageBegan(Stage)
  /// The stage needs another one that has not passed.
  case stageSkipped(Stage, missing: String)
  /// The stage is a bonus that the student has not begun. It has no results.
  case bonusNotBegun(Stage)
  case scenarioBegan(Scenario, seeds: Int)
  case scenarioEnded(Stage, ScenarioResult)
}

/// What became of a stage, as far as it was asked for.
public struct StageResult: Sendable {
  public let stage: Stage
  public var scenarios: [ScenarioResult]

  public init(stage: Stage, scenarios: [ScenarioResult]) {
    self.stage = stage
    self.scenarios = scenarios
  }

  public var outcome: Outcome { Outcome.combined(scenarios.map(\.outcome)) }
  public var points: Int { scenarios.reduce(0) { $0 + $1.points } }
  public var maxPoints: Int { scenarios.reduce(0) { $0 + $1.scenario.points } }
}
