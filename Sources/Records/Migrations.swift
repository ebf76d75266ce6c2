import GRDB

/// The schema's history. The list only grows.
enum Migrations {
  static var all: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 runs, scenarios, failures") { database in
      try database.create(table: "run") { table in
        table.autoIncrementedPrimaryKey("id")
        table.column("week", .text).notNull()
        table.column("arguments", .text).notNull()
        table.column("seed", .text).notNull()
        table.column("mode", .text).notNull()
        table.column("sourceDigest", .text).notNull()
        table.column("labVersion", .text).notNull()
        table.column("processID", .integer).notNull()
        table.column("processStart", .integer).notNull()
        table.column("startedMilliseconds", .integer).notNull()
        table.column("outcome", .text)
        table.column("points", .integer)
        table.column("maxPoints", .integer)
        table.column("wallMilliseconds", .integer)
      }
      try database.create(table: "scenarioResult") { table in
        table.autoIncrementedPrimaryKey("id")
        table.column("run", .integer).notNull().indexed().references("run", onDelete: .cascade)
        table.column("stage", .text).notNull()
        table.column("scenario", .text).notNull()
        table.column("title", .text).notNull()
        table.column("outcome", .text).notNull()
        table.column("points", .integer).notNull()
        table.column("maxPoints", .integer).notNull()
        table.column("seedsRun", .integer).notNull()
        table.column("seedsFailed", .integer).notNull()
        table.column("failingSeed", .text)
        table.column("message", .text)
        table.column("virtualMilliseconds", .integer).notNull()
        table.column("wallMilliseconds", .integer).notNull()
      }
      try database.create(index: "scenarioResultByStage", on: "scenarioResult", columns: ["stage", "run"])
      try database.create(table: "failure") { table in
        table.autoIncrementedPrimaryKey("id")
        table.column("week", .text).notNull()
        table.column("scenario", .text).notNull()
        table.column("seed", .text).notNull()
        table.column("nodeCount", .integer).notNull()
        table.column("outcome", .text).notNull()
        table.column("message", .text).notNull()
        table.column("sourceDigest", .text).notNull()
        table.column("createdMilliseconds", .integer).notNull()
      }
    }
    migrator.registerMigration("2 weeks begun, hints shown") { database in
      try database.create(table: "weekBegun") { table in
        table.primaryKey("week", .text)
        table.column("milliseconds", .integer).notNull()
      }
      try database.create(table: "hintsShown") { table in
        table.column("week", .text).notNull()
        table.column("stage", .text).notNull()
        table.column("count", .integer).notNull()
        table.primaryKey(["week", "stage"])
      }
    }
    migrator.registerMigration("3 failures belong to runs") { database in
      try database.alter(table: "failure") { table in
        table.add(column: "run", .integer).references("run", onDelete: .setNull)
      }
    }
    migrator.registerMigration("4 points without the rows") { database in
      // `lab status` sums up every run; from this index alone it can.
      try database.create(
        index: "scenarioResultPoints", on: "scenarioResult", columns: ["run", "stage", "points"])
    }
    migrator.registerMigration("5 smaller runs of failures") { database in
      try database.alter(table: "failure") { table in table.add(column: "shrunk", .text) }
    }
    return migrator
  }
}
