import LabKit

/// A recorded run that one walks through, event by event. A value: what is typed goes in, lines come out.
public struct RunWalk: Sendable {
  public let picture: RunPicture
  /// The place of the present event among the picture's.
  public private(set) var position: Int
  /// Whether next and back leave out what is not decisive.
  public private(set) var isDecisiveOnly = false
  private var lastSearch = ""
  private let states: NodeStates.Checkpoints

  /// Begins at the first event that was decisive; nil for a run without events.
  public init?(_ picture: RunPicture) {
    guard !picture.events.isEmpty else { return nil }
    self.picture = picture
    states = NodeStates.Checkpoints(picture)
    position = picture.violation.decisive.first ?? 0
  }

  /// Does what is asked for. The lines show where one is afterwards, or say why one did not move.
  ///
  /// - Parameter columns: how wide a line may be.
  public mutating func perform(_ command: WalkCommand, columns: Int) -> [StoryLine] {
    switch command {
    case .next where isDecisiveOnly: return perform(.nextDecisive, columns: columns)
    case .next: return move(to: position + 1, orSay: "this is the last event", columns)
    case .back where isDecisiveOnly: return perform(.previousDecisive, columns: columns)
    case .back: return move(to: position - 1, orSay: "this is the first event", columns)
    case .nextOfNode(let node):
      guard (1...picture.facts.nodeCount).contains(node) else { return noNode(node) }
      let later =
        isDecisiveOnly
        ? picture.violation.decisive.first { $0 > position && picture.events[$0].node == node }
        : picture.events[(position + 1)...].first { $0.node == node }?.id
      return move(
        to: later, orSay: "n\(node) has no later \(isDecisiveOnly ? "decisive " : "")event", columns)
    case .nextDecisive:
      return move(
        to: picture.violation.decisive.first { $0 > position }, orSay: "no later event is decisive", columns)
    case .previousDecisive:
      return move(
        to: picture.violation.decisive.last { $0 < position }, orSay: "no earlier event is decisive", columns)
    case .violation: return move(to: picture.violation.event, orSay: "nothing broke in this run", columns)
    case .firstFault: return move(to: firstFault, orSay: "nothing is made to fail in this run", columns)
    case .event(let number):
      return move(
        to: number - 1, orSay: "there is no event \(number): they are 1 to \(picture.events.count)", columns)
    case .time(let microseconds):
      return move(
        to: firstEvent(from: microseconds),
        orSay: "nothing happens that late: the last event is at "
          + Milliseconds.words(picture.events.last?.timeMicroseconds ?? 0), columns)
    case .find(let text):
      lastSearch = text.isEmpty ? lastSearch : text
      return move(to: nextEvent(with: lastSearch), orSay: "no later event has \"\(lastSearch)\"", columns)
    case .state(let node): return state(of: node ?? picture.events[position].node, columns)
    case .onlyDecisive:
      isDecisiveOnly.toggle()
      return [
        StoryLine(
          isDecisiveOnly
            ? "only decisive events from now on: \(picture.violation.decisive.count) of \(picture.events.count)"
            : "all events again", .yellow)
      ]
    case .pending: return pendingLines(columns)
    case .branch, .leaveBranch:
      return [StoryLine("this run cannot go another way here", .yellow)]
    case .help: return WalkCommand.helpLines.map { StoryLine($0) }
    case .quit: return []
    }
  }

  /// The present event.
  public func lines(columns: Int) -> [StoryLine] {
    EventPage(picture: picture, columns: columns).lines(of: picture.events[position])
  }

  private mutating func move(to place: Int?, orSay reason: String, _ columns: Int) -> [StoryLine] {
    guard let place, picture.events.indices.contains(place) else { return [StoryLine(reason, .yellow)] }
    position = place
    return lines(columns: columns)
  }

  // MARK: Branches

  /// Something that may happen after the present event, whenever it does in this run.
  public struct Pending: Sendable, Hashable {
    public let turn: Turn
    public let words: String
  }

  /// What may happen after the present event: messages under way, in the order in which they were sent, then timers.
  public var pending: [Pending] {
    let messages = picture.messages.filter { message in
      message.sentEvent ?? -1 <= position
        && (message.inFlight > 0 || (message.arrivals + message.losses).contains { $0 > position })
    }
    let deliveries = messages.map { message in
      let next = (message.arrivals + message.losses).filter { $0 > position }.min()
      let end =
        next.map { "at " + Milliseconds.words(picture.events[$0].timeMicroseconds) } ?? "not before the end"
      return Pending(
        turn: .deliver(LinkMessage(from: message.from, to: message.to, number: message.number)),
        words: "\(message.label) from n\(message.from) reaches n\(message.to) (here: \(end))")
    }
    let nodes = states.states(after: position + 1, of: picture)
    let rings = (1...picture.facts.nodeCount).flatMap { node in
      (nodes[node]?.timers ?? [:]).sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map { name, due in
        Pending(
          turn: .ring(node: node, timer: name),
          words:
            "n\(node): the timer \(name) runs out (here: due at \(Milliseconds.words(due, isShort: true)))")
      }
    }
    return deliveries + rings
  }

  private static let mostPendingLines = 40

  private func pendingLines(_ columns: Int) -> [StoryLine] {
    let pending = pending
    guard !pending.isEmpty else { return [StoryLine("nothing is under way, and no timer runs", .yellow)] }
    var lines = [StoryLine("After this event, any of these may come first; x NUMBER lets it:", .bold)]
    for (number, choice) in pending.prefix(Self.mostPendingLines).enumerated() {
      lines.append(.row("  \(Screen.pad("\(number + 1)", 3)) \(choice.words)", nil, columns: columns))
    }
    if pending.count > Self.mostPendingLines {
      lines.append(StoryLine("  … and \(pending.count - Self.mostPendingLines) more"))
    }
    return lines
  }

  /// The same walk through the run that this one became, at the event after the present one.
  public func branched(into picture: RunPicture) -> RunWalk? {
    guard var walk = RunWalk(picture) else { return nil }
    walk.position = min(position + 1, picture.events.count - 1)
    walk.isDecisiveOnly = isDecisiveOnly
    return walk
  }

  private func noNode(_ node: Int) -> [StoryLine] {
    [StoryLine("there is no n\(node): the nodes are n1 to n\(picture.facts.nodeCount)", .yellow)]
  }

  /// The first crash or pause, or the first event under some other fault.
  private var firstFault: Int? {
    let fallen = picture.events.first { $0.kind == .crash || $0.kind == .pause }?.id
    let others = picture.faults.filter { $0.kind != .crashed && $0.kind != .paused }.map(\.startEvent)
    return ([fallen].compactMap { $0 } + others).min().map { min($0, picture.events.count - 1) }
  }

  /// Events are in the order of their times.
  private func firstEvent(from microseconds: Int) -> Int? {
    var (low, high) = (0, picture.events.count)
    while low < high {
      let middle = (low + high) / 2
      if picture.events[middle].timeMicroseconds < microseconds { low = middle + 1 } else { high = middle }
    }
    return low < picture.events.count ? low : nil
  }

  private func nextEvent(with text: String) -> Int? {
    guard !text.isEmpty else { return nil }
    return picture.events[(position + 1)...].first { event in
      ([event.story] + event.effects.map(\.words) + event.effects.compactMap(\.note) + event.notes)
        .contains { $0.lowercased().contains(text.lowercased()) }
    }?.id
  }

  // MARK: A node

  private func state(of node: Int, _ columns: Int) -> [StoryLine] {
    let states = states.states(after: position + 1, of: picture)
    guard let state = states[node] else { return noNode(node) }
    var lines = [StoryLine.row("n\(node)  " + states.words(node), nil, columns: columns, .bold)]
    for (field, value) in state.status.sorted(by: { $0.key < $1.key }) {
      lines.append(.row("  \(Screen.pad(field, 10)) \(value)", nil, columns: columns))
    }
    let now = picture.events[position].timeMicroseconds
    for (timer, time) in state.timers.sorted(by: { ($0.value, $0.key) < ($1.value, $1.key) }) {
      lines.append(.row("  timer \(timer) in \(max(0, (time - now) / 1_000)) ms", nil, columns: columns))
    }
    let waiting = underWay(to: node)
    for messages in waiting.prefix(Self.mostWaiting) {
      lines.append(.row("  " + Self.words(messages, at: now), nil, columns: columns))
    }
    if waiting.count > Self.mostWaiting {
      lines.append(
        StoryLine("  … and messages of \(waiting.count - Self.mostWaiting) more kinds and senders"))
    }
    return lines
  }

  /// How many lines there may be of messages under way.
  private static let mostWaiting = 12

  /// The messages that are under way to a node, those of one name and sender together.
  private func underWay(to node: Int) -> [[RunPicture.Message]] {
    var groups: [[RunPicture.Message]] = []
    for message in picture.messages where message.to == node && isUnderWay(message) {
      let place = groups.firstIndex { $0[0].label == message.label && $0[0].from == message.from }
      if let place { groups[place].append(message) } else { groups.append([message]) }
    }
    return groups
  }

  private static func words(_ messages: [RunPicture.Message], at now: Int) -> String {
    func age(_ message: RunPicture.Message) -> Int { (now - message.sentMicroseconds) / 1_000 }
    let (first, last) = (messages[0], messages[messages.count - 1])
    return messages.count == 1
      ? "\(first.label) from n\(first.from) is under way, sent \(age(first)) ms ago"
      : "\(messages.count) × \(first.label) from n\(first.from) are under way, sent \(age(first)) to \(age(last)) ms ago"
  }

  private func isUnderWay(_ message: RunPicture.Message) -> Bool {
    guard let sent = message.sentEvent, sent <= position, message.fate != .lost else { return false }
    let ends = message.arrivals + message.losses
    return message.inFlight > 0 || ends.contains { $0 > position }
  }
}
