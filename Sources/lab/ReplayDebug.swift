import Foundation
import LabKit
import Reports
import Runner

/// `lab replay --debug`: a run as files from which the student's program carries it out alone, so that a debugger can stop
/// in the student's code.
struct ReplayDebug {
  let course: Course
  let suite: Suite
  let scenario: Scenario
  let program: String
  /// The failure's number.
  let failure: Int64

  private var runFile: URL { file("replay") }
  private var debuggerFile: URL { file("lldb") }

  private func file(_ ending: String) -> URL {
    FailurePictures(course: course).folder.appendingPathComponent("\(failure)-\(scenario.id).\(ending)")
  }

  /// Writes the files, and returns what to type, a line each.
  ///
  /// - Parameter event: where to stop, counted from 1 as `lab replay --step` counts; nil for where it broke.
  func prepare(_ result: SuiteRunner.SeedResult, _ picture: RunPicture, event: Int?) throws -> [String] {
    guard let frames = result.framesSent else {
      throw UsageError(
        "--debug: \(scenario.id) runs each node in a process of its own, and what breaks there need not break in one "
          + "process. Use --step")
    }
    let stop = try handlerEvent(picture, event)
    let handler = try stop.map { try picture.handlerNumber(ofEvent: $0.id, trace: result.trace) } ?? 0
    let run = RecordedRunFile(header: RecordedRunHeader(stopsBeforeHandler: handler), frames: frames)
    let folder = FailurePictures(course: course).folder
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(run.bytes).write(to: runFile, options: .atomic)
    try debuggerScript.write(to: debuggerFile, atomically: true, encoding: .utf8)
    return lines(stop, handler)
  }

  private func handlerEvent(_ picture: RunPicture, _ number: Int?) throws -> RunPicture.Event? {
    if let number, !picture.events.indices.contains(number - 1) {
      throw UsageError("--at: there is no event \(number); they are 1 to \(picture.events.count)")
    }
    guard let event = number.map({ $0 - 1 }) ?? picture.violation.event else { return nil }
    return picture.handlerEvent(at: event).map { picture.events[$0] }
  }

  private func lines(_ stop: RunPicture.Event?, _ handler: Int) -> [String] {
    var lines = [
      "", Screen.paint("This run in a debugger, in one process:", .bold),
      "  lldb -s \(shown(debuggerFile))",
    ]
    if let stop {
      lines += [
        "It stops where your code handles event \(stop.id + 1), the run's handler \(handler):",
        "  " + Screen.harmlessLine(stop.words, columns: 76),
      ]
    }
    lines += [
      "", Screen.paint("With another debugger, or with none:", .bold),
      "  \(environment(shown(runFile)).joined(separator: " ")) \\",
      "    \(shown(URL(fileURLWithPath: program)))",
    ]
    if stop != nil { lines.append("A breakpoint on the function labBreak stops just before that handler.") }
    lines.append("After an edit, type this command again: it builds, and writes the files anew.")
    let debugger = DebuggerCheck.start()
    if !debugger.runs {
      lines += [
        "", Screen.paint("lldb does not run here:", .yellow), "  " + Screen.harmless(debugger.said),
        "  " + DebuggerCheck.mending(debugger.said),
      ]
    }
    return lines
  }

  /// Sets have the order that they have under `lab`, or the run would be another.
  private func environment(_ path: String) -> [String] {
    ["SWIFT_DETERMINISTIC_HASHING=1", "LAB_REPLAY=\(path)"]
  }

  /// A path as it can be typed here.
  private func shown(_ file: URL) -> String {
    let here = Lab.currentFolder.resolvingSymlinksInPath().path + "/"
    let path = file.resolvingSymlinksInPath().path
    let short = path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path
    return short.contains(" ") ? "'\(short)'" : short
  }

  /// Stops at `labBreak`, then at the first handler of the student's own modules after it.
  private var debuggerScript: String {
    let modules = suite.modules.joined(separator: "|")
    let variables = environment(runFile.path).map { "\"\($0)\"" }.joined(separator: " ")
    return """
      # Written by `lab replay \(failure) --debug`.
      # A container may forbid what turning off address randomisation takes.
      settings set target.disable-aslr false
      target create "\(program)"
      settings set target.env-vars \(variables)
      breakpoint set --name labBreak --one-shot true
      breakpoint command add
      breakpoint set --one-shot true --func-regex "^(\(modules))[.].*[.](start|receive|timerFired|handle)[(]"
      process continue
      DONE
      process launch

      """
  }
}
