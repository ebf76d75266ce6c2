import ArgumentParser
import Foundation
import Records
import Reports
import Runner

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Run a recorded failure again and show its last events.")

  @Argument(help: "The failure's number; the first of the newest run if none is given.") var failure: Int64?
  @Flag(help: "Run it as it was found, and not the smaller run that fails in the same way.") var whole = false
  @Flag(help: "Walk through the run, event by event: ? lists the keys.") var step = false
  @Flag(help: "Say how to run it in a debugger, in one process, up to the handler where it broke.")
  var debug = false
  @Option(help: "With --debug: stop at this event, as --step counts them.") var at: Int?
  @Option(help: "How many events before the end to show.") var events = 40

  func validate() throws {
    if at != nil, !debug { throw ValidationError("--at: it says where --debug stops; type --debug too") }
    if debug, step { throw ValidationError("--debug, --step: one of them at a time") }
  }

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
    let recorded = Outcome(rawValue: record.outcome) ?? .failed
    let shrunk = whole ? nil : try record.shrunk.map { try ShrunkRecord(text: $0) }
    let result = runner.replay(
      scenario, seed: record.seed, recorded: recorded, alterations: shrunk?.alterations ?? .none)
    let message = shrunk?.message ?? record.message
    Screen.say(
      "\(record.scenario), seed \(Screen.seed(record.seed)), \(shrunk?.nodes ?? record.nodeCount) nodes"
        + (shrunk == nil ? "" : ", shrunk"))
    let facts = RunFacts(
      suite: suite, scenario: scenario, seed: record.seed, alterations: shrunk?.alterations ?? .none,
      result: result)
    if step {
      guard var walk = RunWalk(try RunPicture(trace: result.trace, about: facts)).map(ReplayWalk.init) else {
        throw UsageError("nothing happened in this run: there is nothing to walk through")
      }
      walk.loop()
    } else if debug {
      let debugger = ReplayDebug(
        course: course, suite: suite, scenario: scenario, program: program, failure: record.id ?? 0)
      let picture = try RunPicture(trace: result.trace, about: facts)
      for line in try debugger.prepare(result, picture, event: at) { Screen.say(line) }
    } else {
      for line in try TraceText.lines(result.trace).suffix(events) { Screen.say(Screen.harmless(line)) }
    }
    let verdict =
      if result.outcome == .passed {
        Screen.paint("passes now", .green)
      } else if result.message == message
        || [result.outcome, recorded] == [.nonDeterministic, .nonDeterministic]
      {
        Screen.paint("still fails", .red) + ": " + Screen.harmless(message)
      } else {
        Screen.paint("fails differently", .yellow) + ": "
          + Screen.harmless(result.message ?? result.outcome.words)
          + "\nbefore: " + Screen.harmless(message)
      }
    Screen.say("\n" + verdict)
    guard result.outcome != .passed else { return }
    if let number = record.id {
      let drawn = try FailurePictures(course: course).draw(
        result, of: scenario, in: suite, seed: record.seed, shrunk?.alterations ?? .none, failure: number)
      Screen.say(drawn.map { "its picture: \($0.file)" } ?? "the run is too long for a picture")
    }
    throw ExitCode(1)
  }
}
