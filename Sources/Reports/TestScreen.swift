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
    case .scenarioBegan(let scenario, let seeds):
      progress.begin("  … \(scenario.id)  \(scenario.title)", total: seeds)
    case .scenarioEnded(_, let result): say(line(for: result))
    }
  }

  /// One scenario on one line.
  public func line(for result: ScenarioResult) -> String {
    let mark = result.outcome == .passed ? paint("✔", .green) : paint("✘", .red)
    let rate =
      "\(result.seedsRun) seeds, \(result.virtualMilliseconds / 1_000) virtual s in \(Screen.seconds(result.wallMilliseconds))"
    let end = result.outcome == .passed ? rate : result.outcome.words
    let points = "\(result.points)/\(result.scenario.points)"
    let before = "  \(mark) \(Screen.pad(result.scenario.id, 14)) \(Screen.pad(points, 5)) "
    // A narrow terminal gets a shorter title rather than a broken line.
    let room = Screen.columns(of: stream).map { $0 - 25 - end.displayColumns - 1 } ?? 52
    let width = min(52, max(12, room))
    let title = Screen.pad(result.scenario.title.shortened(toColumns: width), width)
    return before + "\(title) " + paint(end, .grey)
  }

  /// The end: every failure once more with what to do about it, then the points and the next step.
  public func finish(_ report: RunReport, next: String) {
    for failure in report.failures.prefix(Self.failuresShown) { explain(failure) }
    let more = report.failures.count - Self.failuresShown
    if more > 0 {
      let rest = report.failures.suffix(more).map(\.result.scenario.id)
      say("\nand \(more) more: \(rest.joined(separator: " "))")
    }
    let colour: Screen.Colour = report.outcome == .passed ? .green : .red
    let points = "\(report.points) of \(report.maxPoints) points"
    say(
      "\n\(paint(points, colour)) in \(Screen.seconds(report.wallMilliseconds)), seed \(Screen.seed(report.seed))"
    )
    say(next)
  }

  private static let failuresShown = 5

  private func explain(_ failure: ScenarioReport) {
    let result = failure.result
    say("\n" + paint("\(result.scenario.id) \(result.outcome.words)", .red))
    if let message = result.message { say(Screen.harmless(message)) }
    guard let again = failure.commandAgain, result.outcome != .notImplemented else { return }
    let share = result.seedsFailed > 1 ? ", \(result.seedsFailed) of \(result.seedsRun) seeds failed" : ""
    say("\(result.nodeCount) nodes\(share)")
    say("again:  \(again)")
    if let number = failure.failure { say("look:   lab replay \(number)") }
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
