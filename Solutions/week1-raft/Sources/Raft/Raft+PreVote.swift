import LabKit

/// Pre-vote (thesis, 9.6): whoever could not win does not campaign, and so drives nobody into a newer term.
extension Raft {
  /// Asks the others for their word. The vote itself comes later, and so does the newer term. An election that has come to
  /// nothing is over.
  mutating func askForPreVotes(_ context: inout Context<Self>) {
    becomeFollower(of: nil, &context)
    preVotes = [id]
    resetElectionTimer(&context)
    context.send(
      .preVoteRequest(term: currentTerm, lastLogIndex: log.lastIndex, lastLogTerm: log.lastTerm), to: peers)
    campaignIfPromising(&context)
  }

  func receivePreVoteRequest(
    from asker: NodeID, term: Int, lastLogIndex: Int, lastLogTerm: Int, _ context: inout Context<Self>
  ) {
    let isGranted =
      term == currentTerm && !hasLeader(at: context.uptime) && isUpToDate(lastLogIndex, lastLogTerm)
    context.send(.preVoteReply(term: currentTerm, isGranted: isGranted), to: asker)
  }

  /// Whoever has heard a leader within the least election timeout needs no other (thesis, 4.2.3).
  private func hasLeader(at now: Duration) -> Bool {
    if role == .leader { return true }
    guard let leaderHeardAt else { return false }
    return now - leaderHeardAt < .milliseconds(electionTimeoutMilliseconds.lowerBound)
  }

  mutating func receivePreVoteReply(
    from voter: NodeID, term: Int, isGranted: Bool, _ context: inout Context<Self>
  ) {
    guard !preVotes.isEmpty, term == currentTerm, isGranted else { return }
    preVotes.insert(voter)
    campaignIfPromising(&context)
  }

  private mutating func campaignIfPromising(_ context: inout Context<Self>) {
    if isMajority(preVotes) { startElection(&context) }
  }
}
