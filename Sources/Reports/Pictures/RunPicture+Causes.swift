/// Where a property broke, and what led there.
extension RunPicture {
  /// Finds the event with which the property broke: the answer that fits nowhere, or the last event of the nodes concerned.
  mutating func findViolation() {
    let answers = operations.filter(\.isConcerned).compactMap(\.replies.last)
    if facts.concernedNodes.isEmpty, let answer = answers.max() {
      violation.event = answer
      violation.lastEvents = [answer]
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

  private mutating func findDecisive(_ isPast: [Bool]) {
    let concerned = Set(facts.concernedNodes)
    var isDecisive = [Bool](repeating: false, count: events.count)
    for event in events {
      let isBreak = event.kind == .crash || event.kind == .start && event.boot ?? 1 > 1
      guard isPast[event.id] || isBreak && concerned.contains(event.node) else { continue }
      let changed = Set(event.changes.map(\.field))
      let changesState =
        !changed.isDisjoint(with: ["role", "term", "vote", "last", "members"]) && event.kind != .start
        || changed.contains("commit") && (concerned.isEmpty || concerned.contains(event.node))
        || event.logChange != nil && event.kind != .start
      guard isBreak || changesState || !event.notes.isEmpty || event.effects.contains(where: { $0.note != nil })
      else { continue }
      isDecisive[event.id] = true
      if let cause = sender(of: event.id) { isDecisive[cause] = true }
    }
    for event in violation.lastEvents {
      isDecisive[event] = true
      if let cause = sender(of: event) { isDecisive[cause] = true }
    }
    for operation in operations where operation.isConcerned {
      for event in operation.requests.suffix(1) + operation.replies.suffix(1) { isDecisive[event] = true }
    }
    violation.decisive = isDecisive.indices.filter { isDecisive[$0] }
  }
}
