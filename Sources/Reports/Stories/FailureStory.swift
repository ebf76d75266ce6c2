import Runner

/// A failing run in words, on one screen: what broke, the events that matter, the rule, and what to type next.
///
/// There are five kinds of screen, for what a student looks for differs: a broken promise (the events that led there), no
/// progress (what each node waits for, and what goes round), a budget (where the messages went), code that does not repeat
/// itself (where two runs part), and a program that ended (the line, and what it was handling).
public struct FailureStory: Sendable {
  /// No screen has more lines.
  public static let mostLines = 24

  public var scenario: String
  public var outcome: Outcome
  /// What the run said.
  public var message: String
  /// The run, if it was recorded.
  public var picture: RunPicture?
  /// How many of the seeds that were run fail, where more than one was.
  public var share: (failed: Int, run: Int)?
  /// Where two runs of the seed part, if it is not deterministic.
  public var parting: TraceDivergence?
  /// The size of the run, where it is told by itself.
  public var size: RunSize?
  /// Whether `lab replay` tells it, and names what else one may look at.
  public var isReplayed = false
  /// The sizes of the run before and after it was shrunk.
  public var sizes: (before: RunSize, after: RunSize)?
  /// How many nodes there were.
  public var nodeCount = 0
  /// The command that runs this very seed.
  public var again: String?
  /// The number that `lab replay` takes.
  public var failure: Int64?
  /// Where the picture lies.
  public var pictureFile: String?
  /// Where the history of its clients' operations lies.
  public var historyFile: String?

  public init(scenario: String, outcome: Outcome, message: String) {
    self.scenario = scenario
    self.outcome = outcome
    self.message = message
  }

  /// - Parameter columns: how wide a line may be.
  public func lines(columns: Int) -> [StoryLine] {
    let head = self.head(columns: columns)
    let foot = self.foot(columns: columns)
    let body = self.body(columns: columns, atMost: Self.mostLines - head.count - foot.count - 1)
    return head + (body.isEmpty ? [] : [StoryLine()] + body) + foot
  }

  // MARK: What broke

  private func head(columns: Int) -> [StoryLine] {
    guard let facts = picture?.facts, outcome == .failed else {
      return [StoryLine("\(scenario) \(outcome.words)", .red)]
    }
    let section = facts.section.map { " (\($0))" } ?? ""
    var lines = [
      StoryLine("\(scenario) failed: \(facts.property)\(section)".shortened(toColumns: columns), .red)
    ]
    lines += StoryLine.wrapped(facts.evidence, columns: columns, atMost: 4)
    if let rule = facts.rule {
      lines += StoryLine.wrapped("The rule: " + rule, columns: columns, indent: "  ", atMost: 2, .bold)
    }
    return lines
  }

  // MARK: What led there

  private func body(columns: Int, atMost limit: Int) -> [StoryLine] {
    if outcome == .nonDeterministic, let parting {
      return PartingRuns(parting: parting, message: message, columns: columns).lines(atMost: limit)
    }
    guard let picture, outcome == .failed else {
      let said = message.split(separator: "\n", omittingEmptySubsequences: false)
        .flatMap { StoryLine.wrapped(String($0), columns: columns, indent: "    ", atMost: 4) }
      return Array((said + lastWords(columns: columns)).prefix(limit))
    }
    switch picture.facts.kind {
    case .progress: return WaitingNodes(picture: picture, columns: columns).lines(atMost: limit)
    case .budget: return MessageLedger(picture: picture, columns: columns).lines(atMost: limit)
    default: return DecisiveEvents(picture: picture, columns: columns).lines(atMost: limit)
    }
  }

  /// The last node that was called, and what it did before its program ended.
  private func lastWords(columns: Int) -> [StoryLine] {
    guard let picture, let last = picture.events.last(where: { $0.kind != .lost }) else { return [] }
    let earlier = picture.events.filter { $0.node == last.node && $0.kind != .lost }.suffix(5)
    return [
      StoryLine(),
      .row(
        "n\(last.node) at that moment: " + NodeStates(picture).words(last.node), nil,
        columns: columns, .bold),
    ]
      + earlier.map { event in
        .row(
          "  " + Milliseconds.words(event.timeMicroseconds) + "  " + event.story
            + (event.id == last.id ? " ✘" : ""),
          event.place, columns: columns, event.id == last.id ? .red : nil)
      }
  }

  // MARK: What next

  private func foot(columns: Int) -> [StoryLine] {
    guard outcome != .notImplemented else { return [] }
    var lines = [StoryLine()]
    var parts: [String] = []
    if let share, share.failed > 0, share.run > 1 {
      parts.append("\(share.failed) of \(share.run) seeds fail")
    }
    if let sizes {
      parts.append(
        sizes.after == sizes.before
          ? sizes.after.words + ", and no smaller run was found"
          : "shrunk from \(sizes.before.events) to \(sizes.after.words)")
    } else if let size {
      parts.append(size.words)
    } else if nodeCount > 0 {
      parts.append("\(nodeCount) nodes")
    }
    if !parts.isEmpty {
      lines += StoryLine.wrapped(
        parts.joined(separator: "; "), columns: columns, indent: "  ", atMost: 2, .grey)
    }
    if let again { lines.append(StoryLine("again:  \(again)")) }
    if let failure { lines += looks(failure) }
    if let pictureFile { lines.append(StoryLine("see:    \(pictureFile), in a browser")) }
    if let historyFile { lines.append(StoryLine("judge:  lab check-history --model kv \(historyFile)")) }
    return lines
  }

  private func looks(_ failure: Int64) -> [StoryLine] {
    let walk = StoryLine("walk:   lab replay \(failure) --step")
    guard isReplayed, outcome == .failed else { return [walk] }
    return [
      StoryLine("why:    lab replay \(failure) --compare, beside the nearest run that does not fail"), walk,
      StoryLine("stop:   lab replay \(failure) --debug, in a debugger"),
    ]
  }
}
