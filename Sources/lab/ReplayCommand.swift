import ArgumentParser
import Foundation
import Records
import Reports
import Runner

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Run a recorded failure again, and tell and draw what happens now.")

  @Argument(help: "The failure's number; the first of the newest run if none is given.") var failure: Int64?
  @Flag(help: "Run it as it was found, and not the smaller run that fails in the same way.") var whole = false
  @Flag(help: "Walk through the run, event by event: ? lists the keys.") var step = false
  @Flag(help: "Say how to run it in a debugger, in one process, up to the handler where it broke.")
  var debug = false
  @Option(help: "With --debug: stop at this event, as --step counts them.") var at: Int?
  @Option(help: "Print so many of the run's last events as well, as they were recorded.") var events: Int?

  @Flag(help: "Show it beside the nearest run that does not fail: the same choices less one fault.")
  var compare = false

  func validate() throws {
    if at != nil, !debug { throw ValidationError("--at: it says where --debug stops; type --debug too") }
    if [step, debug, compare].count(where: { $0 }) > 1 {
      throw ValidationError("--step, --debug, --compare: one of them at a time")
    }
    if let events, events < 1 { throw ValidationError("--events takes a number from 1 on, not \(events)") }
  }

  func run() throws {
    let course = try Course.containing(Lab.currentFolder)
    let store = try ProgressStore(file: course.database)
    guard let record = try failure.map({ try store.failure($0) }) ?? store.latestFailure() else {
      if let failure { throw UsageError("there is no failure \(failure); lab test says the numbers") }
      Screen.note("no failure has been recorded yet. Type: lab test")
      throw ExitCodes.nothingRun
    }
    let failure = try RecordedFailure(record, isWhole: whole)
    let program = try SwiftBuild(failure.suite, in: course).build()
    let runner = SuiteRunner(program: program, baseSeed: failure.seed)
    let result = runner.replay(
      failure.scenario, seed: failure.seed, recorded: failure.outcome, alterations: failure.alterations)
    Screen.say(failure.verdict(result))
    let pictures = FailurePictures(course: course)
    let picture = try pictures.picture(
      of: result, failure.scenario, in: failure.suite, seed: failure.seed, failure.alterations)
    let page =
      try result.outcome == .passed
      ? nil : picture.map { try pictures.keep($0, result, failure.alterations, failure: failure.number) }
    if step {
      try walk(failure, runner, result, picture)
    } else if compare {
      try contrast(failure, runner, result, picture)
    } else if debug {
      guard let picture else { throw UsageError("--debug: the run is too long to find a handler in") }
      let debugger = ReplayDebug(
        course: course, suite: failure.suite, scenario: failure.scenario, program: program,
        failure: failure.number)
      for line in try debugger.prepare(result, picture, event: at) { Screen.say(line) }
    } else if result.outcome != .passed {
      let history = try pictures.keepHistory(of: result, failure.scenario, failure: failure.number)
      tell(failure, result, picture, page, history)
    }
    for line in try events.map({ try TraceText.lines(result.trace).suffix($0) }) ?? [] {
      Screen.say(Screen.harmless(line))
    }
    if result.outcome != .passed { throw ExitCode(1) }
  }

  private func walk(
    _ failure: RecordedFailure, _ runner: SuiteRunner, _ result: SuiteRunner.SeedResult,
    _ picture: RunPicture?
  ) throws {
    guard let picture else { throw UsageError("--step: the run is too long to walk through") }
    guard let walk = RunWalk(picture) else {
      throw UsageError("nothing happened in this run: there is nothing to walk through")
    }
    var steps = ReplayWalk(failure: failure, runner: runner, trace: result.trace, walk: walk)
    steps.loop()
  }

  private func contrast(
    _ failure: RecordedFailure, _ runner: SuiteRunner, _ result: SuiteRunner.SeedResult,
    _ picture: RunPicture?
  ) throws {
    guard let picture, result.outcome == .failed else {
      throw UsageError("--compare: only a run that breaks a promise has a nearest one that keeps it")
    }
    let search = NearestPass(runner, failure.scenario, seed: failure.seed, failure.alterations)
    Screen.say()
    guard let nearest = search.find(result) else {
      return Screen.say(
        "No fault can be left out of this run so that the promise holds: the code breaks it by itself.")
    }
    let passing = try RunPicture(
      trace: nearest.result.trace,
      about: RunFacts(
        suite: failure.suite, scenario: failure.scenario, seed: failure.seed,
        alterations: nearest.alterations, result: nearest.result))
    let columns = Screen.storyColumns()
    Screen.say(
      RunComparison(failing: picture, passing: passing, message: nearest.message).lines(columns: columns))
  }

  private func tell(
    _ failure: RecordedFailure, _ result: SuiteRunner.SeedResult, _ picture: RunPicture?, _ page: String?,
    _ history: String?
  ) {
    var story = FailureStory(
      scenario: failure.scenario.id, outcome: result.outcome, message: result.message ?? "")
    story.picture = picture
    story.parting = result.parting
    story.size = RunSize(result, failure.alterations, nodes: failure.nodeCount)
    story.failure = failure.number
    story.historyFile = history
    story.pictureFile = page
    story.isReplayed = true
    Screen.say()
    let columns = Screen.storyColumns()
    Screen.say(story.lines(columns: columns))
  }
}
