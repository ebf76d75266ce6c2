import LabKit

/// Which request of a client a message belongs to, by the number that its coordinator gave it.
public typealias OperationID = Int

/// What the nodes of the store say to each other.
public enum Message: NodeMessage {
  // Reading
  /// What do you know of this key?
  case read(key: String, OperationID)
  case record(Record, OperationID)
  /// Learn this of the key; nobody waits for an answer.
  case repair(key: String, Record)

  // Writing
  /// Learn this of the key, and say when it is on disk.
  case replicate(key: String, Record, OperationID)
  /// Keep this of the key for a replica that is out of reach, and say when it is on disk.
  case keep(key: String, Record, for: NodeID, OperationID)
  case replicated(OperationID)

  // Writing a key that the coordinator does not hold
  /// Could you take a write of this key in?
  case offer(OperationID)
  /// Yes, once, whoever shows this ticket.
  case ready(Ticket, OperationID)
  /// Take this write in.
  case handOver(Put, Ticket, OperationID)
  /// What became of it.
  case outcome(StoreReply, OperationID)

  // Healing
  /// This was kept for you.
  case handOff(key: String, Record)
  /// It is on disk here.
  case taken(key: String, Record)
  /// So much do I know, of what we both hold.
  case compare([DigestTree.Digest])
  /// This is what I know of the keys in these leaves. What do you?
  case exchange([String: Record], leaves: [Int])

  // Growing and shrinking
  /// You will hold this key.
  case bequeath(key: String, Record)
  /// It is on disk here.
  case inherited(key: String)

  public var kind: String {
    switch self {
    case .read: "read"
    case .record: "record"
    case .repair: "repair"
    case .replicate: "replicate"
    case .keep: "keep"
    case .replicated: "replicated"
    case .offer: "offer"
    case .ready: "ready"
    case .handOver: "handOver"
    case .outcome: "outcome"
    case .handOff: "handOff"
    case .taken: "taken"
    case .compare: "compare"
    case .exchange: "exchange"
    case .bequeath: "bequeath"
    case .inherited: "inherited"
    }
  }
}

/// What a put asks for.
public struct Put: Hashable, Codable, Sendable {
  let key: String
  let version: StoreVersion
  let context: CausalContext
  let quorum: Quorum
}

/// Lets one write in: a message that arrives twice finds its ticket used.
public typealias Ticket = Int
