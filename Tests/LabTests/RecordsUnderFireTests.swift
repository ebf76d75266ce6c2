import Foundation
import GRDB
import Glibc
import Records
import Runner
import Suites
import Testing

@Suite("Records under fire", .serialized)
struct RecordsUnderFireTests {
  private func database(of course: URL) -> URL { course.appendingPathComponent(".lab/progress.sqlite") }

  @Test("eight runs at once in one course folder lose nothing")
  func eightAtOnce() throws {
    let course = try PreparedCourse.copy()
    let processes = try (1...8).map { number in
      try LabProcess(["test", "1A", "--seeds", "2", "--seed", String(number, radix: 16)], in: course)
    }
    for process in processes {
      let said = process.wait()
      #expect(said.status == 0, "\(said.errors)")
    }
    let stage = Suites.week1.stages[0]
    let store = try ProgressStore(file: database(of: course).path)
    let runs = try store.recentRuns(limit: 100)
    #expect(Set(runs.map(\.seed)) == Set(1...8))
    #expect(runs.count == 8)
    #expect(
      runs.allSatisfy { $0.state == "finished" && $0.outcome == "passed" && $0.points == stage.maxPoints })
    #expect(try store.progress(week: "week1").stages.map(\.attempts) == [8])
    let rows = try DatabaseQueue(path: database(of: course).path).read {
      try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM scenarioResult")
    }
    #expect(rows == 8 * stage.scenarios.count)
  }

  @Test(
    "killed at 200 random moments, no run that ended is lost, those cut short are interrupted, nothing is damaged",
    .tags(.slow), .enabled(if: runsSlowTests), .timeLimit(.minutes(5)))
  func killed() throws {
    let course = try PreparedCourse.copy()
    func start(_ seed: Int) throws -> LabProcess {
      try LabProcess(["test", "1A.elect", "--seeds", "3", "--seed", String(seed, radix: 16)], in: course)
    }
    // The moments are spread over the time that a run takes here and now; other work on the machine changes it.
    var usual = Duration.milliseconds(100)
    var ended: Set<UInt64> = []
    var killed: Set<UInt64> = []
    for seed in 1...200 {
      let begun = ContinuousClock.now
      let process = try start(seed)
      let moment = UInt32.random(in: 0...UInt32(usual / .microseconds(1) * 1.3))
      _ = LabProcess.waitUntil(seconds: Double(moment) / 1e6, stepMicroseconds: 1_000) { !process.isRunning }
      process.signal(SIGKILL)
      let said = process.wait()
      if said.isKilled {
        killed.insert(UInt64(seed))
        // Too early each time would be no test, either.
        usual = usual * 1.02
      } else {
        #expect(said.status == 0, "\(said.errors)")
        ended.insert(UInt64(seed))
        usual = (usual * 2 + (ContinuousClock.now - begun)) / 3
      }
    }
    let check = try DatabaseQueue(path: database(of: course).path).read {
      try String.fetchAll($0, sql: "PRAGMA integrity_check")
        + (Row.fetchAll($0, sql: "PRAGMA foreign_key_check").map { "\($0)" })
    }
    #expect(check == ["ok"])
    let runs = try ProgressStore(file: database(of: course).path).recentRuns(limit: 1_000)
    let states = Dictionary(grouping: runs.filter { $0.seed <= 200 }, by: \.seed)
    #expect(states.values.allSatisfy { $0.count == 1 })
    for seed in ended { #expect(states[seed]?.first?.outcome == "passed", "run \(seed) ended and is lost") }
    for (seed, found) in states where found[0].state != "finished" {
      #expect(found[0].state == "interrupted" && killed.contains(seed))
    }
    let interrupted = states.values.filter { $0[0].state == "interrupted" }.count
    // Otherwise the moments were no test.
    #expect(killed.count >= 50)
    #expect(interrupted >= 10)
    #expect(LabProcess.waitUntil(seconds: 5) { TestCommandTests.programs(of: course).isEmpty })
    #expect(try start(0x2000).wait().status == 0)
    let progress = try ProgressStore(file: database(of: course).path).progress(week: "week1")
    #expect(progress.stages.first?.bestPoints == 3)
    print(
      "killed \(killed.count) of 200, \(interrupted) of them left an interrupted run, a run takes \(usual)")
  }

  // MARK: Files that cannot be used

  /// A course folder with one run in its records, all of it in the one file.
  private func recordedCourse() throws -> URL {
    let course = try PreparedCourse.copy()
    let said = try LabProcess.run("test", "1A.elect", "--seeds", "1", in: course)
    #expect(said.status == 0, "\(said.output)\(said.errors)")
    try change(course) { _ in }
    return course
  }

  private func change(_ course: URL, _ body: (Database) throws -> Void) throws {
    let queue = try DatabaseQueue(path: database(of: course).path)
    try queue.write(body)
    try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
    try queue.close()
  }

  private func isRefused(_ course: URL, saying words: String) throws {
    let before = try Data(contentsOf: database(of: course))
    for command in [["status"], ["hint"], ["replay"], ["test", "1A.elect", "--seeds", "1"]] {
      let said = try LabProcess(command, in: course).wait()
      #expect(said.status == 70, "\(command)")
      #expect(said.errors.contains(words), "\(command): \(said.errors)")
      #expect(said.errors.contains(".lab/progress.sqlite"))
      #expect(try Data(contentsOf: database(of: course)) == before, "\(command)")
    }
  }

  @Test("records damaged in the middle are refused and not overwritten")
  func damaged() throws {
    let course = try recordedCourse()
    var data = try Data(contentsOf: database(of: course))
    for offset in stride(from: 4_096, to: data.count, by: 64) { data[offset] ^= 0xFF }
    try data.write(to: database(of: course))
    try isRefused(course, saying: "damaged")
  }

  @Test("records cut short are refused and not overwritten")
  func truncated() throws {
    let course = try recordedCourse()
    let data = try Data(contentsOf: database(of: course))
    try data.prefix(data.count / 2).write(to: database(of: course))
    try isRefused(course, saying: "damaged")
  }

  @Test("records of a newer lab are refused and not overwritten")
  func newer() throws {
    let course = try recordedCourse()
    try change(course) {
      try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('99 from the future')")
    }
    try isRefused(course, saying: "newer lab")
  }

  @Test("records that cannot be written are refused, with what to do")
  func readOnly() throws {
    let course = try recordedCourse()
    let user = try UnprivilegedUser()
    try user.own(course)
    chmod(database(of: course).path, 0o444)
    let before = try Data(contentsOf: database(of: course))
    let said = try user.run(["status"], in: course)
    #expect(said.status == 70)
    #expect(said.errors.contains("cannot be written"), "\(said.errors)")
    #expect(try Data(contentsOf: database(of: course)) == before)
    chmod(database(of: course).path, 0o644)
    let mended = try user.run(["status"], in: course)
    #expect(mended.status == 0, "\(mended.errors)")
  }

  @Test("a week cannot be started in a folder that cannot be written, and lab says so")
  func readOnlyFolder() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lab-read-only-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let user = try UnprivilegedUser()
    try user.own(folder)
    chmod(folder.path, 0o555)
    let said = try user.run(["start", "week1"], in: folder)
    #expect(said.status == 64)
    #expect(said.errors.contains("cannot write \(folder.path)"), "\(said.errors)")
    #expect(said.errors.contains("permission denied"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }
}

/// Somebody to whom file modes apply: root reads and writes everything.
struct UnprivilegedUser {
  private let tools = FileManager.default.temporaryDirectory.appendingPathComponent("lab-tools-\(UUID())")
  private let isRoot = geteuid() == 0
  private let number: uid_t = 65_534

  /// Copies `lab` and what it hands out to where everybody can read it.
  init() throws {
    let files = FileManager.default
    try files.createDirectory(at: tools, withIntermediateDirectories: true)
    // By a process of its own: a file that this one wrote is busy as long as a child forked meanwhile holds it open.
    try Process.run(URL(fileURLWithPath: "/bin/cp"), arguments: [LabProcess.executable.path, tools.path])
      .waitUntilExit()
    for part in ["LabKit", "week1-raft"] {
      try files.copyItem(
        at: LabProcess.repository.appendingPathComponent("Labs/\(part)"),
        to: tools.appendingPathComponent(part))
    }
  }

  /// Gives a folder and everything in it to the user.
  func own(_ folder: URL) throws {
    guard isRoot else { return }
    chown(folder.path, number, number)
    for case let file as URL in FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
      ?? .init()
    {
      chown(file.path, number, number)
    }
  }

  func run(_ arguments: [String], in folder: URL) throws -> LabProcess.Result {
    let launcher =
      isRoot ? ["/usr/bin/setpriv", "--reuid=\(number)", "--regid=\(number)", "--clear-groups"] : []
    return try LabProcess(
      arguments, in: folder, environment: ["LAB_COURSE_FILES": tools.path],
      executable: tools.appendingPathComponent("lab"), launcher: launcher
    ).wait()
  }
}
