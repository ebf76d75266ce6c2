import LabKit

extension TimerName {
  static let election: TimerName = "election"
  static let heartbeat: TimerName = "heartbeat"
}

/// A Raft node (Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm", extended version).
///
/// This file holds the state and the events; `Raft+Election.swift` and `Raft+Replication.swift` hold the rules.
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

  // State of a candidate: who has granted a vote in this term.
  var votes: Set<NodeID> = []

  // State of a leader, for each peer.
  var nextIndex: [NodeID: Int] = [:]
  var matchIndex: [NodeID: Int] = [:]

  public init(id: NodeID, members: [NodeID]) {
    self.id = id
    peers = members.filter { $0 != id }
  }

  /// More than half of all nodes, this one included.
  var majority: Int { (peers.count + 1) / 2 + 1 }

  var lastIndex: Int { log.count }

  /// The term of an entry; 0 before the first one.
  func term(at index: Int) -> Int { index == 0 ? 0 : log[index - 1].term }

  public var status: RaftStatus {
    RaftStatus(
      role: role, term: currentTerm, vote: votedFor, leader: leader, commitIndex: commitIndex,
      lastIndex: lastIndex)
  }

  public func entry(at index: Int) -> EntryMark? {
    guard log.indices.contains(index - 1) else { return nil }
    return EntryMark(term: log[index - 1].term, digest: log[index - 1].command.id)
  }

  // MARK: Events

  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    if let promise: Promise = disk.value(under: "promise") {
      currentTerm = promise.term
      votedFor = promise.vote
    }
    log = disk.value(under: "log") ?? []
    resetElectionTimer(&context)
  }

  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    switch timer {
    case .election: startElection(&context)
    case .heartbeat: sendHeartbeats(&context)
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
    case .appendRequest(let term, let previousIndex, let previousTerm, let entries, let leaderCommit):
      receiveAppendRequest(
        from: sender, term: term, previousIndex: previousIndex, previousTerm: previousTerm,
        entries: entries, leaderCommit: leaderCommit, &context)
    case .appendReply(let term, let isSuccess, let matchIndex):
      receiveAppendReply(from: sender, term: term, isSuccess: isSuccess, matchIndex: matchIndex, &context)
    }
  }

  public mutating func propose(_ command: Command, replyTo token: Token, _ context: inout Context<Self>) {
    guard role == .leader else {
      context.reply(.notLeader(hint: leader), to: token)
      return
    }
    log.append(LogEntry(term: currentTerm, command: command))
    persistLog(&context)
    context.reply(.accepted(index: lastIndex, term: currentTerm), to: token)
    for peer in peers { sendEntries(to: peer, &context) }
    advanceCommitIndex(&context)
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
