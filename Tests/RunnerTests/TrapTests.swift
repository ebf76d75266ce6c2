import Foundation
import Glibc
import LabKit
import Runner
import Testing

/// What a student is told of a trap, from programs that really trap.
@Suite("Traps", .serialized)
struct TrapTests {
  /// A way to trap, the line of `trapping` that does it, and what is said of it in a debug and in a release build.
  struct Trap: Sendable, CustomTestStringConvertible {
    let number: UInt8
    let code: String
    let debug: String
    let release: String
    var testDescription: String { code }
  }

  static let traps: [Trap] = [
    Trap(
      number: 1, code: "print(none[Int(kind)])", debug: "Fatal error: Index out of range",
      release: "Fatal error: a check failed in Array.subscript.getter"),
    Trap(
      number: 2, code: "print(none.first!)",
      debug: "Fatal error: Unexpectedly found nil while unwrapping an Optional value",
      release: "Fatal error: Unexpectedly found nil while unwrapping an Optional value"),
    Trap(
      number: 3, code: "print(Int.max - none.count + Int(kind))", debug: "Fatal error: arithmetic overflow",
      release: "Fatal error: arithmetic overflow"),
    Trap(
      number: 4, code: "precondition(none.count > 3, \"the log is too short\")",
      debug: "Precondition failed: the log is too short", release: "Fatal error: precondition failure"),
    Trap(
      number: 5, code: "fatalError(\"cannot happen\")", debug: "Fatal error: cannot happen",
      release: "Fatal error: cannot happen"),
    Trap(
      number: 6, code: "print(deeper(0))",
      debug: "stack overflow: Raft.deeper(_:) calls itself without end",
      release: "stack overflow: Raft.deeper(_:) calls itself without end"),
    Trap(
      number: 7, code: "print(10 / none.count)", debug: "Fatal error: Division by zero",
      release: "Fatal error: Division by zero"),
    Trap(
      number: 8, code: "print(UnsafePointer<Int>(bitPattern: 16 + none.count)!.pointee)",
      debug: "bad memory access (signal 11)", release: "bad memory access (signal 11)"),
  ]

  private static let deeper = "func deeper(_ n: Int) -> Int { n < 0 ? n : deeper(n + 1) + deeper(n + 2) }"

  /// The source file, a trap a line, in the order of the table.
  private static let source =
    """
    extension Raft {
      func trap(_ kind: UInt8) {
        let none: [Int] = []
        switch kind {
    \(traps.map { "    case \($0.number): \($0.code)" }.joined(separator: "\n"))
        default: break
        }
      }
      \(deeper)
    }
    """

  private static func line(of code: String) -> Int {
    (source.components(separatedBy: "\n").firstIndex { $0.hasSuffix(code) } ?? -2) + 1
  }

  private func program(_ configuration: SwiftBuild.Configuration) throws -> String {
    let student = try StudentCourse("traps")
    try student.write(Self.source, to: "Raft+Traps.swift")
    try student.replace(
      "    guard role == .leader else {\n      context.reply(.notLeader",
      with:
        "    trap(command.payload.first ?? 0)\n    guard role == .leader else {\n      context.reply(.notLeader"
    )
    return try student.build(configuration)
  }

  private func run(_ trap: Trap, _ program: String, isApart: Bool) -> SuiteRunner.SeedResult {
    let scenario = Scenario("0.trap", "one request traps", points: 1, program: "raft", clusterSizes: [3]) {
      trial in
      trial.boot(trial.nodes)
      try trial.advance(milliseconds: 1_000)
      _ = trial.request(RaftRequest.propose(Command(id: 1, payload: [trap.number])), to: 2)
      try trial.advance(milliseconds: 1_000)
    }
    var runner = SuiteRunner(program: program, baseSeed: 1)
    runner.isApart = isApart
    return runner.runSeed(scenario, 1, ProcessPool(program: program))
  }

  @Test(
    "a trap is told with its reason and the student's line",
    arguments: [SwiftBuild.Configuration.debug, .release])
  func trapIsTold(_ configuration: SwiftBuild.Configuration) throws {
    let program = try program(configuration)
    for trap in Self.traps {
      let started = ContinuousClock.now
      let result = run(trap, program, isApart: trap.number % 2 == 0)
      let code = trap.number == 6 ? Self.deeper : trap.code
      let place = "Sources/Raft/Raft+Traps.swift:\(Self.line(of: code))"
      let said = configuration == .debug ? trap.debug : trap.release
      #expect(result.outcome == .crashed, "\(trap.code)")
      #expect(result.message?.contains("on n2") == true)
      #expect(
        result.message?.hasSuffix(": \(said), \(place)") == true, "\(trap.code): \(result.message ?? "")")
      #expect(ContinuousClock.now - started < .seconds(10), "\(trap.code)")
    }
  }

  @Test("a trap without a stack still names the student's file, where the message does")
  func withoutBacktrace() {
    let named = CrashReport(printed: "hello\nRaft/Raft.swift:8: Fatal error: no leader\n", signal: 4)
    #expect(named.description == "Fatal error: no leader, Sources/Raft/Raft.swift:8")
    let unnamed = CrashReport(printed: "Swift/Array.swift:430: Fatal error: Index out of range\n", signal: 4)
    #expect(unnamed.description == "Fatal error: Index out of range")
    #expect(CrashReport(printed: "", signal: 9).description == "the system killed it (signal 9)")
  }

  @Test("frames of LabKit, of main.swift and of the standard library are not the student's line")
  func othersFrames() {
    let report = CrashReport(
      printed: """
        *** Signal 4: Backtracing from 0x7f56c536df7f... done ***
        *** Swift runtime failure: arithmetic overflow ***
          0 [inlined] [system] 0x000055 Swift runtime failure: arithmetic overflow in prog at //<compiler-generated>
          1                    0x000055 World.run(_:) + 11 in prog at /home/s/.lab/LabKit/Sources/LabKit/World.swift:9:26
          2 [ra]               0x000055 Raft.receive(_:) + 81 in prog at /home/Sources/s/week1/Sources/Raft/In Sources.swift:26:52
          3 [ra]               0x000055 prog_main + 63 in prog at /home/s/week1/Sources/week1-node/main.swift:2:1
        """, signal: 4)
    #expect(report.description == "Fatal error: arithmetic overflow, Sources/Raft/In Sources.swift:26")
  }
}
