/// A run that is about to begin.
public struct NewRun: Sendable {
  public var week: String
  /// What was asked for, as typed.
  public var arguments: String
  public var seed: UInt64
  /// "together" or "apart".
  public var mode: String
  public var sourceDigest: String
  public var labVersion: String

  public init(
    week: String, arguments: String, seed: UInt64, mode: String, sourceDigest: String, labVersion: String
  ) {
    self.week = week
    self.arguments = arguments
    self.seed = seed
    self.mode = mode
    self.sourceDigest = sourceDigest
    self.labVersion = labVersion
  }
}

/// How one scenario ended in a run.
public struct ScenarioRecord: Sendable, Equatable {
  public var stage: String
  public var scenario: String
  public var title: String
  public var outcome: String
  public var points: Int
  public var maxPoints: Int
  public var seedsRun: Int
  public var seedsFailed: Int
  public var failingSeed: UInt64?
  public var message: String?
  public var virtualMilliseconds: Int
  public var wallMilliseconds: Int

  public init(
    stage: String, scenario: String, title: String, outcome: String, points: Int, maxPoints: Int,
    seedsRun: Int,
    seedsFailed: Int, failingSeed: UInt64?, message: String?, virtualMilliseconds: Int, wallMilliseconds: Int
  ) {
    self.stage = stage
    self.scenario = scenario
    self.title = title
    self.outcome = outcome
    self.points = points
    self.maxPoints = maxPoints
    self.seedsRun = seedsRun
    self.seedsFailed = seedsFailed
    self.failingSeed = failingSeed
    self.message = message
    self.virtualMilliseconds = virtualMilliseconds
    self.wallMilliseconds = wallMilliseconds
  }
}

/// A run as it stands in the records.
public struct RunSummary: Sendable, Equatable {
  public var id: Int64
  public var week: String
  public var arguments: String
  public var seed: UInt64
  /// "running", "finished" or "interrupted".
  public var state: String
  public var outcome: String?
  public var points: Int?
  public var maxPoints: Int?
  public var startedMilliseconds: Int
  public var wallMilliseconds: Int?
}

/// Where a student stands in a week.
public struct WeekProgress: Sendable, Equatable {
  public var stages: [StageProgress]
  public var runs: Int
}

/// Where a student stands in a stage.
public struct StageProgress: Sendable, Equatable {
  public var stage: String
  /// The most points of this stage in any single run.
  public var bestPoints: Int
  public var attempts: Int
  /// "passed", or the first outcome of the latest run that was not.
  public var latestOutcome: String
}

/// A failure that can be replayed.
public struct FailureRecord: Sendable, Equatable {
  public var id: Int64?
  /// The run that found it.
  public var run: Int64?
  public var week: String
  public var scenario: String
  public var seed: UInt64
  public var nodeCount: Int
  public var outcome: String
  public var message: String
  public var sourceDigest: String
  public var createdMilliseconds: Int
  /// The smaller run that fails in the same way, as a document of whoever found it; nil if there is none.
  public var shrunk: String?

  public init(
    id: Int64?, run: Int64?, week: String, scenario: String, seed: UInt64, nodeCount: Int, outcome: String,
    message: String,
    sourceDigest: String, createdMilliseconds: Int, shrunk: String? = nil
  ) {
    self.id = id
    self.run = run
    self.week = week
    self.scenario = scenario
    self.seed = seed
    self.nodeCount = nodeCount
    self.outcome = outcome
    self.message = message
    self.sourceDigest = sourceDigest
    self.createdMilliseconds = createdMilliseconds
    self.shrunk = shrunk
  }
}
