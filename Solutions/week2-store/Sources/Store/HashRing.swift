import LabKit

/// A consistent-hash ring with virtual nodes (Karger and others, 1997; DeCandia and others, 2007, 4.2).
///
/// Every node stands at many points of the ring, which are hashes of its name with a number. A key belongs to the first point
/// clockwise from its own hash.
public struct HashRing: Placement {
  /// A virtual node.
  private struct Point: Hashable, Comparable {
    let position: UInt64
    let node: NodeID

    static func < (left: Point, right: Point) -> Bool {
      (left.position, left.node) < (right.position, right.node)
    }
  }

  /// The points of a node of weight 1: the more there are, the more evenly the keys are spread.
  private static let pointsPerWeight = 256

  private let hash: PlacementHash
  private var members: Set<NodeID> = []
  /// Clockwise. Points of several nodes may share a position; they stand side by side in the order of their nodes, so that
  /// no node's coming or going touches another's.
  private var points: [Point] = []

  public init(hash: PlacementHash) { self.hash = hash }

  public mutating func add(_ node: NodeID, weight: Int) {
    remove(node)
    members.insert(node)
    for number in 0..<(weight * Self.pointsPerWeight) {
      points.append(Point(position: hash("\(node)/\(number)"), node: node))
    }
    points.sort()
  }

  public mutating func remove(_ node: NodeID) {
    members.remove(node)
    points.removeAll { $0.node == node }
  }

  public func owner(of key: String) -> NodeID? { preferenceList(for: key, count: 1).first }

  public func preferenceList(for key: String, count: Int) -> [NodeID] {
    let wanted = min(count, members.count)
    var nodes: [NodeID] = []
    var index = firstPoint(from: hash(key))
    while nodes.count < wanted {
      let node = points[index % points.count].node
      if !nodes.contains(node) { nodes.append(node) }
      index += 1
    }
    return nodes
  }

  /// The index of the first point at `position` or clockwise from it, as if the ring went on behind its last one.
  private func firstPoint(from position: UInt64) -> Int {
    var (low, high) = (0, points.count)
    while low < high {
      let middle = (low + high) / 2
      if points[middle].position < position { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
