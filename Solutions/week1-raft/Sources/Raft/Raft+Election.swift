import LabKit

/// Leader election (5.2, 5.4.1).
extension Raft {
  var electionTimeoutMilliseconds: ClosedRange<Int> { 150...300 }
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
      context.cancelTimer(.quorum)
      context.cancelTimer(.transfer)
      resetElectionTimer(&context)
    }
    role = .follower
    self.leader = leader
    if leader != nil { leaderHeardAt = context.uptime }
    preVotes = []
    votes = []
    successor = nil
  }

  mutating func electionTimedOut(_ context: inout Context<Self>) {
    if isSettledOutsider {
      resetElectionTimer(&context)
    } else if asksFirst {
      askForPreVotes(&context)
    } else {
      startElection(&context)
    }
  }

  mutating func startElection(_ context: inout Context<Self>) {
    preVotes = []
    role = .candidate
    leader = nil
    currentTerm += 1
    votedFor = id
    votes = [id]
    persistPromise(&context)
    resetElectionTimer(&context)
    context.send(
      .voteRequest(term: currentTerm, lastLogIndex: log.lastIndex, lastLogTerm: log.lastTerm), to: peers)
    becomeLeaderIfElected(&context)
  }

  mutating func receiveVoteRequest(
    from candidate: NodeID, term: Int, lastLogIndex: Int, lastLogTerm: Int, _ context: inout Context<Self>
  ) {
    let isFree = votedFor == nil || votedFor == candidate
    let isGranted = term == currentTerm && isFree && isUpToDate(lastLogIndex, lastLogTerm)
    if isGranted {
      votedFor = candidate
      persistPromise(&context)
      resetElectionTimer(&context)
    }
    context.send(.voteReply(term: currentTerm, isGranted: isGranted), to: candidate)
  }

  /// Whether a log that ends so holds all that this one does that may be committed (5.4.1).
  func isUpToDate(_ lastLogIndex: Int, _ lastLogTerm: Int) -> Bool {
    (lastLogTerm, lastLogIndex) >= (log.lastTerm, log.lastIndex)
  }

  mutating func receiveVoteReply(
    from voter: NodeID, term: Int, isGranted: Bool, _ context: inout Context<Self>
  ) {
    guard role == .candidate, term == currentTerm, isGranted else { return }
    votes.insert(voter)
    becomeLeaderIfElected(&context)
  }

  private mutating func becomeLeaderIfElected(_ context: inout Context<Self>) {
    guard isMajority(votes) else { return }
    role = .leader
    leader = id
    nextIndex = Dictionary(uniqueKeysWithValues: peers.map { ($0, log.lastIndex + 1) })
    matchIndex = [:]
    answeredRound = [:]
    heardFrom = []
    context.cancelTimer(.election)
    waitForQuorum(&context)
    sendHeartbeats(&context)
  }

  mutating func sendHeartbeats(_ context: inout Context<Self>) {
    round += 1
    for peer in peers { sendEntries(to: peer, &context) }
    context.setTimer(.heartbeat, after: .milliseconds(heartbeatMilliseconds))
  }

  // MARK: A leader that nobody hears (thesis, 6.2)

  private func waitForQuorum(_ context: inout Context<Self>) {
    context.setTimer(.quorum, after: .milliseconds(electionTimeoutMilliseconds.upperBound))
  }

  /// Steps down if no majority has answered since the quorum was last counted.
  mutating func checkQuorum(_ context: inout Context<Self>) {
    guard role == .leader else { return }
    if isMajority(heardFrom.union([id])) {
      heardFrom = []
      waitForQuorum(&context)
    } else {
      becomeFollower(of: nil, &context)
    }
  }
}
