/// Who the members are, and how they may change (Raft thesis, 4.1).
///
/// A node shows the members that its log tells: those of its latest entry that changes them, committed or not. Which
/// entries do is learned from leaders, who show other members in the very step in which they append one.
extension RaftSafety {
  /// An entry that changed the members.
  struct MembershipEntry: Sendable {
    let index: Int
    let term: Int
    let members: UInt64
  }

  // MARK: - Majorities

  /// Those of whom a majority counts for the node: its own members, as its log tells them.
  func voters(of node: Int) -> UInt64 {
    let shown = members[node].shown.members
    return shown == 0 ? firstMembers : shown
  }

  func isMajority(_ bits: UInt64, of voters: UInt64) -> Bool {
    (bits & voters).nonzeroBitCount * 2 > voters.nonzeroBitCount
  }

  /// The voters in words: their number where all nodes are.
  func electorate(of node: Int) -> String {
    let voters = voters(of: node)
    return voters.nonzeroBitCount == nodes ? "\(nodes)" : names(nodes(in: voters))
  }

  // MARK: - Rules

  mutating func checkMembers(
    _ node: Int, from before: RaftState, to state: RaftState, changedFrom: Int
  ) throws(Violation) {
    if state.members == 0, before.members == 0 { return }
    guard state.members != 0, state.members & ~(UInt64.max >> UInt64(64 - nodes)) == 0 else {
      throw noMembers(node)
    }
    let told = membersTold(node, state)
    if state.members == told { return }
    let index = logs[node].count
    guard state.role == .leader, before.role == .leader, before.term == state.term, changedFrom <= index,
      index > state.snapshotIndex, logs[node][index - 1].term == state.term
    else { throw membersUnlikeLog(node, state, told) }
    guard (state.members ^ told).nonzeroBitCount == 1 else { throw manyAtOnce(node, index, state, told) }
    try checkEarlierChange(node, index, from: before)
    try checkOwnCommit(node, index, from: before)
    let place = membershipEntries.firstIndex { $0.index > index } ?? membershipEntries.count
    membershipEntries.insert(
      MembershipEntry(index: index, term: state.term, members: state.members), at: place)
  }

  /// The latest change in the node's log, or under its snapshot.
  private func latestChange(_ node: Int, _ snapshotIndex: Int) -> MembershipEntry? {
    membershipEntries.last { entry in
      // What a snapshot covers may look outdated here, unless the node was the first to commit it, in this very step.
      if entry.index <= min(snapshotIndex, highestCommitted) {
        return committedEntries[entry.index - 1].mark.term == entry.term
      }
      return entry.index <= logs[node].count && logs[node][entry.index - 1].term == entry.term
    }
  }

  private func membersTold(_ node: Int, _ state: RaftState) -> UInt64 {
    latestChange(node, state.snapshotIndex)?.members ?? firstMembers
  }

  /// A change begins when the one before it is committed.
  private func checkEarlierChange(_ node: Int, _ index: Int, from before: RaftState) throws(Violation) {
    guard let earlier = latestChange(node, before.snapshotIndex), earlier.index > before.commitIndex else {
      return
    }
    throw Violation(
      property: "One change of members at a time", section: "Raft thesis, 4.1",
      evidence:
        "\(name(node)), leader of term \(before.term), changes the members at index \(index), while the change at "
        + "index \(earlier.index) is not committed.",
      nodes: [node])
  }

  /// Without an entry of its own term, a leader does not know which earlier change may still be committed.
  private func checkOwnCommit(_ node: Int, _ index: Int, from before: RaftState) throws(Violation) {
    let commit = before.commitIndex
    var term = 0
    if commit > before.snapshotIndex, commit <= logs[node].count {
      term = logs[node][commit - 1].term
    } else if commit > 0, commit <= highestCommitted {
      term = committedEntries[commit - 1].mark.term
    }
    if term == before.term || term == EntryMark.unseen.term { return }
    throw Violation(
      property: "No change of members before a commit of the own term",
      section: "Raft thesis, 4.1, as corrected in 2015",
      evidence:
        "\(name(node)), leader of term \(before.term), changes the members at index \(index), and has committed no "
        + "entry of its term yet"
        + (commit == 0 ? "." : ": its commit index is \(commit), an entry of term \(term)."),
      nodes: [node])
  }

  // MARK: - Words

  private func noMembers(_ node: Int) -> Violation {
    Violation(
      property: "Members are nodes", section: "Raft thesis, 4.1",
      evidence: "\(name(node)) shows members that are no nodes of this cluster, or no member at all.",
      nodes: [node])
  }

  private func membersUnlikeLog(_ node: Int, _ state: RaftState, _ told: UInt64) -> Violation {
    let source = latestChange(node, state.snapshotIndex).map { "the change at index \($0.index)" }
    return Violation(
      property: "Members follow the log", section: "Raft thesis, 4.1",
      evidence:
        "\(name(node)) shows the members \(names(nodes(in: state.members))), but "
        + "\(source ?? "no change in its log or snapshot") makes them \(names(nodes(in: told))).",
      nodes: [node])
  }

  private func manyAtOnce(_ node: Int, _ index: Int, _ state: RaftState, _ told: UInt64) -> Violation {
    Violation(
      property: "One member at a time", section: "Raft thesis, 4.1",
      evidence:
        "\(name(node)), leader of term \(state.term), changes the members at index \(index) from "
        + "\(names(nodes(in: told))) to \(names(nodes(in: state.members))): two majorities need not have a node in "
        + "common.",
      nodes: [node])
  }
}
