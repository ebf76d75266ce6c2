import Foundation
import Runner

/// `lab test` as a person sees it: each scenario as it ends, a line that moves, failures again at the end.
public struct TestScreen: Sendable {
  /// Where the lines go: standard error when standard output is kept for a document.
  public let stream: Screen.Stream
  public let progress = ProgressLine()

  public init(on stream: Screen.Stream = .output) { self.stream = stream }

  public func show(_ event: SuiteEvent) {
    switch event {
    case .stageBegan(let stage): say("\n" + paint("\(stage.id) \(stage.title)", .bold))
    case .stageSkipped(let stage, let missing):
      say("\n\(stage.id) \(stage.title): skipped, for \(missing) comes first")
    case .bonusNotBegun(let stage):
      say("\n\(stage.id) \(stage.title): a bonus, not begun; lab test \(stage.id) tests what there is of it")
    case .scenarioBegan(let scenario, let seeds):
      progress.begin("  … \(scenario.id)  \(scenario.title)", total: seeds)
    case .scenarioEnded(_, let result):
      say(line(for: result))
      for line in PoolTable(result)?.lines ?? [] { say(line) }
      if let remark = result.namedRemark { warn(remark) }
    }
  }

  public func show(_ event: Soak.Event) {
    switch event {
    case .scenarioBegan(let scenario, let round):
      progress.begin("  … round \(round + 1)  \(scenario.id)", total: scenario.seeds)
    case .found(_, let result):
      let seed = result.failingSeed.map(Screen.seed) ?? "-"
      say("\(paint("found", .red)) \(result.scenario.id) \(result.outcome.words), seed \(seed)")
      say("  " + Screen.harmless(result.message ?? ""))
    case .scenarioEnded(let stage, let result):
      if result.scenario.id == stage.scenarios.first?.id {
        say("\n" + paint("\(stage.id) \(stage.title)", .bold))
      }
      say(line(for: result, share: ", \(result.seedsFailed) of \(result.seedsRun) seeds"))
    }
  }

  /// One scenario on one line.
  ///
  /// - Parameter share: what to say after the outcome if it did not pass.
  public func line(for result: ScenarioResult, share: String = "") -> String {
    let mark = result.outcome == .passed ? paint("✔", .green) : paint("✘", .red)
    let rate =
      "\(result.seedsRun) seeds, \(result.virtualMilliseconds / 1_000) virtual s in \(Screen.seconds(result.wallMilliseconds))"
    let end = result.outcome == .passed ? rate : result.outcome.words + share
    let points = "\(result.points)/\(result.scenario.points)"
    let before = "  \(mark) \(Screen.pad(result.scenario.id, 14)) \(Screen.pad(points, 5)) "
    // A narrow terminal gets a shorter title rather than a broken line.
    let room = Screen.columns(of: stream).map { $0 - 25 - end.displayColumns - 1 } ?? 52
    let width = min(52, max(12, room))
    let title = Screen.pad(result.scenario.title.shortened(toColumns: width), width)
    return before + "\(title) " + paint(end, .grey)
  }

  /// The end: every failure once more, the first with its evidence and what to do about it; then points and next step.
  public func finish(_ report: RunReport, next: String) {
    let others = report.failures.dropFirst()
    if !others.isEmpty { say("\n" + paint("Also", .bold)) }
    for failure in others {
      let result = failure.result
      let what =
        result.brokenProperty.map { _ in Screen.harmless(result.shortMessage) } ?? result.outcome.words
      let look = failure.failure.map { "lab replay \($0)" } ?? ""
      say(
        "  \(Screen.pad(result.scenario.id, 14)) \(Screen.pad(what.shortened(toColumns: 44), 44)) \(look)"
          .trimmedAtEnd)
    }
    if let first = report.failures.first { explain(first, report) }
    let colour: Screen.Colour = report.outcome == .passed ? .green : .red
    let points = paint(report.pointsInWords, colour)
    say("\n\(points) in \(Screen.seconds(report.wallMilliseconds)), seed \(Screen.seed(report.seed))")
    say(next)
  }

  private func explain(_ failure: ScenarioReport, _ report: RunReport) {
    let result = failure.result
    let message = report.shrunk?.result.message ?? report.explanation ?? result.message ?? ""
    var story = FailureStory(scenario: result.scenario.id, outcome: result.outcome, message: message)
    story.picture = report.picture
    story.parting = result.parting
    story.share = report.failingShare
    story.sizes = report.shrunk.map { ($0.before, $0.after) }
    story.nodeCount = result.nodeCount
    story.again = failure.commandAgain
    story.failure = failure.failure
    story.pictureFile = report.pictureFile
    story.historyFile = report.historyFile
    say("")
    let columns = Screen.storyColumns(on: stream)
    progress.erase()
    Screen.say(story.lines(columns: columns), on: stream)
  }

  /// The compiler's errors.
  public func show(buildErrors errors: [String]) {
    say(paint("did not build", .red))
    for error in errors { say(Screen.harmless(error)) }
  }

  /// Something noticed that costs no points.
  public func warn(_ text: String) { say(paint("!", .yellow) + " " + Screen.harmless(text)) }

  public func say(_ line: String) {
    progress.erase()
    Screen.say(line, on: stream)
  }

  private func paint(_ text: String, _ colour: Screen.Colour) -> String {
    Screen.paint(text, colour, on: stream)
  }
}
