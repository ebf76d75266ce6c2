import Foundation
import Records
import Reports
import Runner

/// Writes a run into the records while it goes on.
final class RunRecorder {
  private let store: ProgressStore
  private let suite: Suite
  private let seed: UInt64
  private let isApart: Bool
  private let sourceDigest: String
  private let run: Int64
  private let started = ContinuousClock.now
  /// The numbers of the failures recorded, by scenario.
  private var failures: [String: Int64] = [:]

  init(
    course: Course, suite: Suite, names: [String], seed: UInt64, isApart: Bool, sourceDigest: String
  ) throws {
    store = try ProgressStore(file: course.database)
    self.suite = suite
    self.seed = seed
    self.isApart = isApart
    self.sourceDigest = sourceDigest
    run = try store.beginRun(
      NewRun(
        week: suite.week, arguments: names.joined(separator: " "), seed: seed,
        mode: isApart ? "apart" : "together", sourceDigest: sourceDigest, labVersion: CourseVersion.lab))
  }

  /// Records how a scenario ended, and its failure for `lab replay`.
  func record(_ result: ScenarioResult, in stage: Stage) throws {
    try store.record(
      ScenarioRecord(
        stage: stage.id, scenario: result.scenario.id, title: result.scenario.title,
        outcome: result.outcome.rawValue, points: result.points, maxPoints: result.scenario.points,
        seedsRun: result.seedsRun, seedsFailed: result.seedsFailed, failingSeed: result.failingSeed,
        message: result.message, virtualMilliseconds: result.virtualMilliseconds,
        wallMilliseconds: result.wallMilliseconds), run: run)
    if failures[result.scenario.id] == nil { try recordFailure(result) }
  }

  /// Keeps a failure at once, before its scenario has ended.
  func recordFailure(_ result: ScenarioResult) throws {
    guard let seed = result.failingSeed else { return }
    let number = try store.recordFailure(
      FailureRecord(
        id: nil, run: run, week: suite.week, scenario: result.scenario.id, seed: seed,
        nodeCount: result.nodeCount,
        outcome: result.outcome.rawValue, message: result.message ?? "", sourceDigest: sourceDigest,
        createdMilliseconds: Int(Date().timeIntervalSince1970 * 1_000)))
    failures[result.scenario.id] = failures[result.scenario.id] ?? number
  }

  /// Keeps the smaller run of a scenario's failure.
  func record(_ run: ShrunkRun, of scenario: String) throws {
    guard let failure = failures[scenario] else { return }
    try store.record(shrunk: ShrunkRecord(run).text(), failure: failure)
  }

  func report(of results: [StageResult]) -> RunReport {
    RunReport(
      week: suite.week, labVersion: CourseVersion.lab, run: run, seed: seed, isApart: isApart,
      results: results, failures: failures)
  }

  /// Records how the run ended.
  func finish(_ report: inout RunReport) throws {
    report.wallMilliseconds = Int((ContinuousClock.now - started) / .milliseconds(1))
    // A run has one pair of points in the records: those of a bonus where nothing else was asked for.
    let isBonusAlone = report.maxPoints == 0
    try store.finishRun(
      run, outcome: report.outcome.rawValue, points: isBonusAlone ? report.bonusPoints : report.points,
      maxPoints: isBonusAlone ? report.maxBonusPoints : report.maxPoints,
      wallMilliseconds: report.wallMilliseconds)
  }

  /// The first stage that is not done, this run counted in.
  func nextStage() throws -> Stage? { try StatusReport(store, suites: [suite]).weeks.first?.next }
}
