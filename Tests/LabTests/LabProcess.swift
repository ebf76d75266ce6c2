import Foundation
import Glibc
import Testing

/// The `lab` executable that was built together with the tests, as a process.
struct LabProcess {
  /// What came of it.
  struct Result {
    var status: Int32
    var isKilled: Bool
    var output: String
    var errors: String
  }

  static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Beside the program that runs the tests.
  static let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("lab")

  private let process = Process()
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lab-said-\(UUID())")

  /// Starts it; what it prints goes to files, so that nothing has to be read meanwhile.
  init(
    _ arguments: [String], in directory: URL, environment: [String: String] = [:],
    executable: URL = Self.executable, launcher: [String] = []
  ) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let words = launcher + [executable.path] + arguments
    process.executableURL = URL(fileURLWithPath: words[0])
    process.arguments = Array(words.dropFirst())
    process.currentDirectoryURL = directory
    var variables = ProcessInfo.processInfo.environment
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "LAB_COURSE_FILES"] { variables[name] = nil }
    process.environment = variables.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    for name in ["output", "errors"] {
      _ = FileManager.default.createFile(atPath: folder.appendingPathComponent(name).path, contents: nil)
    }
    process.standardOutput = try FileHandle(forWritingTo: folder.appendingPathComponent("output"))
    process.standardError = try FileHandle(forWritingTo: folder.appendingPathComponent("errors"))
    // A shell that runs the tests in the background lets them ignore it, and they would pass that on.
    Glibc.signal(SIGINT, SIG_DFL)
    try process.run()
  }

  var isRunning: Bool { process.isRunning }

  var pid: pid_t { process.processIdentifier }

  /// What it has printed on standard error until now.
  var errorsSoFar: String { said("errors") }

  func signal(_ number: Int32) { kill(pid, number) }

  func wait() -> Result {
    if !Self.waitUntil(seconds: 300, { !process.isRunning }) {
      Issue.record("\(process.arguments ?? []) does not end")
      kill(pid, SIGKILL)
    }
    process.waitUntilExit()
    defer { try? FileManager.default.removeItem(at: folder) }
    return Result(
      status: process.terminationStatus, isKilled: process.terminationReason == .uncaughtSignal,
      output: said("output"), errors: said("errors"))
  }

  private func said(_ name: String) -> String {
    (try? String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)) ?? ""
  }

  /// Runs `lab` to its end.
  static func run(
    _ arguments: String..., in directory: URL, environment: [String: String] = [:]
  ) throws -> Result {
    try LabProcess(arguments, in: directory, environment: environment).wait()
  }

  /// Waits for something to come about.
  static func waitUntil(
    seconds: Double = 30, stepMicroseconds: UInt32 = 20_000, _ condition: () throws -> Bool
  ) rethrows -> Bool {
    let end = Date().addingTimeInterval(seconds)
    while try !condition() {
      guard Date() < end else { return false }
      usleep(stepMicroseconds)
    }
    return true
  }
}
