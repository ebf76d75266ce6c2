import Foundation
import LabKit
import Runner
import Suites
import Testing

/// Nodes that are not what their seed makes them, from programs that were really built.
@Suite("Isolation", .serialized)
struct IsolationTests {
  /// Builds the solution with another way to choose the election timeout, and runs 1A.elect as `lab test` does.
  private func verdict(
    timeout: String, importing modules: [String] = [], declaring declarations: String = ""
  ) throws -> (result: ScenarioResult, uses: [ForbiddenUse]) {
    let student = try StudentCourse("isolation")
    let file = "Raft+Election.swift"
    try student.replace("context.random(in: electionTimeoutMilliseconds)", with: timeout, in: file)
    let imports = (["LabKit"] + modules).map { "import \($0)\n" }.joined()
    try student.replace("import LabKit\n", with: imports + declarations + "\n", in: file)
    return try verdict(of: student)
  }

  private func verdict(of student: StudentCourse) throws -> (result: ScenarioResult, uses: [ForbiddenUse]) {
    let program = try student.build()
    var session = SuiteSession(
      suite: student.suite, runner: SuiteRunner(program: program, baseSeed: 1), only: ["1A.elect"], seeds: 20)
    session.checksIsolation = true
    let result = try #require(try session.run().first?.scenarios.first)
    return (result, SwiftBuild.forbiddenUses(of: program))
  }

  /// That the message shows an event, and what each of two runs did then.
  private func expectParting(_ result: ScenarioResult, _ first: String, _ second: String) {
    let lines = result.message?.split(separator: "\n").map(String.init) ?? []
    #expect(lines.contains { $0.hasPrefix("They part at ") && $0.contains(" ms, after: n") }, "\(lines)")
    #expect(lines.contains { $0.hasPrefix("  \(first):") }, "\(lines)")
    #expect(lines.contains { $0.hasPrefix("  \(second):") }, "\(lines)")
    #expect(result.failingSeed != nil)
    #expect(result.points == 0)
  }

  @Test("a correct node is found to be what it is")
  func correct() throws {
    let (result, uses) = try verdict(of: StudentCourse("isolation"))
    #expect(result.outcome == .passed)
    #expect(result.remark == nil)
    #expect(uses.isEmpty)
  }

  @Test("a node that reads the clock is non-deterministic, with the event where two runs part")
  func clock() throws {
    let (result, uses) = try verdict(
      timeout: "150 + milliseconds()", importing: ["Glibc"],
      declaring: """
        func milliseconds() -> Int {
          var time = timespec()
          clock_gettime(CLOCK_REALTIME, &time)
          return time.tv_nsec / 1_000 % 151
        }
        """)
    #expect(result.outcome == .nonDeterministic)
    #expect(result.message?.hasPrefix("Two runs of this seed differ") == true)
    expectParting(result, "first", "second")
    #expect(uses.map(\.kind) == [.clock])
    #expect(uses.first?.file == "Raft+Election.swift")
    #expect(uses.first?.description.contains("context.setTimer") == true)
  }

  @Test("a node that draws from the system's random source is non-deterministic")
  func systemRandom() throws {
    let (result, uses) = try verdict(timeout: "Int.random(in: electionTimeoutMilliseconds)")
    #expect(result.outcome == .nonDeterministic)
    expectParting(result, "first", "second")
    #expect(uses.map(\.kind) == [.randomness])
    #expect(uses.first?.description.contains("context.random(in:)") == true)
  }

  @Test("nodes that share a global Mutex are non-deterministic")
  func globalMutex() throws {
    let (result, uses) = try verdict(
      timeout: "150 + count.withLock { $0 += 37; return $0 % 151 }", importing: ["Synchronization"],
      declaring: "let count = Mutex(0)")
    #expect(result.outcome == .nonDeterministic)
    #expect(result.message?.hasPrefix("The nodes share something") == true)
    expectParting(result, "one process", "a process each")
    #expect(uses.map(\.kind) == [.sharedState])
  }

  @Test("nodes that share an object are non-deterministic, although no symbol gives it away")
  func sharedObject() throws {
    let student = try StudentCourse("isolation")
    try student.replace("  let id: NodeID\n", with: "  let id: NodeID\n  let board = Board.shared\n")
    try student.write(
      """
      final class Board: @unchecked Sendable, Hashable {
        static let shared = Board()
        var count = 0
        func next() -> Int { count += 37; return count % 151 }
        static func == (left: Board, right: Board) -> Bool { true }
        func hash(into hasher: inout Hasher) {}
      }
      """, to: "Board.swift")
    try student.replace(
      "context.random(in: electionTimeoutMilliseconds)", with: "150 + board.next()",
      in: "Raft+Election.swift")
    let (result, uses) = try verdict(of: student)
    #expect(result.outcome == .nonDeterministic)
    expectParting(result, "one process", "a process each")
    #expect(uses.isEmpty)
  }

  @Test("a node that goes through a set while sending is told to sort, and loses no points")
  func hashOrder() throws {
    let student = try StudentCourse("isolation")
    try student.replace(
      "var peers: [NodeID] { log.members.filter { $0 != id } }",
      with: "var peers: Set<NodeID> { Set(log.members.filter { $0 != id }) }")
    let (result, _) = try verdict(of: student)
    #expect(result.outcome == .passed)
    #expect(result.points == result.scenario.points)
    let remark = try #require(result.remark)
    #expect(remark.contains("Sort before you go through it"))
    #expect(remark.contains("They part at "))
    #expect(remark.contains("timer election"))
  }

  @Test("a program that remembers earlier runs is non-deterministic")
  func remembersRuns() throws {
    // Each node counts for itself, so that all that passes from one to another passes from run to run.
    let (result, _) = try verdict(
      timeout: "150 + (counts[id.number].next() + context.random(in: 0...50)) % 151",
      declaring: """
        final class Count: @unchecked Sendable {
          var count = 0
          func next() -> Int { count += 37; return count }
        }
        let counts = (0...9).map { _ in Count() }
        """)
    #expect(result.outcome == .nonDeterministic)
    #expect(result.message?.hasPrefix("The program remembers earlier runs") == true)
    expectParting(result, "fresh", "used")
  }
}
