/// Whether all stays that a group has yet to read.
public struct RetentionRules: Sendable {
  public init() {}

  /// Judges the retentions of a topic.
  ///
  /// - Parameters:
  ///   - name: the topic's name, for the evidence.
  ///   - groups: those that consume the topic, by name.
  public func check(_ history: TopicHistory, named name: String, groups: [String: GroupHistory]) -> Verdict {
    for retention in history.retentions {
      guard let (from, time) = retention.answered, from > 0 else { continue }
      let place = "\(name)/\(retention.partition)"
      let first = history.retentions.filter { $0.partition == retention.partition }.map(\.call).min() ?? 0
      // What was let go before a group joined is gone.
      for (group, past) in groups.sorted(by: { $0.key < $1.key })
      where past.joins.contains(where: { $0.time < first }) {
        let read = past.mayHaveCommitted(retention.partition, by: time)
        guard
          let lost = history.knownOffsets(of: retention.partition).first(where: {
            (read..<max(read, from)).contains($0)
          })
        else { continue }
        return .violated(
          Violation(
            property: "What a group has not read stays", section: "contract",
            evidence:
              "\(place) was cut off before offset \(from), with the record at offset \(lost); the group \(group) has committed "
              + (read > 0 ? "offset \(read)." : "none of it.")))
      }
    }
    return .holds
  }
}
