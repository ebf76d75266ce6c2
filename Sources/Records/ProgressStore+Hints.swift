import GRDB

extension ProgressStore {
  /// How many hints of a stage the student has seen.
  public func hintsShown(week: String, stage: String) throws -> Int {
    try read { database in
      try Int.fetchOne(
        database, sql: "SELECT count FROM hintsShown WHERE week = ? AND stage = ?", arguments: [week, stage])
        ?? 0
    }
  }

  /// Remembers that so many hints of a stage were seen. The number never falls.
  public func recordHints(_ count: Int, week: String, stage: String) throws {
    try write { database in
      try database.execute(
        sql: """
          INSERT INTO hintsShown (week, stage, count) VALUES (?, ?, ?)
          ON CONFLICT (week, stage) DO UPDATE SET count = MAX(count, excluded.count)
          """, arguments: [week, stage, count])
    }
  }
}
