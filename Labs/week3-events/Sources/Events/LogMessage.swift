import LabKit

/// What the nodes of the log say to each other. The type is yours: rename, split or extend it.
public enum LogMessage: NodeMessage {
  /// A client's request, which is yours to carry out. The answer comes back under the same number.
  case passOn(LogRequest, call: Int)
  case answer(LogReply, call: Int)

  public var kind: String {
    switch self {
    case .passOn: "passOn"
    case .answer: "answer"
    }
  }
}
