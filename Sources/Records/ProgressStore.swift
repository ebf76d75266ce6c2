import Foundation
import GRDB

/// A course folder's records: runs, what came of each scenario, failures to replay.
///
/// Several processes may use one file at once.
public struct ProgressStore: Sendable {
  private let pool: DatabasePool
  let file: String

  /// Opens the records, making them if there are none.
  ///
  /// Throws `RecordsError` if the file is damaged, newer than this program or not to be written; it is left untouched.
  public init(file: String) throws {
    self.file = file
    var configuration = Configuration()
    configuration.busyMode = .timeout(15)
    configuration.foreignKeysEnabled = true
    do {
      // Two processes that made the tables at once would each find those of the other in their way.
      pool = try FileLock.holding(file + ".lock") {
        if FileManager.default.fileExists(atPath: file) { try Self.inspect(file) }
        let pool = try DatabasePool(path: file, configuration: configuration)
        // Asked again, for a file that only a writer can open could not be looked at before.
        if try pool.read(Migrations.all.hasBeenSuperseded) { throw RecordsError.newer(file: file) }
        try Migrations.all.migrate(pool)
        return pool
      }
    } catch let error as DatabaseError {
      throw RecordsError(error, file: file)
    }
  }

  /// Looks at a file that is there already without writing to it.
  private static func inspect(_ file: String) throws {
    let size = (try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int) ?? 0
    // SQLite writes its log beside the file, and even a reader makes files there, in the mode that the file has.
    let folder = (file as NSString).deletingLastPathComponent
    for path in [file, folder] where !FileManager.default.isWritableFile(atPath: path) {
      throw RecordsError.readOnly(file: file)
    }
    guard size > 0 else { return }
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(15)
    do {
      let queue = try DatabaseQueue(path: file, configuration: configuration)
      try queue.read { database in
        if try Migrations.all.hasBeenSuperseded(database) { throw RecordsError.newer(file: file) }
        guard try String.fetchOne(database, sql: "PRAGMA quick_check(1)") == "ok" else {
          throw RecordsError.damaged(file: file)
        }
      }
    } catch let error as DatabaseError
      where error.resultCode == .SQLITE_CANTOPEN || error.resultCode == .SQLITE_READONLY
    {
      // Changes that a killed process left half made are completed or taken back by a writer alone.
      // The file may be written, as was seen above, so that is what a reader's refusal means here.
    }
  }

  func write<Value>(_ body: (Database) throws -> Value) throws -> Value {
    do { return try pool.write(body) } catch let error as DatabaseError {
      throw RecordsError(error, file: file)
    }
  }

  func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
    do { return try pool.read(body) } catch let error as DatabaseError {
      throw RecordsError(error, file: file)
    }
  }

  // MARK: Runs

  /// Records that a run has begun, and returns its number.
  public func beginRun(_ run: NewRun) throws -> Int64 { try beginRun(run, by: .current) }

  func beginRun(_ run: NewRun, by process: ProcessIdentity) throws -> Int64 {
    try write { database in
      try database.execute(
        sql: """
          INSERT INTO run (week, arguments, seed, mode, sourceDigest, labVersion, processID, processStart, startedMilliseconds)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          run.week, run.arguments, hexadecimal(run.seed), run.mode, run.sourceDigest, run.labVersion,
          process.number,
          process.startTicks, Int(Date().timeIntervalSince1970 * 1_000),
        ])
      return database.lastInsertedRowID
    }
  }

  /// Records how a scenario ended, as soon as it has.
  public func record(_ result: ScenarioRecord, run: Int64) throws {
    try write { database in
      try database.execute(
        sql: """
          INSERT INTO scenarioResult (run, stage, scenario, title, outcome, points, maxPoints, seedsRun, seedsFailed,
            failingSeed, message, virtualMilliseconds, wallMilliseconds)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          run, result.stage, result.scenario, result.title, result.outcome, result.points, result.maxPoints,
          result.seedsRun, result.seedsFailed, result.failingSeed.map(hexadecimal), result.message,
          result.virtualMilliseconds, result.wallMilliseconds,
        ])
    }
  }

  /// Records how a run ended. A run that has ended is never changed again.
  public func finishRun(_ id: Int64, outcome: String, points: Int, maxPoints: Int, wallMilliseconds: Int)
    throws
  {
    try write { database in
      try database.execute(
        sql: """
          UPDATE run SET outcome = ?, points = ?, maxPoints = ?, wallMilliseconds = ? WHERE id = ? AND outcome IS NULL
          """,
        arguments: [outcome, points, maxPoints, wallMilliseconds, id])
    }
  }

  /// The newest runs, the newest first. A run whose process is gone without an end is "interrupted".
  public func recentRuns(limit: Int) throws -> [RunSummary] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT * FROM run ORDER BY id DESC LIMIT ?", arguments: [limit]).map {
        row in
        let outcome: String? = row["outcome"]
        let process = ProcessIdentity(number: row["processID"], startTicks: row["processStart"])
        return RunSummary(
          id: row["id"], week: row["week"], arguments: row["arguments"], seed: number(row["seed"]),
          state: outcome != nil ? "finished" : process.isAlive ? "running" : "interrupted", outcome: outcome,
          points: row["points"], maxPoints: row["maxPoints"], startedMilliseconds: row["startedMilliseconds"],
          wallMilliseconds: row["wallMilliseconds"])
      }
    }
  }

  // MARK: Progress

  /// Where the student stands in a week. Interrupted runs count for what they completed.
  public func progress(week: String) throws -> WeekProgress {
    try read { database in
      let runs =
        try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM run WHERE week = ?", arguments: [week]) ?? 0
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT stage, MAX(points) AS best, COUNT(*) AS attempts, MAX(run) AS latest FROM (
            SELECT stage, run, SUM(points) AS points FROM scenarioResult
            WHERE run IN (SELECT id FROM run WHERE week = ?) GROUP BY run, stage
          ) GROUP BY stage ORDER BY stage
          """, arguments: [week])
      let stages = try rows.map { row in
        let stage: String = row["stage"]
        let failed = try String.fetchOne(
          database,
          sql: """
            SELECT outcome FROM scenarioResult WHERE run = ? AND stage = ? AND outcome <> 'passed' ORDER BY id LIMIT 1
            """, arguments: [row["latest"] as Int64, stage])
        return StageProgress(
          stage: stage, bestPoints: row["best"], attempts: row["attempts"], latestOutcome: failed ?? "passed")
      }
      return WeekProgress(stages: stages, runs: runs)
    }
  }

  // MARK: Failures

  /// Keeps a failure for `lab replay`, and returns its number.
  public func recordFailure(_ failure: FailureRecord) throws -> Int64 {
    try write { database in
      try database.execute(
        sql: """
          INSERT INTO failure (run, week, scenario, seed, nodeCount, outcome, message, sourceDigest, createdMilliseconds)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          failure.run, failure.week, failure.scenario, hexadecimal(failure.seed), failure.nodeCount,
          failure.outcome,
          failure.message, failure.sourceDigest, failure.createdMilliseconds,
        ])
      return database.lastInsertedRowID
    }
  }

  /// Keeps the smaller run that was found for a failure.
  public func record(shrunk: String, failure id: Int64) throws {
    try write { database in
      try database.execute(sql: "UPDATE failure SET shrunk = ? WHERE id = ?", arguments: [shrunk, id])
    }
  }

  public func failure(_ id: Int64) throws -> FailureRecord? {
    try fetchFailure("SELECT * FROM failure WHERE id = ?", [id])
  }

  /// The first failure of the newest run that has one.
  public func latestFailure() throws -> FailureRecord? {
    try fetchFailure("SELECT * FROM failure ORDER BY COALESCE(run, 0) DESC, id LIMIT 1", [])
  }

  private func fetchFailure(_ sql: String, _ arguments: StatementArguments) throws -> FailureRecord? {
    try read { database in
      try Row.fetchOne(database, sql: sql, arguments: arguments).map { row in
        FailureRecord(
          id: row["id"], run: row["run"], week: row["week"], scenario: row["scenario"],
          seed: number(row["seed"]),
          nodeCount: row["nodeCount"], outcome: row["outcome"], message: row["message"],
          sourceDigest: row["sourceDigest"], createdMilliseconds: row["createdMilliseconds"],
          shrunk: row["shrunk"])
      }
    }
  }
}

/// Seeds have 64 bits without a sign, which SQLite has no number for.
private func hexadecimal(_ seed: UInt64) -> String { String(seed, radix: 16) }
private func number(_ text: String) -> UInt64 { UInt64(text, radix: 16) ?? 0 }
