import LabKit

/// A request that a node is at work on, for a client or for another node.
struct Operation: Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    /// A get: the records that nodes have answered with.
    case read(records: [NodeID: Record])
    /// The nodes that have a record on disk: that of a put that this node has taken in, or of a get that is linearizable.
    case write(Record, holders: Set<NodeID>)
    /// A put of a key that this node does not hold: it looks for a replica that takes the write in.
    case search(Put)
    /// One has been found, and is given the write.
    case handedOver(Put, to: NodeID, Ticket)
  }

  /// Who waits for the outcome.
  enum Caller: Hashable, Sendable {
    case client(Token)
    case node(NodeID, OperationID)
  }

  let key: String
  let quorum: Quorum
  let caller: Caller
  /// When it was begun, by this node's own clock.
  let beginning: Duration
  var kind: Kind
  /// How often those have been asked again who did not answer.
  var retries = 0
  /// What a read is for: a put that is linearizable looks first what is there.
  var put: Put?
  /// Whether the caller has been answered. What remains is for the replicas' sake.
  var isAnswered = false
}
