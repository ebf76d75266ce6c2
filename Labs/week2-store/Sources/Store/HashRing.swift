import LabKit

/// A consistent-hash ring with virtual nodes (Karger and others, 1997; DeCandia and others, 2007, 4.2).
public struct HashRing: Placement {
  let hash: PlacementHash

  public init(hash: PlacementHash) { self.hash = hash }

  /// A node comes, or has another weight from now on.
  public mutating func add(_ node: NodeID, weight: Int) {
    notImplemented()
  }

  /// A node goes. Nothing happens if it is not there.
  public mutating func remove(_ node: NodeID) {
    notImplemented()
  }

  /// The node that a key belongs to; nil if there is no node.
  public func owner(of key: String) -> NodeID? {
    notImplemented()
  }

  /// The `count` nodes that hold a key's replicas, each once, the owner first; all nodes if there are fewer.
  public func preferenceList(for key: String, count: Int) -> [NodeID] {
    notImplemented()
  }
}
