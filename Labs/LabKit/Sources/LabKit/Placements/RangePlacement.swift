/// Range sharding: each node holds the keys from one key on up to another, as in an encyclopedia of several volumes
/// (Chang and others, *Bigtable*, 2006).
///
/// The range of the fullest node is split in its middle when a node comes, and one that is left behind goes to a neighbour.
/// Keys that lie beside each other stay together: a scan asks few nodes, and keys that come in their order, such as dates,
/// all go to the last.
public struct RangePlacement: TablePlacement {
  /// The keys from one key on, up to where the next range begins.
  private struct Range: Hashable {
    var start: String
    var node: NodeID
    /// In their order.
    var keys: [String] = []
  }

  /// In the order of their keys. The first begins with the empty text, before all keys.
  private var ranges: [Range] = []
  private var weights: [NodeID: Int] = [:]
  /// Nodes without a range, as long as there are not keys enough to split one.
  private var waiting: [NodeID] = []

  /// Nothing is hashed: the keys' own order says where they lie.
  public init(hash: PlacementHash) {}

  public var entryCount: Int { ranges.count }

  // MARK: Nodes

  public mutating func add(_ node: NodeID, weight: Int) {
    guard weights[node] != max(1, weight) else { return }
    // Another weight is another share.
    remove(node)
    weights[node] = max(1, weight)
    waiting.append(node)
    admit()
  }

  public mutating func remove(_ node: NodeID) {
    weights[node] = nil
    waiting.removeAll { $0 == node }
    guard let place = ranges.firstIndex(where: { $0.node == node }) else { return }
    if !waiting.isEmpty {
      ranges[place].node = waiting.removeFirst()
    } else {
      let left = ranges.remove(at: place)
      merge(left, at: place)
    }
  }

  /// Gives ranges to the nodes that wait for one.
  private mutating func admit() {
    if ranges.isEmpty, !waiting.isEmpty { ranges.append(Range(start: "", node: waiting.removeFirst())) }
    while let node = waiting.first, let fullest = ranges.indices.max(by: { load($0) < load($1) }),
      ranges[fullest].keys.count > 1
    {
      waiting.removeFirst()
      split(fullest, for: node)
    }
  }

  /// Gives the upper part of a range to a node: a half, if the two have the same weight.
  private mutating func split(_ place: Int, for node: NodeID) {
    let keys = ranges[place].keys
    let (old, new) = (weight(ranges[place].node), weight(node))
    let middle = min(keys.count - 1, max(1, keys.count * old / (old + new)))
    ranges[place].keys = Array(keys[..<middle])
    ranges.insert(Range(start: keys[middle], node: node, keys: Array(keys[middle...])), at: place + 1)
  }

  /// Gives a range that nobody holds any more to the neighbour that holds less.
  private mutating func merge(_ left: Range, at place: Int) {
    let neighbours = [place - 1, place].filter(ranges.indices.contains)
    guard let heir = neighbours.min(by: { load($0) < load($1) }) else { return }
    if heir < place {
      ranges[heir].keys += left.keys
    } else {
      ranges[heir].start = left.start
      ranges[heir].keys = left.keys + ranges[heir].keys
    }
  }

  private func weight(_ node: NodeID) -> Int { weights[node] ?? 1 }

  /// How full a range's node is: its keys for each unit of its weight.
  private func load(_ place: Int) -> Double {
    Double(ranges[place].keys.count) / Double(weight(ranges[place].node))
  }

  // MARK: Keys

  public mutating func insert(_ key: String) {
    guard let place = place(of: key) else { return }
    let index = ranges[place].keys.halved { $0 < key }
    guard index == ranges[place].keys.count || ranges[place].keys[index] != key else { return }
    ranges[place].keys.insert(key, at: index)
    admit()
  }

  public func owner(of key: String) -> NodeID? { place(of: key).map { ranges[$0].node } }

  /// The key's node, and those of the ranges behind it, round the end.
  public func preferenceList(for key: String, count: Int) -> [NodeID] {
    guard let place = place(of: key) else { return [] }
    return Array(((ranges[place...] + ranges[..<place]).map(\.node) + waiting).prefix(max(0, count)))
  }

  /// The range that a key lies in: the last that does not begin behind it.
  private func place(of key: String) -> Int? {
    ranges.isEmpty ? nil : ranges.halved { $0.start <= key } - 1
  }
}

extension Array {
  /// How many elements at the beginning keep a condition that no element behind them keeps; found by halving.
  fileprivate func halved(_ isBefore: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
