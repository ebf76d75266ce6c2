/// Whether all replicas came to hold the same (Vogels, "Eventually consistent", CACM 2009; Shapiro and others, SSS 2011).
///
/// To be asked of what the replicas hold once writes and faults have ended and the time allowed for them to agree is up.
public struct Convergence: Sendable {
  /// What one replica holds at the end.
  public struct Replica: Sendable, Equatable {
    /// The node, counted from 0.
    public var node: Int
    /// The values by key; a key that is missing has none. Several values of a key, as concurrent writes leave them, are
    /// given as one in an order of their own.
    public var values: [String: String]

    public init(node: Int, values: [String: String]) {
      self.node = node
      self.values = values
    }
  }

  public init() {}

  /// Whether the replicas agree on every key; with `written`, also whether what they hold had been written.
  ///
  /// - Parameter written: for each key all values that anyone tried to write to it.
  public func check(_ replicas: [Replica], written: [String: Set<String>]? = nil) -> Verdict {
    let keys = Set(replicas.flatMap(\.values.keys)).sorted()
    for key in keys {
      if let written, let stranger = replicas.first(where: { !isKnown($0.values[key], of: key, in: written) })
      {
        return violation(
          "\(name(stranger.node)) holds \(shown(key, stranger.values[key])), which nobody wrote",
          [stranger.node])
      }
      let values = replicas.map { $0.values[key] }
      guard let first = values.first, values.contains(where: { $0 != first }) else { continue }
      var groups: [(value: String?, nodes: [Int])] = []
      for replica in replicas {
        let value = replica.values[key]
        if let group = groups.firstIndex(where: { $0.value == value }) {
          groups[group].nodes.append(replica.node)
        } else {
          groups.append((value, [replica.node]))
        }
      }
      let words = groups.map { group in
        "\(names(group.nodes)) \(group.nodes.count == 1 ? "holds" : "hold") \(shown(key, group.value))"
      }
      return violation(list(words), replicas.map(\.node))
    }
    return .holds
  }

  private func isKnown(_ value: String?, of key: String, in written: [String: Set<String>]) -> Bool {
    value.map { written[key]?.contains($0) ?? false } ?? true
  }

  private func shown(_ key: String, _ value: String?) -> String {
    value.map { "\(key) = \"\($0)\"" } ?? "no \(key)"
  }

  private func violation(_ evidence: String, _ nodes: [Int]) -> Verdict {
    .violated(
      Violation(
        property: "Eventual convergence", section: "Vogels 2009", evidence: evidence + ".", nodes: nodes))
  }
}
