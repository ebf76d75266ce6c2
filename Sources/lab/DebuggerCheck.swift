import Foundation

/// Whether the toolchain's debugger runs on this machine.
enum DebuggerCheck {
  /// The first line of what it says when it is started, and whether it runs.
  static func start() -> (said: String, runs: Bool) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["lldb", "--version"]
    let said = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = said
    process.standardError = said
    do { try process.run() } catch { return ("\(error)", false) }
    let text = String(decoding: said.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let first = text.split(separator: "\n").first.map(String.init)
    return (first ?? "it ends with \(process.terminationStatus)", process.terminationStatus == 0)
  }

  /// What to do about what it says.
  static func mending(_ said: String) -> String {
    guard let library = said.firstMatch(of: /libpython(\d+\.\d+)/) else {
      return "Put the bin folder of the Swift toolchain on the PATH: it has lldb."
    }
    return
      "Install Python \(library.output.1)'s library (libpython\(library.output.1)), or the Swift toolchain "
      + "that is made for this very system. Without it, lab replay --step walks through a run."
  }
}
