import LabKit

/// What Raft nodes say to each other (Figure 2 of the paper). The type is yours: rename, split or extend it.
public enum Message: NodeMessage {
  /// A candidate asks for a vote (5.2).
  case voteRequest(term: Int, lastLogIndex: Int, lastLogTerm: Int)
  /// The answer to a vote request.
  case voteReply(term: Int, isGranted: Bool)
  /// The leader replicates entries; without entries it is a heartbeat (5.2, 5.3).
  case appendRequest(
    term: Int, previousIndex: Int, previousTerm: Int, entries: [LogEntry], leaderCommit: Int)
  /// The answer to an append request.
  case appendReply(term: Int, isSuccess: Bool, matchIndex: Int)

  public var kind: String {
    switch self {
    case .voteRequest: "voteRequest"
    case .voteReply: "voteReply"
    case .appendRequest: "append"
    case .appendReply: "appendReply"
    }
  }
}
