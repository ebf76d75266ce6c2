/// Directory sharding: a table says of each single key which node holds it, as the master of the Google File System does of
/// each chunk (Ghemawat and others, 2003).
///
/// A new key goes to the emptiest node, and no more keys move than balance asks for. It is as even as can be, and any key
/// may lie anywhere, for whatever reason. The price is the table: an entry a key, and a question before every access.
public struct DirectoryPlacement: TablePlacement {
  private let hash: PlacementHash
  private var weights: [NodeID: Int] = [:]
  private var table: [String: NodeID] = [:]
  /// The table read the other way round.
  private var keys: [NodeID: [String]] = [:]

  public init(hash: PlacementHash) { self.hash = hash }

  public var entryCount: Int { table.count }

  // MARK: Nodes

  public mutating func add(_ node: NodeID, weight: Int) {
    weights[node] = max(1, weight)
    level()
  }

  public mutating func remove(_ node: NodeID) {
    guard weights.removeValue(forKey: node) != nil else { return }
    for key in keys.removeValue(forKey: node) ?? [] {
      table[key] = nil
      insert(key)
    }
  }

  /// Moves one key at a time from the fullest node to the emptiest, as long as that brings them closer.
  private mutating func level() {
    while let fullest = weights.keys.max(by: { isBefore(load($0), $0, load($1), $1) }),
      let emptiest, load(emptiest, 1) < load(fullest)
    {
      move(from: fullest, to: emptiest)
    }
  }

  /// Which key goes is drawn, so that neighbours do not all go the same way.
  private mutating func move(from full: NodeID, to empty: NodeID) {
    guard let count = keys[full]?.count, count > 0 else { return }
    let drawn = Int(hash("\(full)/\(count)/\(table.count)") % UInt64(count))
    keys[full]?.swapAt(drawn, count - 1)
    guard let key = keys[full]?.popLast() else { return }
    assign(key, to: empty)
  }

  private var emptiest: NodeID? { weights.keys.min { isBefore(load($0), $0, load($1), $1) } }

  /// How full a node is, or would be with some keys more: its keys for each unit of its weight.
  private func load(_ node: NodeID, _ more: Int = 0) -> Double {
    Double((keys[node]?.count ?? 0) + more) / Double(weights[node] ?? 1)
  }

  /// Of two nodes that are equally full, the one with the lower number counts as emptier.
  private func isBefore(_ load: Double, _ node: NodeID, _ other: Double, _ otherNode: NodeID) -> Bool {
    (load, node) < (other, otherNode)
  }

  // MARK: Keys

  public mutating func insert(_ key: String) {
    guard table[key] == nil, let emptiest else { return }
    assign(key, to: emptiest)
  }

  private mutating func assign(_ key: String, to node: NodeID) {
    table[key] = node
    keys[node, default: []].append(key)
  }

  /// Where the table says, or, for a key that is not in it, where it would come.
  public func owner(of key: String) -> NodeID? { table[key] ?? emptiest }

  /// The key's node, and those that follow it in the order of their numbers, round the end.
  public func preferenceList(for key: String, count: Int) -> [NodeID] {
    guard let owner = owner(of: key) else { return [] }
    let nodes = weights.keys.sorted()
    return Array((nodes.filter { $0 >= owner } + nodes.filter { $0 < owner }).prefix(max(0, count)))
  }
}
