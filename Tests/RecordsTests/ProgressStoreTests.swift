import Foundation
import GRDB
import Records
import Testing

@Suite("Progress records")
struct ProgressStoreTests {
  private func temporaryFile() -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("records-\(UUID()).sqlite").path
  }

  private let run = NewRun(
    week: "week1", arguments: "1A", seed: .max, mode: "together", sourceDigest: "abc", labVersion: "0")

  private func result(_ scenario: String, points: Int, outcome: String = "passed") -> ScenarioRecord {
    ScenarioRecord(
      stage: "1A", scenario: scenario, title: scenario, outcome: outcome, points: points, maxPoints: 3,
      seedsRun: 10,
      seedsFailed: 0, failingSeed: nil, message: nil, virtualMilliseconds: 1, wallMilliseconds: 1)
  }

  @Test("a run that was begun, filled and finished reads back as it was")
  func roundTrip() throws {
    let store = try ProgressStore(file: temporaryFile())
    let id = try store.beginRun(run)
    try store.record(result("1A.elect", points: 3), run: id)
    #expect(try store.recentRuns(limit: 1).first?.state == "running")
    try store.finishRun(id, outcome: "passed", points: 3, maxPoints: 3, wallMilliseconds: 7)
    let summary = try #require(try store.recentRuns(limit: 1).first)
    #expect(summary.state == "finished")
    #expect(summary.seed == .max)
    #expect(summary.points == 3)
    try store.finishRun(id, outcome: "failed", points: 0, maxPoints: 3, wallMilliseconds: 7)
    #expect(try store.recentRuns(limit: 1).first?.outcome == "passed")
  }

  @Test("a stage's points are the best of any single run, its outcome the latest")
  func progress() throws {
    let store = try ProgressStore(file: temporaryFile())
    for (points, outcome) in [(2, "passed"), (3, "passed"), (0, "failed")] {
      let id = try store.beginRun(run)
      try store.record(result("1A.elect", points: points), run: id)
      try store.record(result("1A.tie", points: points, outcome: outcome), run: id)
    }
    let stage = try #require(try store.progress(week: "week1").stages.first)
    #expect(stage.bestPoints == 6)
    #expect(stage.attempts == 3)
    #expect(stage.latestOutcome == "failed")
  }

  @Test("a file that is no database is refused and stays as it was")
  func damaged() throws {
    let file = temporaryFile()
    let text = Data(String(repeating: "these are my notes, not a database\n", count: 50).utf8)
    try text.write(to: URL(fileURLWithPath: file))
    #expect(throws: RecordsError.damaged(file: file)) { try ProgressStore(file: file) }
    #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == text)
  }

  @Test(
    "records whose maker was killed in the middle of a change are as they were before it",
    arguments: ["DELETE", "WAL"])
  func killedInTheMiddle(journal: String) throws {
    let origin = temporaryFile()
    let id = try ProgressStore(file: origin).beginRun(run)
    let queue = try DatabaseQueue(path: origin)
    let copy = temporaryFile()
    try queue.writeWithoutTransaction { database in
      try database.execute(sql: "PRAGMA journal_mode = \(journal); PRAGMA cache_size = 1; BEGIN IMMEDIATE")
      try database.execute(sql: "UPDATE run SET arguments = 'half'")
      try database.execute(sql: "CREATE TABLE half AS SELECT randomblob(1000000) AS filler")
      // What a process leaves behind that is killed here: its changes are in part on the disk, its locks are gone.
      for part in ["", "-journal", "-wal"] where FileManager.default.fileExists(atPath: origin + part) {
        try FileManager.default.copyItem(atPath: origin + part, toPath: copy + part)
      }
      try database.execute(sql: "ROLLBACK")
    }
    let left = journal == "WAL" ? "-wal" : "-journal"
    #expect(FileManager.default.fileExists(atPath: copy + left))
    let store = try ProgressStore(file: copy)
    #expect(try store.recentRuns(limit: 9).map(\.id) == [id])
    #expect(try store.recentRuns(limit: 9).map(\.arguments) == ["1A"])
  }

  @Test("eight writers at once lose nothing")
  func concurrentWriters() throws {
    let file = temporaryFile()
    _ = try ProgressStore(file: file)
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      do {
        let store = try ProgressStore(file: file)
        for _ in 0..<25 {
          let id = try store.beginRun(run)
          try store.record(result("1A.elect", points: 1), run: id)
          try store.finishRun(id, outcome: "passed", points: 1, maxPoints: 1, wallMilliseconds: 1)
        }
      } catch {
        Issue.record(error)
      }
    }
    let runs = try ProgressStore(file: file).recentRuns(limit: 1_000)
    #expect(runs.count == 200)
    #expect(runs.allSatisfy { $0.state == "finished" })
  }
}
