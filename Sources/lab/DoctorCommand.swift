import ArgumentParser
import Foundation
import Records
import Reports
import Runner

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Check this machine, and say how to mend what is missing.")

  func run() throws {
    var isWell = true
    func check(_ what: String, _ mend: String, _ test: () throws -> String) {
      do {
        Screen.say("\(Screen.paint("✔", .green)) \(Screen.pad(what, 18)) \(try test())")
      } catch {
        isWell = false
        Screen.say("\(Screen.paint("✘", .red)) \(Screen.pad(what, 18)) \(error)\n  \(mend)")
      }
    }
    check("swift", "Install a Swift 6 toolchain for this system and put its bin folder on the PATH.") {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = ["swift", "--version"]
      let pipe = Pipe()
      process.standardOutput = pipe
      process.standardError = FileHandle.nullDevice
      try process.run()
      let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      guard process.terminationStatus == 0,
        let line = text.split(separator: "\n").first(where: { $0.contains("Swift version") })
      else { throw LabError("there is no working `swift` on the PATH") }
      guard line.contains("Swift version 6") else { throw LabError("\(line): Swift 6 is needed") }
      return String(line)
    }
    check("course files", "Build lab again, or install its share folder beside it.") {
      try Course.resourcesPath()
    }
    check("records", "Check that the disk is not full and that the temporary folder can be written.") {
      let file = FileManager.default.temporaryDirectory.appendingPathComponent("lab-doctor-\(UUID()).sqlite")
      defer { try? FileManager.default.removeItem(at: file) }
      _ = try ProgressStore(file: file.path)
      return "SQLite opens and migrates"
    }
    check("processes", "Linux with /proc is needed; some containers leave it out.") {
      guard FileManager.default.fileExists(atPath: "/proc/self/stat") else {
        throw LabError("/proc is missing")
      }
      return "/proc is there, \(ProcessInfo.processInfo.activeProcessorCount) cores"
    }
    let debugger = DebuggerCheck.start()
    if debugger.runs {
      Screen.say(
        "\(Screen.paint("✔", .green)) \(Screen.pad("debugger", 18)) \(Screen.harmless(debugger.said))")
    } else {
      // Everything but `lab replay --debug` does without.
      Screen.say(
        "\(Screen.paint("!", .yellow)) \(Screen.pad("debugger", 18)) \(Screen.harmless(debugger.said))\n  "
          + DebuggerCheck.mending(debugger.said))
    }
    if !isWell { throw ExitCode(1) }
  }
}
