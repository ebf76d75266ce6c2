import LabKit

/// What Raft nodes say to each other (Figures 2 and 13 of the paper; thesis, 3.10 and 9.6). The type is yours: rename,
/// split or extend it.
public enum Message: NodeMessage {
  /// A candidate asks for a vote (5.2).
  case voteRequest(term: Int, lastLogIndex: Int, lastLogTerm: Int)
  /// The answer to a vote request.
  case voteReply(term: Int, isGranted: Bool)
  /// The leader replicates entries; without entries it is a heartbeat (5.2, 5.3). `round` counts the leader's rounds of
  /// heartbeats; the answer repeats it (thesis, 6.4).
  case appendRequest(
    term: Int, previousIndex: Int, previousTerm: Int, entries: [LogEntry], leaderCommit: Int, round: Int)
  /// The leader sends its snapshot to a follower that lacks entries which the leader no longer holds (7).
  case snapshotRequest(
    term: Int, lastIndex: Int, lastTerm: Int, members: [NodeID], snapshot: [UInt8], round: Int)
  /// The answer to both requests of a leader.
  case appendReply(term: Int, isSuccess: Bool, matchIndex: Int, round: Int)
  /// A node asks who would vote for it, and is in no newer term for that (thesis, 9.6).
  case preVoteRequest(term: Int, lastLogIndex: Int, lastLogTerm: Int)
  /// The answer to that.
  case preVoteReply(term: Int, isGranted: Bool)
  /// The leader wants the receiver to stand for election at once (thesis, 3.10).
  case timeoutNow(term: Int)

  /// The sender's term, which every message carries (5.1).
  var term: Int {
    switch self {
    case .voteRequest(let term, _, _), .voteReply(let term, _), .appendRequest(let term, _, _, _, _, _),
      .snapshotRequest(let term, _, _, _, _, _), .appendReply(let term, _, _, _),
      .preVoteRequest(let term, _, _), .preVoteReply(let term, _), .timeoutNow(let term):
      term
    }
  }

  public var kind: String {
    switch self {
    case .voteRequest: "voteRequest"
    case .voteReply: "voteReply"
    case .appendRequest: "append"
    case .snapshotRequest: "snapshot"
    case .appendReply: "appendReply"
    case .preVoteRequest: "preVoteRequest"
    case .preVoteReply: "preVoteReply"
    case .timeoutNow: "timeoutNow"
    }
  }
}
