import Runner

/// What one `lab test` came to, as a value that every kind of report is made from.
public struct RunReport: Sendable {
  /// Rises when a key is renamed, removed or given another meaning; new keys do not raise it.
  public static let schema = 1

  public var week: String
  public var labVersion: String
  /// The run's number in the records.
  public var run: Int64?
  public var seed: UInt64
  public var isApart: Bool
  public var outcome: Outcome
  public var stages: [StageReport]
  /// The compiler's errors, if the code did not build.
  public var buildErrors: [String] = []
  /// A smaller run of the first failure.
  public var shrunk: ShrunkRun?
  /// What the first failure said when it was run once more, if that is more than it said before.
  public var explanation: String?
  /// The picture of the first failure, and where it lies, as seen from the course folder.
  public var picture: RunPicture?
  public var pictureFile: String?
  /// Where the history of its clients' operations lies, if they left one.
  public var historyFile: String?
  /// Of the first failing scenario, how many seeds fail of those that were run to tell.
  public var failingShare: (failed: Int, run: Int)?
  /// What was noticed and costs no points.
  public var warnings: [String] = []
  public var wallMilliseconds = 0

  public var points: Int { sum(\.points, isBonus: false) }
  public var maxPoints: Int { sum(\.maxPoints, isBonus: false) }
  public var bonusPoints: Int { sum(\.points, isBonus: true) }
  public var maxBonusPoints: Int { sum(\.maxPoints, isBonus: true) }

  /// "85 of 100 points", and those of a bonus if there is one.
  public var pointsInWords: String {
    Screen.points(points, of: maxPoints, bonus: bonusPoints, of: maxBonusPoints)
  }

  private func sum(_ points: (StageResult) -> Int, isBonus: Bool) -> Int {
    stages.filter { $0.result.stage.isBonus == isBonus }.reduce(0) { $0 + points($1.result) }
  }

  /// Every scenario that ran and did not pass, in order.
  public var failures: [ScenarioReport] {
    stages.flatMap(\.scenarios).filter { $0.result.outcome != .passed && $0.result.outcome != .skipped }
  }

  /// - Parameter failures: the numbers under which failures can be replayed, by scenario.
  public init(
    week: String, labVersion: String, run: Int64?, seed: UInt64, isApart: Bool, results: [StageResult],
    failures: [String: Int64]
  ) {
    self.week = week
    self.labVersion = labVersion
    self.run = run
    self.seed = seed
    self.isApart = isApart
    outcome = Outcome.combined(results.map(\.outcome))
    stages = results.map { result in
      StageReport(
        result: result,
        scenarios: result.scenarios.map { ScenarioReport(result: $0, failure: failures[$0.scenario.id]) })
    }
  }
}

public struct StageReport: Sendable {
  public let result: StageResult
  public let scenarios: [ScenarioReport]
}

public struct ScenarioReport: Sendable {
  public let result: ScenarioResult
  /// The number that `lab replay` takes.
  public let failure: Int64?

  /// The command that runs exactly the seed that failed.
  public var commandAgain: String? {
    result.failingSeed.map { "lab test \(result.scenario.id) --seed \(Screen.seed($0)) --seeds 1" }
  }
}
