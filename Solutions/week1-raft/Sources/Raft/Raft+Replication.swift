import LabKit

/// Log replication (5.3) and commitment (5.4.2).
extension Raft {
  /// Sends a peer what it lacks, as far as this leader knows; without entries it is a heartbeat.
  func sendEntries(to peer: NodeID, _ context: inout Context<Self>) {
    let next = nextIndex[peer] ?? lastIndex + 1
    context.send(
      .appendRequest(
        term: currentTerm, previousIndex: next - 1, previousTerm: term(at: next - 1),
        entries: Array(log[(next - 1)...]), leaderCommit: commitIndex),
      to: peer)
  }

  mutating func receiveAppendRequest(
    from leader: NodeID, term: Int, previousIndex: Int, previousTerm: Int, entries: [LogEntry],
    leaderCommit: Int, _ context: inout Context<Self>
  ) {
    guard term == currentTerm else {
      context.send(.appendReply(term: currentTerm, isSuccess: false, matchIndex: 0), to: leader)
      return
    }
    becomeFollower(of: leader, &context)
    resetElectionTimer(&context)
    guard previousIndex <= lastIndex, self.term(at: previousIndex) == previousTerm else {
      let hint = lastIndexThatMayMatch(before: previousIndex, previousTerm)
      context.send(.appendReply(term: currentTerm, isSuccess: false, matchIndex: hint), to: leader)
      return
    }
    merge(entries, after: previousIndex, &context)
    let lastNew = previousIndex + entries.count
    commitIndex = max(commitIndex, min(leaderCommit, lastNew))
    applyCommitted(&context)
    context.send(.appendReply(term: currentTerm, isSuccess: true, matchIndex: lastNew), to: leader)
  }

  /// Skips a whole term that cannot match, so that a follower far behind catches up in few round trips.
  private func lastIndexThatMayMatch(before previousIndex: Int, _ previousTerm: Int) -> Int {
    guard previousIndex <= lastIndex else { return lastIndex }
    let conflictingTerm = term(at: previousIndex)
    var index = previousIndex - 1
    while index > commitIndex, term(at: index) == conflictingTerm { index -= 1 }
    return index
  }

  /// Only an entry that conflicts removes what follows it: an old request must not undo a newer one.
  private mutating func merge(_ entries: [LogEntry], after previousIndex: Int, _ context: inout Context<Self>)
  {
    for (offset, entry) in entries.enumerated() {
      let index = previousIndex + 1 + offset
      if index <= lastIndex, term(at: index) == entry.term { continue }
      log.removeSubrange((index - 1)...)
      log.append(contentsOf: entries[offset...])
      persistLog(&context)
      return
    }
  }

  mutating func receiveAppendReply(
    from follower: NodeID, term: Int, isSuccess: Bool, matchIndex match: Int, _ context: inout Context<Self>
  ) {
    guard role == .leader, term == currentTerm else { return }
    let known = matchIndex[follower] ?? 0
    if isSuccess {
      guard match > known else { return }
      matchIndex[follower] = match
      nextIndex[follower] = max(match + 1, nextIndex[follower] ?? 1)
      advanceCommitIndex(&context)
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
    let held = (peers.map { matchIndex[$0] ?? 0 } + [lastIndex]).sorted(by: >)
    let candidate = held[majority - 1]
    guard candidate > commitIndex, term(at: candidate) == currentTerm else { return }
    commitIndex = candidate
    applyCommitted(&context)
  }

  mutating func applyCommitted(_ context: inout Context<Self>) {
    while lastApplied < commitIndex {
      lastApplied += 1
      let entry = log[lastApplied - 1]
      context.output(.applied(index: lastApplied, term: entry.term, command: entry.command.id))
    }
  }
}
