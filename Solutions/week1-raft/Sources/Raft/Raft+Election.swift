import LabKit

/// Leader election (5.2, 5.4.1).
extension Raft {
  private var electionTimeoutMilliseconds: ClosedRange<Int> { 150...300 }
  private var heartbeatMilliseconds: Int { 50 }

  /// Waits a time drawn anew, so that ties do not repeat themselves.
  func resetElectionTimer(_ context: inout Context<Self>) {
    context.setTimer(.election, after: .milliseconds(context.random(in: electionTimeoutMilliseconds)))
  }

  /// A newer term makes a follower of anyone, and frees its vote (5.1).
  mutating func enterTerm(_ term: Int, _ context: inout Context<Self>) {
    currentTerm = term
    votedFor = nil
    persistPromise(&context)
    becomeFollower(of: nil, &context)
  }

  mutating func becomeFollower(of leader: NodeID?, _ context: inout Context<Self>) {
    if role == .leader {
      context.cancelTimer(.heartbeat)
      resetElectionTimer(&context)
    }
    role = .follower
    self.leader = leader
    votes = []
  }

  mutating func startElection(_ context: inout Context<Self>) {
    role = .candidate
    leader = nil
    currentTerm += 1
    votedFor = id
    votes = [id]
    persistPromise(&context)
    resetElectionTimer(&context)
    context.send(
      .voteRequest(term: currentTerm, lastLogIndex: lastIndex, lastLogTerm: term(at: lastIndex)), to: peers)
    becomeLeaderIfElected(&context)
  }

  mutating func receiveVoteRequest(
    from candidate: NodeID, term: Int, lastLogIndex: Int, lastLogTerm: Int, _ context: inout Context<Self>
  ) {
    let isUpToDate = (lastLogTerm, lastLogIndex) >= (self.term(at: lastIndex), lastIndex)
    let isFree = votedFor == nil || votedFor == candidate
    let isGranted = term == currentTerm && isFree && isUpToDate
    if isGranted {
      votedFor = candidate
      persistPromise(&context)
      resetElectionTimer(&context)
    }
    context.send(.voteReply(term: currentTerm, isGranted: isGranted), to: candidate)
  }

  mutating func receiveVoteReply(
    from voter: NodeID, term: Int, isGranted: Bool, _ context: inout Context<Self>
  ) {
    guard role == .candidate, term == currentTerm, isGranted else { return }
    votes.insert(voter)
    becomeLeaderIfElected(&context)
  }

  private mutating func becomeLeaderIfElected(_ context: inout Context<Self>) {
    guard votes.count >= majority else { return }
    role = .leader
    leader = id
    nextIndex = Dictionary(uniqueKeysWithValues: peers.map { ($0, lastIndex + 1) })
    matchIndex = Dictionary(uniqueKeysWithValues: peers.map { ($0, 0) })
    context.cancelTimer(.election)
    sendHeartbeats(&context)
  }

  func sendHeartbeats(_ context: inout Context<Self>) {
    for peer in peers { sendEntries(to: peer, &context) }
    context.setTimer(.heartbeat, after: .milliseconds(heartbeatMilliseconds))
  }
}
