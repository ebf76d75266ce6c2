import LabKit

/// Which request of a client a message belongs to, by the number that its coordinator gave it.
public typealias OperationID = Int

/// What the nodes of the store say to each other.
public enum Message: NodeMessage {
  /// What do you hold of this key?
  case read(key: String, OperationID)
  case record(Record, OperationID)
  /// Learn this of the key, and say when it is on disk.
  case replicate(key: String, Record, OperationID)
  case replicated(OperationID)
  /// Learn this of the key; nobody waits for an answer.
  case repair(key: String, Record)
  /// Could you take a write of this key in?
  case offer(OperationID)
  /// Yes, once, whoever shows this ticket.
  case ready(Ticket, OperationID)
  /// Take this write in.
  case handOver(Put, Ticket, OperationID)
  /// What became of it.
  case outcome(StoreReply, OperationID)

  public var kind: String {
    switch self {
    case .read: "read"
    case .record: "record"
    case .replicate: "replicate"
    case .replicated: "replicated"
    case .repair: "repair"
    case .offer: "offer"
    case .ready: "ready"
    case .handOver: "handOver"
    case .outcome: "outcome"
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
