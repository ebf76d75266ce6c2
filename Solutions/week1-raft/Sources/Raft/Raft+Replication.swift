import LabKit

/// Log replication (5.3) and commitment (5.4.2).
extension Raft {
  /// Sends everyone what is new, and commits it at once where a majority is one node.
  mutating func replicate(_ context: inout Context<Self>) {
    for peer in peers { sendEntries(to: peer, &context) }
    advanceCommitIndex(&context)
  }

  /// Sends a peer what follows the last entry sent; without entries it is a heartbeat. What is lost on the way shows at
  /// the next heartbeat, which the peer then refuses.
  mutating func sendEntries(to peer: NodeID, _ context: inout Context<Self>) {
    let next = nextIndex[peer] ?? log.lastIndex + 1
    guard let previousTerm = log.term(at: next - 1) else {
      sendSnapshot(to: peer, &context)
      return
    }
    context.send(
      .appendRequest(
        term: currentTerm, previousIndex: next - 1, previousTerm: previousTerm,
        entries: log.entries(from: next), leaderCommit: commitIndex, round: round),
      to: peer)
    nextIndex[peer] = log.lastIndex + 1
  }

  mutating func receiveAppendRequest(
    from leader: NodeID, term: Int, previousIndex: Int, previousTerm: Int, entries: [LogEntry],
    leaderCommit: Int, round: Int, _ context: inout Context<Self>
  ) {
    guard term == currentTerm else {
      // Its round counts in a term that is over; this refusal tells of the present one.
      refuse(leader, matchIndex: 0, 0, &context)
      return
    }
    becomeFollower(of: leader, &context)
    resetElectionTimer(&context)
    // What the snapshot stands for is committed, and so the same everywhere.
    let isCovered = previousIndex < log.snapshotIndex
    guard isCovered || log.term(at: previousIndex) == previousTerm else {
      refuse(leader, matchIndex: lastIndexThatMayMatch(before: previousIndex), round, &context)
      return
    }
    merge(entries, after: previousIndex, &context)
    let lastNew = previousIndex + entries.count
    commitIndex = max(commitIndex, min(leaderCommit, lastNew))
    applyCommitted(&context)
    context.send(
      .appendReply(term: currentTerm, isSuccess: true, matchIndex: lastNew, round: round), to: leader)
  }

  private func refuse(_ leader: NodeID, matchIndex: Int, _ round: Int, _ context: inout Context<Self>) {
    context.send(
      .appendReply(term: currentTerm, isSuccess: false, matchIndex: matchIndex, round: round), to: leader)
  }

  /// Skips a whole term that cannot match, so that a follower far behind catches up in few round trips.
  private func lastIndexThatMayMatch(before previousIndex: Int) -> Int {
    guard let conflictingTerm = log.term(at: previousIndex) else { return log.lastIndex }
    var index = previousIndex - 1
    while index > commitIndex, log.term(at: index) == conflictingTerm { index -= 1 }
    return index
  }

  /// Only an entry that conflicts removes what follows it: an old request must not undo a newer one.
  private mutating func merge(_ entries: [LogEntry], after previousIndex: Int, _ context: inout Context<Self>)
  {
    for (offset, entry) in entries.enumerated() {
      let index = previousIndex + 1 + offset
      if index <= log.snapshotIndex || log.term(at: index) == entry.term { continue }
      log.replace(from: index, with: entries[offset...])
      persistLog(&context)
      return
    }
  }

  mutating func receiveAppendReply(
    from follower: NodeID, term: Int, isSuccess: Bool, matchIndex match: Int, round: Int,
    _ context: inout Context<Self>
  ) {
    guard role == .leader, term == currentTerm else { return }
    heardFrom.insert(follower)
    answeredRound[follower] = max(round, answeredRound[follower] ?? 0)
    let known = matchIndex[follower] ?? 0
    if isSuccess {
      if match > known {
        matchIndex[follower] = match
        nextIndex[follower] = max(match + 1, nextIndex[follower] ?? 1)
        advanceCommitIndex(&context)
      }
      handOverIfReady(&context)
    } else {
      // A refusal that arrives late may ask for less than the follower is known to hold.
      let next = max(match, known) + 1
      guard next < nextIndex[follower] ?? 1 else { return }
      nextIndex[follower] = next
      sendEntries(to: follower, &context)
    }
  }

  /// Commits what a majority holds, but counts only entries of this term (5.4.2).
  mutating func advanceCommitIndex(_ context: inout Context<Self>) {
    let held = reachedByMajority(matchIndex, own: log.lastIndex)
    guard held > commitIndex, log.term(at: held) == currentTerm else { return }
    commitIndex = held
    applyCommitted(&context)
    if isSettledOutsider { becomeFollower(of: nil, &context) }
  }

  mutating func applyCommitted(_ context: inout Context<Self>) {
    while lastApplied < commitIndex {
      lastApplied += 1
      let entry = log[lastApplied]
      context.output(.applied(index: lastApplied, term: entry.term, command: entry.command))
    }
  }
}
