import ArgumentParser
import Foundation
import LabKit
import Records
import Reports
import Runner

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Run a recorded failure again and show its last events.")

  @Argument(help: "The failure's number; the first of the newest run if none is given.") var failure: Int64?
  @Option(help: "How many events before the end to show.") var events = 40

  func run() throws {
    let course = try Course.containing(Lab.currentFolder)
    let store = try ProgressStore(file: course.database)
    guard let record = try failure.map({ try store.failure($0) }) ?? store.latestFailure() else {
      if let failure { throw UsageError("there is no failure \(failure); lab test says the numbers") }
      Screen.note("no failure has been recorded yet. Type: lab test")
      throw ExitCodes.nothingRun
    }
    let suite = try Lab.suite(record.week)
    guard let scenario = suite.stages.flatMap(\.scenarios).first(where: { $0.id == record.scenario }) else {
      throw UsageError("\(record.scenario) is no longer part of \(record.week)")
    }
    let program = try SwiftBuild(suite, in: course).build()
    let runner = SuiteRunner(program: program, baseSeed: record.seed)
    let result = runner.runSeed(scenario, record.seed, ProcessPool(program: program), recordsTrace: true)
    Screen.say("\(record.scenario), seed \(Screen.seed(record.seed)), \(record.nodeCount) nodes")
    for line in try TraceText.lines(result.trace).suffix(events) { Screen.say(Screen.harmless(line)) }
    let verdict =
      if result.outcome == .passed {
        Screen.paint("passes now", .green)
      } else if result.message == record.message {
        Screen.paint("still fails", .red) + ": " + Screen.harmless(record.message)
      } else {
        Screen.paint("fails differently", .yellow) + ": "
          + Screen.harmless(result.message ?? result.outcome.words)
          + "\nbefore: " + Screen.harmless(record.message)
      }
    Screen.say("\n" + verdict)
    if result.outcome != .passed { throw ExitCode(1) }
  }
}

/// A trace in words, a line an event.
enum TraceText {
  static func lines(_ trace: [UInt8]) throws -> [String] {
    var lines: [String] = []
    var reader = TraceReader()
    try reader.read(trace) { time, record in
      let fraction = String(1_000 + time % 1_000).dropFirst()
      let stamp = Screen.pad("\(time / 1_000).\(fraction) ms", 14)
      switch record {
      case .started(let node, let boot): lines.append("\(stamp)n\(node) starts, boot \(boot)")
      case .crashed(let node, let isCutShort):
        lines.append("\(stamp)n\(node) crashes\(isCutShort ? ", between two effects" : "")")
      case .delivered(let node, let from, let kind, _):
        lines.append("\(stamp)n\(node) ← \(kind) from n\(from)")
      case .lost(let node, let from, let kind, _):
        lines.append("\(stamp)n\(node) × \(kind) from n\(from) is lost")
      case .timerFired(let node, let timer): lines.append("\(stamp)n\(node) timer \(timer)")
      case .requested(let node, _, let operation): lines.append("\(stamp)n\(node) ← request \(operation)")
      case .paused(let node): lines.append("\(stamp)n\(node) is paused")
      case .resumed(let node): lines.append("\(stamp)n\(node) goes on")
      case .faultChanged: break
      case .sent(let to, let kind, let fate):
        append("send \(kind) → n\(to)\(fate == 1 ? " (lost)" : "")", &lines)
      case .timerSet(let timer, let delay): append("timer \(timer) in \(delay / 1_000) ms", &lines)
      case .timerCancelled(let timer): append("cancel \(timer)", &lines)
      case .persisted(let key): append("persist \(key)", &lines)
      case .replied(_, _, let operation, _, _): append("reply to \(operation)", &lines)
      case .output(let node, let body):
        append((try? RaftOutput(wireBytes: body)).map { "n\(node) \($0)" } ?? "output", &lines)
      case .status(_, let fields):
        let names = RaftStatus.fieldNames.enumerated().map { "\($0.element) \(fields[$0.offset])" }
        append("[\(names.joined(separator: ", "))]", &lines)
      case .log(_, let first, let marks):
        append(
          "log from \(first): \(marks.map { "\($0.term):x\($0.digest)" }.joined(separator: " "))", &lines)
      }
    }
    return lines
  }

  private static func append(_ text: String, _ lines: inout [String]) {
    lines.append("                " + text)
  }
}
