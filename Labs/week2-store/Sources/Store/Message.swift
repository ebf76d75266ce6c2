import LabKit

/// What the nodes of the store say to each other. The type is yours: rename, split or extend it.
public enum Message: NodeMessage {
  /// What do you hold of this key?
  case read(key: String, operation: Int)
  case record(Record, operation: Int)
  /// Learn this of the key, and say when it is on disk.
  case replicate(key: String, Record, operation: Int)
  case replicated(operation: Int)

  public var kind: String {
    switch self {
    case .read: "read"
    case .record: "record"
    case .replicate: "replicate"
    case .replicated: "replicated"
    }
  }
}
