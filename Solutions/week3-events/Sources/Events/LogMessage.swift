import LabKit

/// What the nodes of the log say to each other.
public enum LogMessage: NodeMessage {
  /// This is yours to carry out. The answer comes back under the same number.
  case passOn(LogTask, call: Int)
  case answer(LogReply, call: Int)

  public var kind: String {
    switch self {
    case .passOn: "passOn"
    case .answer: "answer"
    }
  }
}

/// What a node of the log can be asked to do.
public enum LogTask: Hashable, Codable, Sendable {
  /// What a client wants.
  case request(LogRequest)
  /// Keep the partition's last records, and all from the floor on: some group has yet to read them.
  case trim(Partition, last: Int, floor: Int)
}

/// Who waits for an answer.
enum Asker: Hashable {
  case client(Token)
  case node(NodeID, call: Int)
}
