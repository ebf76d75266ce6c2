import LabKit

extension TimerName {
  static let election: TimerName = "election"
  static let heartbeat: TimerName = "heartbeat"
  static let quorum: TimerName = "quorum"
  static let transfer: TimerName = "transfer"
}

/// A Raft node (Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm", extended version).
///
/// This file holds the state and the events; the extensions beside it hold the rules.
public struct Raft: RaftNode {
  let id: NodeID
  /// Whether it stands for election only when a majority would vote for it (thesis, 9.6).
  let asksFirst: Bool

  // State on all nodes that must survive a crash (Figure 2).
  var currentTerm = 0
  var votedFor: NodeID?
  var log: Log

  // State on all nodes that need not.
  var role = RaftStatus.Role.follower
  var leader: NodeID?
  var commitIndex = 0
  var lastApplied = 0
  /// When a leader was last heard.
  var leaderHeardAt: Duration?

  // State of a node that asks whether it could win: who would vote for it.
  var preVotes: Set<NodeID> = []

  // State of a candidate: who has granted a vote in this term.
  var votes: Set<NodeID> = []

  // State of a leader.
  /// For each peer, the next entry to send, and the last one that it is known to hold.
  var nextIndex: [NodeID: Int] = [:]
  var matchIndex: [NodeID: Int] = [:]
  /// How many rounds of heartbeats there were, and for each peer the last one that it answered.
  var round = 0
  var answeredRound: [NodeID: Int] = [:]
  /// Who has answered since the quorum was last counted.
  var heardFrom: Set<NodeID> = []
  /// Who is to lead in this node's place.
  var successor: NodeID?

  public init(id: NodeID, members: [NodeID]) { self.init(id: id, members: members, asksFirst: false) }

  public init(id: NodeID, members: [NodeID], asksFirst: Bool) {
    self.id = id
    self.asksFirst = asksFirst
    log = Log(members: members)
  }

  // MARK: Majorities

  /// The members but for this node. A leader that is to be removed is none itself.
  var peers: [NodeID] { log.members.filter { $0 != id } }

  /// More than half of the members.
  private var majority: Int { log.members.count / 2 + 1 }

  func isMajority(_ nodes: Set<NodeID>) -> Bool { log.members.count(where: nodes.contains) >= majority }

  /// The greatest number that a majority has reached, where this node has reached `own`.
  func reachedByMajority(_ numbers: [NodeID: Int], own: Int) -> Int {
    log.members.map { $0 == id ? own : numbers[$0] ?? 0 }.sorted(by: >)[majority - 1]
  }

  public var status: RaftStatus {
    RaftStatus(
      role: role, term: currentTerm, vote: votedFor, leader: leader, commitIndex: commitIndex,
      lastIndex: log.lastIndex, snapshotIndex: log.snapshotIndex, members: log.members)
  }

  public func entry(at index: Int) -> EntryMark? {
    guard log.holds(index) else { return nil }
    return EntryMark(term: log[index].term, digest: log[index].digest)
  }

  // MARK: Events

  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    if let promise: Promise = disk.value(under: "promise") {
      currentTerm = promise.term
      votedFor = promise.vote
    }
    log = disk.value(under: "log") ?? log
    if log.snapshotIndex > 0 { restoreSnapshot(&context) }
    resetElectionTimer(&context)
  }

  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    switch timer {
    case .election: electionTimedOut(&context)
    case .heartbeat: sendHeartbeats(&context)
    case .quorum: checkQuorum(&context)
    case .transfer: successor = nil
    default: break
    }
  }

  public mutating func receive(_ message: Message, from sender: NodeID, _ context: inout Context<Self>) {
    if message.term > currentTerm { enterTerm(message.term, &context) }
    switch message {
    case .voteRequest(let term, let lastLogIndex, let lastLogTerm):
      receiveVoteRequest(
        from: sender, term: term, lastLogIndex: lastLogIndex, lastLogTerm: lastLogTerm, &context)
    case .voteReply(let term, let isGranted):
      receiveVoteReply(from: sender, term: term, isGranted: isGranted, &context)
    case .appendRequest(
      let term, let previousIndex, let previousTerm, let entries, let leaderCommit, let round):
      receiveAppendRequest(
        from: sender, term: term, previousIndex: previousIndex, previousTerm: previousTerm,
        entries: entries, leaderCommit: leaderCommit, round: round, &context)
    case .snapshotRequest(let term, let lastIndex, let lastTerm, let members, let snapshot, let round):
      receiveSnapshotRequest(
        from: sender, term: term, lastIndex: lastIndex, lastTerm: lastTerm, members: members,
        snapshot: snapshot, round: round, &context)
    case .appendReply(let term, let isSuccess, let matchIndex, let round):
      receiveAppendReply(
        from: sender, term: term, isSuccess: isSuccess, matchIndex: matchIndex, round: round, &context)
    case .preVoteRequest(let term, let lastLogIndex, let lastLogTerm):
      receivePreVoteRequest(
        from: sender, term: term, lastLogIndex: lastLogIndex, lastLogTerm: lastLogTerm, &context)
    case .preVoteReply(let term, let isGranted):
      receivePreVoteReply(from: sender, term: term, isGranted: isGranted, &context)
    case .timeoutNow(let term): receiveTimeoutNow(term: term, &context)
    }
  }

  public mutating func propose(_ command: Command, replyTo token: Token, _ context: inout Context<Self>) {
    guard role == .leader else {
      context.reply(.notLeader(hint: leader), to: token)
      return
    }
    guard successor == nil else {
      context.reply(.refused, to: token)
      return
    }
    log.append(LogEntry(term: currentTerm, .command(command)))
    persistLog(&context)
    context.reply(.accepted(index: log.lastIndex, term: currentTerm), to: token)
    replicate(&context)
  }

  // MARK: What must survive a crash

  /// Term and vote are one promise: written together, a crash cannot part them.
  private struct Promise: Codable, Sendable {
    let term: Int
    let vote: NodeID?
  }

  func persistPromise(_ context: inout Context<Self>) {
    context.persist(Promise(term: currentTerm, vote: votedFor), under: "promise")
  }

  func persistLog(_ context: inout Context<Self>) {
    context.persist(log, under: "log")
  }
}
