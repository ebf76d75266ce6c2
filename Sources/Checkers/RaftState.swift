/// What a Raft node shows of itself.
public struct RaftState: Equatable, Sendable {
  /// The part that a node plays (Raft, 5.1); a pre-candidate (Raft thesis, 9.6) counts as a follower.
  public enum Role: Int, Sendable {
    case follower, candidate, leader, preCandidate
  }

  public var role: Role
  public var term: Int
  /// The node that this one voted for in its term, or -1.
  public var vote: Int
  /// The node that this one takes for its term's leader, or -1.
  public var leader: Int
  public var commitIndex: Int
  /// The index of the last entry in the log. Nothing is judged by it: the log itself is shown.
  public var lastIndex: Int
  /// The last index that the log's snapshot covers, or 0.
  public var snapshotIndex: Int
  /// The members of the cluster as the node's log tells them, one bit a node; 0 if the node does not say.
  public var members: UInt64

  public init(
    role: Role = .follower, term: Int = 0, vote: Int = -1, leader: Int = -1, commitIndex: Int = 0,
    lastIndex: Int = 0, snapshotIndex: Int = 0, members: UInt64 = 0
  ) {
    self.role = role
    self.term = term
    self.vote = vote
    self.leader = leader
    self.commitIndex = commitIndex
    self.lastIndex = lastIndex
    self.snapshotIndex = snapshotIndex
    self.members = members
  }
}

/// What identifies a log entry beside its index: its term, and a digest of its content.
public struct EntryMark: Equatable, Sendable {
  public var term: Int
  public var digest: UInt64

  public init(term: Int, digest: UInt64) {
    self.term = term
    self.digest = digest
  }

  /// Stands for an entry that was never seen.
  static let unseen = EntryMark(term: .min, digest: 0)
}
