import Foundation
import GRDB

extension ProgressStore {
  /// Remembers when a week was begun; the first time counts.
  public func recordBegun(week: String) throws {
    try write { database in
      try database.execute(
        sql: "INSERT OR IGNORE INTO weekBegun (week, milliseconds) VALUES (?, ?)",
        arguments: [week, Int(Date().timeIntervalSince1970 * 1_000)])
    }
  }

  /// The milliseconds that the student has spent on each stage: from each run to the next, pauses of 30 minutes and more
  /// left out.
  ///
  /// - Parameter stages: the week's stages in order, with all their points.
  public func workingMilliseconds(
    week: String, stages: [(id: String, maxPoints: Int)]
  ) throws -> [String: Int] {
    try read { database in
      var points: [Int64: [String: Int]] = [:]
      let rows = try Row.fetchCursor(
        database, sql: "SELECT run, stage, SUM(points) FROM scenarioResult GROUP BY run, stage")
      while let row = try rows.next() { points[row[0], default: [:]][row[1]] = row[2] }
      let runs = try Row.fetchAll(
        database, sql: "SELECT id, week, startedMilliseconds FROM run ORDER BY startedMilliseconds, id"
      ).map { WorkingTime.Run(week: $0[1], startedMilliseconds: $0[2], points: points[$0[0]] ?? [:]) }
      let begun = try Int.fetchAll(database, sql: "SELECT milliseconds FROM weekBegun")
      return WorkingTime.byStage(week: week, runs: runs, begun: begun, stages: stages)
    }
  }
}
