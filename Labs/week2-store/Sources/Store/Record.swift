import LabKit

/// What a replica holds of one key. In stage 2C this may be one version, the newest; in stage 2D it is all siblings.
public struct Record: Hashable, Codable, Sendable {
  /// Takes a write in. It takes the place of all that `context` has seen: the context of the client's last read, or `none`.
  /// `issuer` is the node that takes it in; in stages 2E and 2F a node's name alone may be too little.
  mutating func add(_ version: StoreVersion, knowing context: CausalContext, issuer: NodeID) {
    notImplemented()
  }

  /// Learns what another replica holds. What is older here gives way, and nothing here gives way to what is older.
  mutating func merge(_ other: Record) {
    notImplemented()
  }

  /// What a client passes on with the write that follows.
  var context: CausalContext { notImplemented() }

  /// What a client is told.
  var siblings: [StoreVersion] { notImplemented() }
}
