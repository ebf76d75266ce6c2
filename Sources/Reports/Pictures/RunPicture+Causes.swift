/// Where a property broke, and what led there.
extension RunPicture {
  /// Finds the event with which the property broke: the answer that fits nowhere, or the last event of the nodes concerned.
  mutating func findViolation() {
    let answers = operations.filter(\.isConcerned).compactMap(\.replies.last)
    if facts.concernedNodes.isEmpty, !answers.isEmpty {
      // The operations contradict each other, wherever they were answered.
      facts.concernedNodes = Array(Set(answers.map { events[$0].node })).sorted()
      violation.lastEvents = answers.sorted()
      violation.event = violation.lastEvents.last
      return
    }
    var latest: [Int: Int] = [:]
    for event in events where event.kind != .lost { latest[event.node] = event.id }
    let concerned = facts.concernedNodes.compactMap { latest[$0] }
    violation.lastEvents = (concerned.isEmpty ? Array(latest.values) : concerned).sorted()
    violation.event = violation.lastEvents.last
  }

  /// Finds what happened before the violation in the order of causes, and what of that was decisive.
  mutating func findCauses() {
    var earlier = [Int?](repeating: nil, count: events.count)
    var latest: [Int: Int] = [:]
    for event in events where event.kind != .lost {
      earlier[event.id] = latest[event.node]
      latest[event.node] = event.id
    }
    var isPast = [Bool](repeating: false, count: events.count)
    var open = violation.lastEvents
    for event in open { isPast[event] = true }
    while let event = open.popLast() {
      for cause in [earlier[event], sender(of: event)] {
        if let cause, !isPast[cause] {
          isPast[cause] = true
          open.append(cause)
        }
      }
    }
    violation.past = isPast.indices.filter { isPast[$0] }
    findDecisive(isPast)
  }

  /// The event whose handler sent the message that this event received.
  private func sender(of event: Int) -> Int? {
    guard events[event].kind == .receive, let message = events[event].message else { return nil }
    return messages[message].sentEvent
  }

  /// How many events that only add to a log, or only lack something, are decisive: the latest. And how many of any kind.
  private static let mostRoutineEvents = 24
  private static let mostGrowthEvents = 8
  private static let mostDecisiveEvents = 150

  private mutating func findDecisive(_ isPast: [Bool]) {
    var isDecisive = [Bool](repeating: false, count: events.count)
    func choose(_ event: Int) {
      isDecisive[event] = true
      if let cause = sender(of: event) { isDecisive[cause] = true }
    }
    var (count, routine, growth) = (0, 0, 0)
    for event in events.reversed() where count < Self.mostDecisiveEvents {
      switch weight(of: event, isPast: isPast[event.id]) {
      case .none: continue
      case .routine where routine < Self.mostRoutineEvents: routine += 1
      case .growth where growth < Self.mostGrowthEvents: growth += 1
      case .routine, .growth: continue
      case .turn: break
      }
      count += 1
      choose(event.id)
    }
    for event in violation.lastEvents { choose(event) }
    for operation in operations where operation.isConcerned {
      for event in operation.requests.suffix(1) + operation.replies.suffix(1) { choose(event) }
    }
    violation.decisive = isDecisive.indices.filter { isDecisive[$0] }
  }

  private enum Weight {
    case none
    /// A service or its log keeps more than before.
    case growth
    /// Something was added to a log or counted as committed, or a note was made of what is missing.
    case routine
    /// A node took another role, term or vote, lost something, or fell out.
    case turn
  }

  private func weight(of event: Event, isPast: Bool) -> Weight {
    let isConcerned = facts.concernedNodes.contains(event.node)
    if event.kind == .crash || event.kind == .start && event.boot ?? 1 > 1 {
      return event.id <= violation.event ?? 0 ? .turn : .none
    }
    guard isPast, event.kind != .start else { return .none }
    let turns: Set = ["role", "term", "vote", "members"]
    if event.changes.contains(where: { turns.contains($0.field) || $0.isFall }) { return .turn }
    if event.logChange?.contains("drops") == true { return .turn }
    let isNoted = !event.notes.isEmpty || event.effects.contains { $0.note != nil }
    let isCommit = event.changes.contains { $0.field == "commit" }
    if isNoted || event.logChange != nil || isCommit && isConcerned { return .routine }
    let isGrowth = event.changes.contains { $0.field == "records" || $0.field == "orders" }
    return isGrowth && isConcerned ? .growth : .none
  }
}

extension RunPicture.Change {
  /// Something that should grow has become less.
  fileprivate var isFall: Bool {
    guard field == "commit" || field == "last", let before = Int(before), let after = Int(after) else {
      return false
    }
    return after < before
  }
}
