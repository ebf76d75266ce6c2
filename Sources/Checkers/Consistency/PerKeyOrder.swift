/// Whether consumers see the events of each key in the order in which they were published, as a log partitioned by key
/// promises (Kreps, Narkhede and Rao, "Kafka", NetDB 2011).
public struct PerKeyOrder: Sendable {
  /// An event, unlike any other of its key.
  public struct Event: Sendable, Hashable {
    public var key: String
    public var id: String

    public init(key: String, id: String) {
      self.key = key
      self.id = id
    }
  }

  /// Whether a consumer may see again what it has seen, as delivery at least once allows.
  public var allowsRepeats: Bool
  /// Whether a consumer may miss an event before one that it sees.
  public var allowsGaps: Bool

  public init(allowsRepeats: Bool = true, allowsGaps: Bool = false) {
    self.allowsRepeats = allowsRepeats
    self.allowsGaps = allowsGaps
  }

  /// Whether each consumer first saw each key's events in their order.
  ///
  /// - Parameters:
  ///   - published: for each key its events in order.
  ///   - consumed: for each consumer, by name, the events in the order in which it saw them.
  public func check(published: [String: [String]], consumed: [String: [Event]]) -> Verdict {
    var positions: [Event: Int] = [:]
    for (key, events) in published {
      for (position, id) in events.enumerated() { positions[Event(key: key, id: id)] = position }
    }
    for (consumer, events) in consumed.sorted(by: { $0.key < $1.key }) {
      if let evidence = disorder(events, positions, published) {
        return .violated(
          Violation(
            property: "Order per key", section: "Kreps and others 2011", evidence: "\(consumer) \(evidence).")
        )
      }
    }
    return .holds
  }

  private func disorder(
    _ events: [Event], _ positions: [Event: Int], _ published: [String: [String]]
  ) -> String? {
    var seen: Set<Event> = []
    var next: [String: Int] = [:]
    for event in events {
      guard let position = positions[event] else {
        return "saw \(event.id) of \(event.key), which was not published"
      }
      guard seen.insert(event).inserted else {
        if allowsRepeats { continue }
        return "saw \(event.id) of \(event.key) twice"
      }
      let expected = next[event.key] ?? 0
      let order = published[event.key] ?? []
      if position < expected {
        return "saw \(event.id) of \(event.key) after \(order[expected - 1]), which was published later"
      }
      if position > expected && !allowsGaps {
        return "saw \(event.id) of \(event.key) without \(order[expected]), which was published before"
      }
      next[event.key] = position + 1
    }
    return nil
  }
}
