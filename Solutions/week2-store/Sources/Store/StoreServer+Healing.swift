import LabKit

/// Replicas that were out of reach are told what they missed: by whoever stood in for them (Dynamo, 4.6), and, where nobody
/// did, by another replica that finds that the two differ (4.7).
extension StoreServer {
  static let issuersKey = "issuers"
  /// How many hints are under way to a node at a time.
  private static let hintWindow = 20

  mutating func heal(_ context: inout Context<Self>) {
    readdressHints(&context)
    for (node, kept) in hints.sorted(by: { $0.key < $1.key }) {
      for key in kept.keys.sorted().prefix(Self.hintWindow) { handOff(key, to: node, &context) }
    }
    bequeath(&context)
    for (node, tree) in trees.sorted(by: { $0.key < $1.key }) {
      context.send(.compare(tree.whole), to: node)
    }
  }

  // MARK: Hints

  /// Keeps something of a key for a replica that is out of reach.
  mutating func keep(
    _ record: Record, of key: String, for replica: NodeID, _ context: inout Context<Self>
  ) {
    var merged = hints[replica]?[key] ?? Record()
    merged.merge(record)
    guard hints[replica]?[key] != merged else { return }
    hints[replica, default: [:]][key] = merged
    context.persist(Optional(merged), under: place(of: key, for: replica))
  }

  private func handOff(_ key: String, to node: NodeID, _ context: inout Context<Self>) {
    guard let record = hints[node]?[key] else { return }
    context.send(.handOff(key: key, record), to: node)
  }

  /// A replica has taken what was kept for it. If more has come since, that is still to be handed off.
  mutating func drop(
    _ record: Record, of key: String, for replica: NodeID, _ context: inout Context<Self>
  ) {
    guard hints[replica]?[key] == record else { return }
    hints[replica]?[key] = nil
    context.persist(Record?.none, under: place(of: key, for: replica))
    if let next = hints[replica]?.keys.sorted().dropFirst(Self.hintWindow - 1).first {
      handOff(next, to: replica, &context)
    }
  }

  /// What is kept for a node that is no replica of the key any more goes to one that is.
  private mutating func readdressHints(_ context: inout Context<Self>) {
    for (node, kept) in hints.sorted(by: { $0.key < $1.key }) {
      for (key, record) in kept.sorted(by: { $0.key < $1.key }) where !replicas(of: key).contains(node) {
        if replicas(of: key).contains(id) {
          learn(record, of: key, &context)
        } else {
          keep(record, of: key, for: replicas(of: key)[0], &context)
        }
        drop(record, of: key, for: node, &context)
      }
    }
  }

  private func place(of key: String, for replica: NodeID) -> String { "hint/\(replica.number)/\(key)" }

  // MARK: Differences

  mutating func receiveCompare(
    _ digests: [DigestTree.Digest], from node: NodeID, _ context: inout Context<Self>
  ) {
    let (leaves, parts) = (trees[node] ?? DigestTree()).differences(from: digests)
    if !parts.isEmpty { context.send(.compare(parts), to: node) }
    if !leaves.isEmpty { context.send(.exchange(shared(with: node, in: leaves), leaves: leaves), to: node) }
  }

  /// Learns what the other knows, and tells it what it does not.
  mutating func receiveExchange(
    _ theirs: [String: Record], _ leaves: [Int], from node: NodeID, _ context: inout Context<Self>
  ) {
    for (key, record) in theirs.sorted(by: { $0.key < $1.key }) where replicas(of: key).contains(id) {
      learn(record, of: key, &context)
    }
    for (key, record) in shared(with: node, in: leaves).sorted(by: { $0.key < $1.key })
    where theirs[key] != record {
      context.send(.repair(key: key, record), to: node)
    }
  }

  /// What is known here of the keys in these leaves that another node holds as well.
  private func shared(with node: NodeID, in leaves: [Int]) -> [String: Record] {
    let leaves = Set(leaves)
    return records.filter {
      leaves.contains(DigestTree.leaf(of: $0.key)) && membership.replicas(of: $0.key).contains(node)
    }
  }
}
