import Foundation
import Glibc
import LabKit

/// A student's built program, running, with its troubles told in a student's words.
public final class HostedProcess {
  private let process: ChildProcess
  public private(set) var programs: [String] = []

  public init(
    program: String, usesRandomHashing: Bool = false, tunables: String? = nil, launcher: [String] = []
  ) throws {
    var environment = ["PATH": "/usr/bin:/bin"]
    if !usesRandomHashing { environment["SWIFT_DETERMINISTIC_HASHING"] = "1" }
    environment["SWIFT_BACKTRACE"] = Self.backtraceSettings
    for name in ["GLIBC_TUNABLES", "LD_LIBRARY_PATH"] {
      environment[name] = ProcessInfo.processInfo.environment[name]
    }
    if let tunables { environment["GLIBC_TUNABLES"] = tunables }
    process = try ChildProcess(executable: program, environment: environment, under: launcher)
    var reader = WireReader(try receive())
    guard try reader.byte() == HostAnswer.hello.rawValue else {
      throw ProgramTrouble(
        outcome: .exited, message: "the program did not greet lab; leave main.swift as it is")
    }
    let version = try reader.integer()
    guard version == hostProtocolVersion else {
      throw LabError(
        "the program speaks version \(version) of the protocol, lab speaks \(hostProtocolVersion)")
    }
    for _ in 0..<(try reader.count()) { programs.append(try reader.text()) }
  }

  /// Processor time that the program has used, in steps of ten milliseconds.
  public var processorMilliseconds: Int { process.processorUse().milliseconds }

  /// Frames in both directions, and their bytes.
  public var traffic: (frames: Int, bytes: Int) { process.traffic }

  public func send(_ frame: [UInt8]) throws {
    do { try process.send(frame) } catch { throw explained(error) }
  }

  public func receive() throws -> [UInt8] {
    let frame: [UInt8]
    do { frame = try process.receive() } catch { throw explained(error) }
    switch frame.first {
    case HostAnswer.notImplemented.rawValue:
      var reader = WireReader(frame)
      _ = try reader.byte()
      let function = try reader.text()
      let file = try reader.text()
      let line = try reader.integer()
      throw ProgramTrouble(
        outcome: .notImplemented, message: "not implemented yet: \(function), Sources/\(file):\(line)")
    case HostAnswer.trouble.rawValue:
      var reader = WireReader(frame)
      _ = try reader.byte()
      throw ProgramTrouble(
        outcome: .labError, message: "the program could not carry on: \(try reader.text())")
    default: return frame
    }
  }

  private var place: String {
    let call = process.lastCall
    return call.call == 0 ? "before its first handler" : "in handler \(call.call), on n\(call.node)"
  }

  private func explained(_ trouble: ChildProcess.Trouble) -> ProgramTrouble {
    switch trouble {
    case .ended(.signaled(let signal)):
      let report = CrashReport(printed: process.printedText, signal: signal)
      return ProgramTrouble(outcome: .crashed, message: "the node trapped \(place): \(report)")
    case .ended(.exited(let code)):
      return ProgramTrouble(outcome: .exited, message: "the program left with code \(code) \(place)")
    case .hung:
      return ProgramTrouble(
        outcome: .hung, message: "no return after 2 s of processor time \(place): an endless loop?")
    case .waiting where process.printedText.contains("*** Signal "):
      // The backtracer did not come to an end.
      let report = CrashReport(printed: process.printedText, signal: SIGABRT)
      return ProgramTrouble(outcome: .crashed, message: "the node trapped \(place): \(report)")
    case .waiting:
      return ProgramTrouble(
        outcome: .hung,
        message: "no return \(place), which waits without using the processor: a sleep, a lock or a read?")
    case .memoryExhausted(let bytes):
      return ProgramTrouble(
        outcome: .exhausted, message: "memory: \(bytes >> 20) MiB in use \(place)")
    case .outputFlood(let bytes):
      return ProgramTrouble(
        outcome: .exhausted, message: "output: more than \(bytes >> 20) MiB printed \(place)")
    case .silent:
      return ProgramTrouble(outcome: .labError, message: "no answer, although the program hardly ran")
    case .badFrame(let what):
      return ProgramTrouble(outcome: .exited, message: "the program sent what is no answer: \(what)")
    }
  }

  /// Asks the runtime for the stack of a trap: 30 ms, or half a second where the stack has overflowed.
  private static let backtraceSettings: String = {
    let settings = [
      "enable": "yes", "color": "no", "interactive": "no", "threads": "crashed", "registers": "none",
      "images": "none", "sanitize": "no", "limit": "24", "top": "4", "swift-backtrace": Toolchain.backtracer,
    ]
    return settings.compactMap { name, value in value.map { "\(name)=\($0)" } }.sorted().joined(
      separator: ",")
  }()
}
