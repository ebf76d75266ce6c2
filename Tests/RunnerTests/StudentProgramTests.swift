import Checkers
import Foundation
import Glibc
import LabKit
import Runner
import Suites
import Testing

/// Real programs, built from the reference solution with one thing changed, through the real runner.
@Suite("Students' programs", .serialized)
struct StudentProgramTests {
  private static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private let suite = Suites.week1

  init() {
    setenv("LAB_COURSE_FILES", Self.repository.appendingPathComponent("Labs").path, 1)
  }

  /// A course folder with the solution, in which `old` in Raft.swift reads `new`.
  private func course(replacing old: String = "", with new: String = "") throws -> Course {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lab-students-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    _ = try Course.start(suite, in: folder)
    let course = try Course.containing(folder)
    let solution = Self.repository.appendingPathComponent("Solutions/week1-raft/Sources/Raft")
    for name in try Course.sourceFiles(in: solution) {
      var text = try String(contentsOf: solution.appendingPathComponent(name), encoding: .utf8)
      if name == "Raft.swift" && !old.isEmpty {
        try #require(text.contains(old))
        text = "import Glibc\n" + text.replacingOccurrences(of: old, with: new)
      }
      let target = course.folder(of: suite).appendingPathComponent("Sources/Raft/\(name)")
      try text.write(to: target, atomically: true, encoding: .utf8)
    }
    return course
  }

  private func scenario(_ id: String) throws -> Scenario {
    try #require(suite.stages.flatMap(\.scenarios).first { $0.id == id })
  }

  private static let timer = "    case .heartbeat: sendHeartbeats(&context)\n"

  private func verdict(heartbeat: String) throws -> ScenarioResult {
    let course = try course(replacing: Self.timer, with: "    case .heartbeat:\n      \(heartbeat)\n")
    let program = try SwiftBuild(suite, in: course).build()
    return SuiteRunner(program: program, baseSeed: 1).run(try scenario("1A.elect"), seeds: 2)
  }

  @Test("a trap is a crash, with the message and the node")
  func trap() throws {
    let result = try verdict(heartbeat: "let none: [Int] = []; _ = none[currentTerm]")
    #expect(result.outcome == .crashed)
    #expect(result.message?.contains("Fatal error: Index out of range") == true)
    #expect(result.message?.contains("on n") == true)
  }

  @Test("an endless loop is hung")
  func hang() throws {
    let result = try verdict(heartbeat: "while currentTerm >= 0 {}")
    #expect(result.outcome == .hung)
  }

  @Test("leaving early is no pass")
  func leaving() throws {
    let result = try verdict(heartbeat: "print(\"all passed\"); exit(0)")
    #expect(result.outcome == .exited)
    #expect(result.points == 0)
  }

  @Test("a flood on standard output is exhausted")
  func flood() throws {
    let result = try verdict(
      heartbeat: "for _ in 0..<400_000 { print(\"passed passed passed passed passed passed passed passed\") }"
    )
    #expect(result.outcome == .exhausted)
    #expect(result.message?.hasPrefix("output") == true)
  }

  @Test("memory without end is exhausted")
  func memory() throws {
    let result = try verdict(
      heartbeat: "while currentTerm >= 0 { memset(malloc(1 << 28), 1, 1 << 28) }")
    #expect(result.outcome == .exhausted)
    #expect(result.message?.hasPrefix("memory") == true)
  }

  @Test("handlers that answer each other at one instant are exhausted")
  func storm() throws {
    let result = try verdict(heartbeat: "context.setTimer(.heartbeat, after: .zero)")
    #expect(result.outcome == .exhausted)
    #expect(result.message?.hasPrefix("messages") == true)
  }

  @Test("a clock and an early exit are named, with what to do instead")
  func forbiddenUses() throws {
    let course = try course(
      replacing: Self.timer, with: "    case .heartbeat:\n      if time(nil) == 0 { exit(1) }\n")
    let program = try SwiftBuild(suite, in: course).build()
    let kinds = Set(SwiftBuild.forbiddenUses(of: program).map(\.kind))
    #expect(kinds == [.clock, .process])
    let clean = try SwiftBuild(suite, in: try self.course()).build()
    #expect(SwiftBuild.forbiddenUses(of: clean).isEmpty)
  }

  @Test("code that does not compile is named with the student's file and line")
  func compileError() throws {
    let course = try course(replacing: Self.timer, with: "    case .heartbeat: sendHeartbeat(&context)\n")
    let failure = try #require(throws: BuildFailure.self) { try SwiftBuild(suite, in: course).build() }
    #expect(failure.errors.first?.hasPrefix("Sources/Raft/Raft.swift:") == true)
  }

  @Test("a recorded run is carried out again by the program alone, watches and all")
  func recordedRun() throws {
    let program = try SwiftBuild(suite, in: try course()).build()
    let runner = SuiteRunner(program: program, baseSeed: 1)
    let result = runner.runSeed(Self.watching, 7, ProcessPool(program: program), recording: .trace)
    let frames = try #require(result.framesSent)
    func said(_ bytes: [UInt8]) throws -> (status: Int32, output: String) {
      let file = FileManager.default.temporaryDirectory.appendingPathComponent("lab-run-\(UUID()).replay")
      defer { try? FileManager.default.removeItem(at: file) }
      try Data(bytes).write(to: file)
      let process = Process()
      process.executableURL = URL(fileURLWithPath: program)
      process.environment = ["SWIFT_DETERMINISTIC_HASHING": "1", "LAB_REPLAY": file.path]
      let output = Pipe()
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = output
      process.standardError = output
      try process.run()
      let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      return (process.terminationStatus, text)
    }
    let header = RecordedRunHeader(stopsBeforeHandler: 30)
    let whole = try said(RecordedRunFile(header: header, frames: frames).bytes)
    #expect(whole.status == 0)
    #expect(whole.output.contains("lab: next is handler 30, of n"))
    #expect(
      whole.output.contains(
        "after \(result.calls) handlers, at \(result.virtualMilliseconds) ms of virtual time"))
    let empty = try said([])
    #expect(empty.status == 64)
    var old = RecordedRunFile(header: header, frames: frames).bytes
    old[5] = 98
    let refused = try said(old)
    #expect(refused.status == 64)
    #expect(refused.output.contains("LAB_REPLAY: ") && refused.output.contains("version 49 of the protocol"))
  }

  @Test("the same seeds give the same traces together and apart")
  func traceEquality() throws {
    let program = try SwiftBuild(suite, in: try course()).build()
    let together = SuiteRunner(program: program, baseSeed: 1)
    var apart = together
    apart.isApart = true
    let (first, second) = (ProcessPool(program: program), ProcessPool(program: program))
    let ids = ["1A.reelect", "1B.rejoin", "1B.copies", "1C.between", "1C.churn"]
    for scenario in try ids.map(scenario) + [Self.watching] {
      for number in 0..<5 {
        let seed = SuiteRunner.seed(number, base: 99)
        let one = together.runSeed(scenario, seed, first)
        let two = apart.runSeed(scenario, seed, second)
        #expect(one.outcome == .passed)
        #expect(one.digest == two.digest, "\(scenario.id) seed \(seed)")
      }
    }
  }

  /// Leaders crash after the first effect of the handler in which they were elected.
  private static let watching = Scenario("0.watch", "watches", points: 1, program: "raft", clusterSizes: [5])
  {
    trial in
    let role = StatusCondition(field: 0, .became, RaftStatus.Role.leader.rawValue)
    let watch = trial.watch(Watch(.sent, where: [role], maximumHits: 3)) { hit, effect in
      #expect(hit.effects.count { if case .send = $0 { true } else { false } } == 4)
      trial.applyFirst(try #require(effect) + 1)
      trial.crash(hit.node)
      trial.boot(hit.node)
    }
    trial.boot(trial.nodes)
    try trial.advance(milliseconds: 5_000)
    #expect(trial.hits(of: watch) == 3)
  }

  @Test("a scenario that always fails reaches the result: the canary")
  func canary() throws {
    let program = try SwiftBuild(suite, in: try course()).build()
    let canary = Scenario("0.canary", "always fails", points: 1, program: "raft", clusterSizes: [3]) {
      trial in
      trial.boot(trial.nodes)
      try trial.advance(milliseconds: 100)
      throw Violation(property: "Canary", section: "none", evidence: "it always fails")
    }
    let result = SuiteRunner(program: program, baseSeed: 1).run(canary, seeds: 3)
    #expect(result.outcome == .failed)
    #expect(result.points == 0)
    #expect(result.failingSeed == 1)
    #expect(result.message == "Canary: it always fails (none)")
  }
}
