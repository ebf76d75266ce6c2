/// Whether each accepted operation took effect exactly once at each sink, however often messages were sent again
/// (Helland, "Life beyond distributed transactions", CIDR 2007).
public struct ExactlyOnceEffects: Sendable {
  public init() {}

  /// Whether accepted operations were applied once and uncertain ones at most once at each sink, and no other at all.
  ///
  /// - Parameters:
  ///   - accepted: the operations whose clients were told that they took effect.
  ///   - uncertain: those of whose end the clients know nothing.
  ///   - applied: for each sink, by name, the operations in the order in which it applied them.
  public func check(accepted: Set<String>, uncertain: Set<String> = [], applied: [String: [String]])
    -> Verdict
  {
    for (sink, operations) in applied.sorted(by: { $0.key < $1.key }) {
      var counts: [String: Int] = [:]
      for operation in operations { counts[operation, default: 0] += 1 }
      for operation in operations {
        if let count = counts[operation], count > 1 {
          return violation("\(sink) applied \(operation) \(count) times")
        }
        if !accepted.contains(operation) && !uncertain.contains(operation) {
          return violation("\(sink) applied \(operation), which was not accepted")
        }
      }
      let missing = accepted.filter { counts[$0] == nil }.sorted()
      if let first = missing.first {
        let more = missing.count > 1 ? ", and \(missing.count - 1) more" : ""
        return violation("\(sink) never applied \(first), which was accepted\(more)")
      }
    }
    return .holds
  }

  private func violation(_ evidence: String) -> Verdict {
    .violated(Violation(property: "Exactly-once effects", section: "Helland 2007", evidence: evidence + "."))
  }
}
