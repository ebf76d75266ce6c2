import LabKit

extension TimerName {
  static let election: TimerName = "election"
  static let heartbeat: TimerName = "heartbeat"
}

/// A Raft node (Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm", extended version).
///
/// Fill in the functions that say `notImplemented()`. For stage 1A these are `start`, `timerFired`, the two about votes,
/// and as much of `receiveAppendRequest` as a heartbeat needs.
public struct Raft: RaftNode {
  let id: NodeID
  /// Everyone else.
  let peers: [NodeID]

  // State on all nodes that must survive a crash (Figure 2).
  var currentTerm = 0
  var votedFor: NodeID?
  var log: [LogEntry] = []

  // State on all nodes that need not.
  var role = RaftStatus.Role.follower
  var leader: NodeID?
  var commitIndex = 0
  var lastApplied = 0

  public init(id: NodeID, members: [NodeID]) {
    self.id = id
    peers = members.filter { $0 != id }
  }

  public var status: RaftStatus {
    RaftStatus(
      role: role, term: currentTerm, vote: votedFor, leader: leader, commitIndex: commitIndex,
      lastIndex: log.count)
  }

  /// The paper counts log entries from 1.
  public func entry(at index: Int) -> EntryMark? {
    guard log.indices.contains(index - 1) else { return nil }
    return EntryMark(term: log[index - 1].term, digest: log[index - 1].command?.id ?? 0)
  }

  // MARK: Events

  /// The process has started. Restore what was persisted (stage 1C), and wait for a leader.
  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    notImplemented()
  }

  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    notImplemented()
  }

  public mutating func receive(_ message: Message, from sender: NodeID, _ context: inout Context<Self>) {
    switch message {
    case .voteRequest(let term, let lastLogIndex, let lastLogTerm):
      receiveVoteRequest(
        from: sender, term: term, lastLogIndex: lastLogIndex, lastLogTerm: lastLogTerm, &context)
    case .voteReply(let term, let isGranted):
      receiveVoteReply(from: sender, term: term, isGranted: isGranted, &context)
    case .appendRequest(let term, let previousIndex, let previousTerm, let entries, let leaderCommit):
      receiveAppendRequest(
        from: sender, term: term, previousIndex: previousIndex, previousTerm: previousTerm,
        entries: entries, leaderCommit: leaderCommit, &context)
    case .appendReply(let term, let isSuccess, let matchIndex):
      receiveAppendReply(from: sender, term: term, isSuccess: isSuccess, matchIndex: matchIndex, &context)
    }
  }

  /// A client proposes a command (stage 1B).
  public mutating func propose(_ command: Command, replyTo token: Token, _ context: inout Context<Self>) {
    notImplemented()
  }

  /// The state machine's state after `index` is `snapshot`: forget the log up to there (stage 1D).
  public mutating func compact(upTo index: Int, snapshot: [UInt8], _ context: inout Context<Self>) {
    notImplemented()
  }

  /// Whoever runs the cluster wants it changed (stage 1F).
  public mutating func administer(
    _ request: AdminRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    notImplemented()
  }

  // MARK: Votes (5.2, 5.4.1)

  mutating func receiveVoteRequest(
    from candidate: NodeID, term: Int, lastLogIndex: Int, lastLogTerm: Int, _ context: inout Context<Self>
  ) {
    notImplemented()
  }

  mutating func receiveVoteReply(
    from voter: NodeID, term: Int, isGranted: Bool, _ context: inout Context<Self>
  ) {
    notImplemented()
  }

  // MARK: Replication (5.3)

  mutating func receiveAppendRequest(
    from leader: NodeID, term: Int, previousIndex: Int, previousTerm: Int, entries: [LogEntry],
    leaderCommit: Int, _ context: inout Context<Self>
  ) {
    notImplemented()
  }

  mutating func receiveAppendReply(
    from follower: NodeID, term: Int, isSuccess: Bool, matchIndex: Int, _ context: inout Context<Self>
  ) {
    notImplemented()
  }
}
