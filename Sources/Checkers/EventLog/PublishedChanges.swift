/// Whether a log tells of every change of a service's state and of no other, in order for each key: what an outbox promises
/// (Kleppmann, "Designing Data-Intensive Applications", 2017, chapter 11).
public struct PublishedChanges: Sendable {
  public init() {}

  /// Judges a log.
  ///
  /// - Parameters:
  ///   - changes: for each key its events in the order of the changes, by the service's durable state.
  ///   - log: for each partition its records in order, as keys and events.
  public func check(changes: [String: [String]], log: [[(key: String, event: String)]]) -> Verdict {
    let published = Set(log.joined().map(\.event))
    var next: [String: Int] = [:]
    for (key, event) in log.joined() {
      let expected = changes[key] ?? []
      let position = next[key] ?? 0
      guard let place = expected.firstIndex(of: event) else {
        return violation(
          "Nothing is published that did not happen",
          "The log says \"\(event)\" (key \(key)); "
            + (expected.isEmpty
              ? "the service knows of nothing of the kind."
              : "the service knows of \(words(expected)) alone."))
      }
      // A relay that asks again publishes at least once.
      if place < position { continue }
      if place > position {
        guard published.contains(expected[position]) else {
          return violation(
            "Every change is published",
            "\"\(expected[position])\" is on the service's disk, and never came into the log; \"\(event)\", which happened "
              + "after it, did.")
        }
        return violation(
          "Events of a key in order",
          "The log says \"\(event)\" before \"\(expected[position])\", which happened first.")
      }
      next[key] = position + 1
    }
    for (key, expected) in changes.sorted(by: { $0.key < $1.key }) where next[key] ?? 0 < expected.count {
      return violation(
        "Every change is published",
        "\"\(expected[next[key] ?? 0])\" is on the service's disk, and never came into the log.")
    }
    return .holds
  }

  private func words(_ events: [String]) -> String { events.map { "\"\($0)\"" }.joined(separator: ", ") }

  private func violation(_ property: String, _ evidence: String) -> Verdict {
    .violated(Violation(property: property, section: "Kleppmann, chapter 11", evidence: evidence))
  }
}
