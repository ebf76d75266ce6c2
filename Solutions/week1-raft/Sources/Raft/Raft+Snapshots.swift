import LabKit

/// Log compaction (7).
extension Raft {
  public mutating func compact(upTo index: Int, snapshot: [UInt8], _ context: inout Context<Self>) {
    guard index > log.snapshotIndex, index <= lastApplied, let term = log.term(at: index) else { return }
    log.compact(upTo: index, term: term, members: log.members(at: index), snapshot: snapshot)
    persistLog(&context)
  }

  /// In the place of entries that this leader no longer holds (Figure 13).
  func sendSnapshot(to peer: NodeID, _ context: inout Context<Self>) {
    context.send(
      .snapshotRequest(
        term: currentTerm, lastIndex: log.snapshotIndex, lastTerm: log.snapshotTerm,
        members: log.snapshotMembers, snapshot: log.snapshot, round: round),
      to: peer)
  }

  mutating func receiveSnapshotRequest(
    from leader: NodeID, term: Int, lastIndex: Int, lastTerm: Int, members: [NodeID], snapshot: [UInt8],
    round: Int, _ context: inout Context<Self>
  ) {
    guard term == currentTerm else {
      context.send(
        .appendReply(term: currentTerm, isSuccess: false, matchIndex: 0, round: 0), to: leader)
      return
    }
    becomeFollower(of: leader, &context)
    resetElectionTimer(&context)
    // A snapshot of what is committed here already would take the state machine back.
    if lastIndex > commitIndex {
      log.compact(upTo: lastIndex, term: lastTerm, members: members, snapshot: snapshot)
      persistLog(&context)
      restoreSnapshot(&context)
    }
    context.send(
      .appendReply(term: currentTerm, isSuccess: true, matchIndex: lastIndex, round: round), to: leader)
  }

  /// Puts the log's snapshot in the place of the state machine.
  mutating func restoreSnapshot(_ context: inout Context<Self>) {
    commitIndex = log.snapshotIndex
    lastApplied = log.snapshotIndex
    context.output(.restored(index: log.snapshotIndex, snapshot: log.snapshot))
  }
}
