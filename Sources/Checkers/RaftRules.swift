/// The rules, each judged where its event makes it possible to break.
extension RaftSafety {
  // MARK: - Elections

  mutating func checkElection(_ node: Int, from before: RaftState, to state: RaftState) throws(Violation) {
    try checkTerm(node, from: before, to: state)
    if state.vote >= 0, state.vote != before.vote || state.term != before.term {
      try checkVote(node, state)
    }
    // A term that a node only heard of, and answered nobody in, may be forgotten in a crash.
    if state.term > members[node].promisedTerm,
      state.vote >= 0 || state.leader >= 0 || isCampaigning(state.role)
    {
      members[node].promisedTerm = state.term
    }
    if state.role == .leader, before.role != .leader || before.term != state.term {
      try checkElectionSafety(node, state.term)
      try checkMajorityOfVotes(node, state.term)
    }
  }

  private func isCampaigning(_ role: RaftState.Role) -> Bool { role == .candidate || role == .leader }

  private func checkTerm(_ node: Int, from before: RaftState, to state: RaftState) throws(Violation) {
    guard state.term < before.term else { return }
    throw Violation(
      property: "Term never falls", section: "Raft, 5.1",
      evidence: "\(name(node)) was in term \(before.term) and went back to term \(state.term).", nodes: [node]
    )
  }

  private mutating func checkVote(_ node: Int, _ state: RaftState) throws(Violation) {
    let earlier = terms[state.term]?.votes[node] ?? -1
    if earlier == state.vote { return }
    guard earlier < 0 else {
      throw Violation(
        property: "One vote a term", section: "Raft, 5.2",
        evidence:
          "\(name(node)) voted for \(name(earlier)) in term \(state.term), then for \(name(state.vote)) "
          + "in the same term.",
        nodes: [node, earlier, state.vote])
    }
    let empty = emptyTerm
    terms[state.term, default: empty].votes[node] = state.vote
    members[node].latestVoteTerm = state.term
  }

  private mutating func checkElectionSafety(_ node: Int, _ term: Int) throws(Violation) {
    let earlier = terms[term]?.leader ?? -1
    guard earlier < 0 || earlier == node else {
      let pair = [min(earlier, node), max(earlier, node)]
      throw Violation(
        property: "Election safety", section: "Raft, Figure 3",
        evidence: "\(names(pair)) both led term \(term).", nodes: pair)
    }
    let empty = emptyTerm
    terms[term, default: empty].leader = node
  }

  private func checkMajorityOfVotes(_ node: Int, _ term: Int) throws(Violation) {
    guard let record = terms[term] else { return }
    var bits: UInt64 = 0
    for (voter, vote) in record.votes.enumerated() where vote == node { bits |= 1 << UInt64(voter) }
    for doubtful in record.doubtfulVotes where doubtful.vote == node { bits |= 1 << UInt64(doubtful.node) }
    guard !isMajority(bits, of: voters(of: node)) else { return }
    let voters = nodes(in: bits)
    throw Violation(
      property: "Leader without a majority", section: "Raft, 5.2",
      evidence:
        "\(name(node)) became leader of term \(term) with \(voters.isEmpty ? "no vote" : "the votes of")"
        + "\(voters.isEmpty ? "" : " \(names(voters))\(voters.count == 1 ? " alone" : "")"), "
        + "which is no majority of \(electorate(of: node)).",
      nodes: [node])
  }

  private var emptyTerm: TermRecord { TermRecord(votes: ContiguousArray(repeating: -1, count: nodes)) }

  // MARK: - Logs

  /// An entry with the same index and term has the same content, and the same entry before it, everywhere.
  mutating func checkLogMatching(_ node: Int, _ index: Int, _ previousTerm: Int) throws(Violation) {
    let mark = logs[node][index - 1]
    let record = EntryTable.Record(
      term: mark.term, digest: mark.digest, previousTerm: previousTerm, node: Int32(node))
    guard let place = entries.find(index, orAdd: record) else { return }
    let known = entries[place]
    if known.digest != mark.digest { throw differentContent(node, Int(known.node), index, mark.term) }
    if known.previousTerm == previousTerm || previousTerm == EntryMark.unseen.term { return }
    if known.previousTerm == EntryMark.unseen.term {
      entries[place].previousTerm = previousTerm
      return
    }
    throw differentPrefix(node, index, mark.term, previousTerm, known)
  }

  private func differentContent(_ node: Int, _ other: Int, _ index: Int, _ term: Int) -> Violation {
    let place = "at index \(index) and term \(term)"
    return Violation(
      property: "Log matching", section: "Raft, Figure 3",
      evidence: node == other
        ? "\(name(node)) held two different entries \(place), one after the other."
        : "\(names([min(node, other), max(node, other)])) held different entries \(place).",
      nodes: node == other ? [node] : [min(node, other), max(node, other)])
  }

  private func differentPrefix(
    _ node: Int, _ index: Int, _ term: Int, _ previousTerm: Int, _ known: EntryTable.Record
  ) -> Violation {
    Violation(
      property: "Log matching", section: "Raft, Figure 3",
      evidence: "\(name(node)) holds the entry at index \(index) and term \(term) after one of term "
        + "\(previousTerm), but \(name(Int(known.node))) held it after one of term \(known.previousTerm).",
      nodes: [node, Int(known.node)])
  }

  /// Notes what a running node removes although it is committed: whatever makes it cut its log, a conflict or a snapshot,
  /// concerns entries that are not. Judged with the status that follows, as that tells in which term the node did it.
  mutating func noteCommittedLoss(_ node: Int, from changed: Int, first: Int, marks: Span<EntryMark>) {
    let end = min(logs[node].count, highestCommitted)
    // What the node itself counts as committed is judged with the status as well.
    let start = max(changed, members[node].shown.commitIndex + 1)
    guard start <= end else { return }
    for index in start...end {
      let mark = logs[node][index - 1]
      let committed = committedEntries[index - 1]
      guard mark != .unseen, mark == committed.mark else { continue }
      let offset = index - first
      if offset < marks.count, marks[offset] == mark { continue }
      if let known = members[node].committedLoss, known.entry.shownTerm <= committed.shownTerm { continue }
      members[node].committedLoss = (index, committed)
    }
  }

  /// A node in an older term may follow its leader and drop what a leader of a newer term, which it has not heard of,
  /// commits without it.
  private mutating func checkCommittedLoss(_ node: Int, _ state: RaftState) throws(Violation) {
    guard let (index, entry) = members[node].committedLoss.take(), entry.shownTerm <= state.term else {
      return
    }
    throw Violation(
      property: "Committed entries stay", section: "Raft, 5.3",
      evidence:
        "\(name(node)) removed the entry of term \(entry.mark.term) at index \(index) from its log, although it is "
        + "committed.",
      nodes: [node])
  }

  /// What could not be judged before the status told what the snapshot hides, and whether the node still leads.
  mutating func checkLog(_ node: Int, from before: RaftState, to state: RaftState) throws(Violation) {
    try checkCommittedLoss(node, state)
    let lost = members[node].lostIndex
    members[node].lostIndex = 0
    if lost > state.snapshotIndex, before.role == .leader, state.role == .leader, before.term == state.term {
      throw lostByLeader(node, lost, state.term)
    }
    let first = members[node].changedFrom
    if first > 1, first <= logs[node].count, first - 1 > state.snapshotIndex {
      try checkLogMatching(node, first, logs[node][first - 2].term)
    }
  }

  private func lostByLeader(_ node: Int, _ index: Int, _ term: Int) -> Violation {
    let what = index <= logs[node].count ? "replaced" : "removed"
    return Violation(
      property: "Leader append-only", section: "Raft, Figure 3",
      evidence:
        "\(name(node)), leader of term \(term), \(what) the entry of term \(members[node].lostTerm) at index "
        + "\(index) in its own log.",
      nodes: [node])
  }

  // MARK: - Commitment

  mutating func checkCommit(
    _ node: Int, from before: RaftState, to state: RaftState, changedFrom: Int
  ) throws(Violation) {
    if state.commitIndex < before.commitIndex { throw commitFell(node, before, state) }
    if state.commitIndex > logs[node].count, state.commitIndex > state.snapshotIndex {
      throw commitPastEnd(node, state)
    }
    if state.snapshotIndex > logs[node].count { try requirePlausibleSnapshot(node, state.snapshotIndex) }
    let known = highestCommitted
    // A snapshot holds what was applied, so that it says as much as a commit index.
    let claimed = max(state.commitIndex, state.snapshotIndex)
    if claimed > known {
      for index in (known + 1)...claimed { try checkNewlyCommitted(node, index, state) }
      members[node].latestCommits = known..<claimed
    }
    let start = max(min(before.commitIndex + 1, changedFrom), state.snapshotIndex + 1, 1)
    let end = min(state.commitIndex, known)
    if start <= end {
      for index in start...end { try checkCommittedStays(node, index) }
    }
  }

  private func commitFell(_ node: Int, _ before: RaftState, _ state: RaftState) -> Violation {
    Violation(
      property: "Commit index never falls", section: "Raft, Figure 2",
      evidence: "\(name(node)) had committed up to index \(before.commitIndex) and went back to "
        + "\(state.commitIndex) without a restart.",
      nodes: [node])
  }

  private func commitPastEnd(_ node: Int, _ state: RaftState) -> Violation {
    let end = max(logs[node].count, state.snapshotIndex)
    return Violation(
      property: "Committed entries stay", section: "Raft, 5.3",
      evidence: "\(name(node)) shows commit index \(state.commitIndex), but its log ends at index \(end).",
      nodes: [node])
  }

  private mutating func requirePlausibleSnapshot(_ node: Int, _ index: Int) throws(Violation) {
    if index > highestIndex + Self.indexSlack {
      throw Violation(
        property: "Consecutive indices", section: "Raft, 7",
        evidence: "\(name(node)) shows a snapshot up to index \(index), but no log went further than index "
          + "\(highestIndex) yet.",
        nodes: [node])
    }
    highestIndex = max(highestIndex, index)
  }

  private mutating func checkNewlyCommitted(_ node: Int, _ index: Int, _ state: RaftState) throws(Violation) {
    let own = index <= logs[node].count ? logs[node][index - 1] : .unseen
    var mark = own
    var bits = holders(of: own, at: index)
    let voters = voters(of: node)
    if index <= state.snapshotIndex, !isMajority(bits, of: voters) {
      // The node's own copy may be what an installed snapshot replaced.
      for other in 0..<nodes where index <= logs[other].count && !isMajority(bits, of: voters) {
        mark = logs[other][index - 1]
        bits = holders(of: mark, at: index)
      }
    }
    guard isMajority(bits, of: voters) else { throw commitWithoutMajority(node, index, own, state) }
    committedEntries.append(CommittedEntry(mark: mark, shownTerm: state.term))
    for leader in 0..<nodes
    where members[leader].shown.role == .leader && members[leader].shown.term > state.term {
      if lacks(leader, mark, index) { throw leaderLacks(leader, index, mark, state.term) }
    }
  }

  /// The nodes whose log holds the entry, or whose snapshot covers its index.
  private func holders(of mark: EntryMark, at index: Int) -> UInt64 {
    var bits: UInt64 = 0
    for node in 0..<nodes where !lacks(node, mark, index) { bits |= 1 << UInt64(node) }
    return bits
  }

  private func lacks(_ node: Int, _ mark: EntryMark, _ index: Int) -> Bool {
    if index <= members[node].shown.snapshotIndex { return false }
    return index > logs[node].count || logs[node][index - 1] != mark || mark == .unseen
  }

  private func commitWithoutMajority(
    _ node: Int, _ index: Int, _ own: EntryMark, _ state: RaftState
  ) -> Violation {
    let holding = nodes(in: holders(of: own, at: index))
    let claim =
      index <= state.snapshotIndex
      ? "\(name(node)), in term \(state.term), has the uncommitted index \(index) in its snapshot"
      : "\(name(node)), in term \(state.term), counts the entry of term \(own.term) at index \(index) as committed"
    return Violation(
      property: "Commit needs a majority", section: "Raft, 5.3",
      evidence: "\(claim), but only \(names(holding)) hold\(holding.count == 1 ? "s" : "") it, which is no "
        + "majority of \(electorate(of: node)).",
      nodes: [node])
  }

  private mutating func checkCommittedStays(_ node: Int, _ index: Int) throws(Violation) {
    let committed = committedEntries[index - 1].mark
    let own = logs[node][index - 1]
    if own == committed { return }
    if committed == .unseen {
      committedEntries[index - 1].mark = own
      return
    }
    let held =
      own == .unseen
      ? "no entry"
      : own.term == committed.term ? "another entry of that term" : "an entry of term \(own.term)"
    throw Violation(
      property: "Committed entries stay", section: "Raft, 5.4",
      evidence:
        "\(name(node)) counts index \(index) as committed and holds \(held) there, but the entry committed "
        + "there is of term \(committed.term).",
      nodes: [node])
  }

  func checkLeaderCompleteness(_ node: Int, _ state: RaftState) throws(Violation) {
    let first = max(state.snapshotIndex + 1, 1)
    guard first <= highestCommitted else { return }
    for index in first...highestCommitted {
      let entry = committedEntries[index - 1]
      if entry.shownTerm < state.term, entry.mark != .unseen, lacks(node, entry.mark, index) {
        throw leaderLacks(node, index, entry.mark, entry.shownTerm)
      }
    }
  }

  private func leaderLacks(_ node: Int, _ index: Int, _ mark: EntryMark, _ shownTerm: Int) -> Violation {
    Violation(
      property: "Leader completeness", section: "Raft, Figure 3",
      evidence: "\(name(node)) leads term \(members[node].shown.term), but its log lacks the entry of term "
        + "\(mark.term) at index \(index), which was committed in term \(shownTerm).",
      nodes: [node])
  }

  // MARK: - State machines

  func checkOrder(_ node: Int, _ index: Int) throws(Violation) {
    let last = members[node].lastApplied
    guard index == max(last, 0) + 1 else {
      throw appliedOutOfOrder(node, "applied index \(index)")
    }
    if last < 0, members[node].snapshotAtBoot > 0 {
      throw Violation(
        property: "Applied from a compacted log", section: "Raft, 7",
        evidence:
          "\(name(node)) applied index 1 after its restart without restoring the snapshot that its log starts "
          + "from, which covers indices 1 to \(members[node].snapshotAtBoot).",
        nodes: [node])
    }
  }

  func checkRestoreOrder(_ node: Int, _ index: Int) throws(Violation) {
    guard index >= members[node].lastApplied else {
      throw appliedOutOfOrder(node, "restored a snapshot up to index \(index)")
    }
    guard index <= highestCommitted else {
      throw appliedTooEarly(node, "restored a snapshot up to index \(index)")
    }
  }

  private func appliedOutOfOrder(_ node: Int, _ what: String) -> Violation {
    let last = members[node].lastApplied
    let before = last < 0 ? "as the first after its start" : "after index \(last)"
    return Violation(
      property: "Applied in order", section: "Raft, 5.3",
      evidence: "\(name(node)) \(what) \(before), where index \(max(last, 0) + 1) was due.", nodes: [node])
  }

  func checkCommittedFirst(_ node: Int, _ index: Int) throws(Violation) {
    guard index <= highestCommitted, index <= members[node].shown.commitIndex else {
      throw appliedTooEarly(node, "applied index \(index)")
    }
  }

  private func appliedTooEarly(_ node: Int, _ what: String) -> Violation {
    Violation(
      property: "Applied before committed", section: "Raft, 5.3",
      evidence:
        "\(name(node)) \(what), but its commit index was \(members[node].shown.commitIndex), and the cluster "
        + "had committed up to index \(highestCommitted).",
      nodes: [node])
  }

  mutating func checkStateMachineSafety(
    _ node: Int, _ index: Int, _ term: Int, _ command: UInt64?
  ) throws(Violation) {
    let committed = committedEntries[index - 1].mark
    if committed.term != term, committed != .unseen {
      throw Violation(
        property: "State machine safety", section: "Raft, Figure 3",
        evidence:
          "\(name(node)) applied an entry of term \(term) at index \(index), where the committed entry is of "
          + "term \(committed.term).",
        nodes: [node])
    }
    while appliedEntries.count < index {
      appliedEntries.append(AppliedEntry(node: -1, term: 0, command: nil))
    }
    let earlier = appliedEntries[index - 1]
    if earlier.node < 0 {
      appliedEntries[index - 1] = AppliedEntry(node: node, term: term, command: command)
    } else if earlier.term != term || earlier.command != command {
      throw appliedDifferently(node, index, term, earlier)
    }
  }

  private func appliedDifferently(
    _ node: Int, _ index: Int, _ term: Int, _ earlier: AppliedEntry
  ) -> Violation {
    let difference =
      earlier.term == term
      ? "different commands of term \(term)" : "entries of terms \(earlier.term) and \(term)"
    return Violation(
      property: "State machine safety", section: "Raft, Figure 3",
      evidence: earlier.node == node
        ? "\(name(node)) applied \(difference) at index \(index), before and after a restart."
        : "\(names([earlier.node, node])) applied \(difference) at index \(index).",
      nodes: earlier.node == node ? [node] : [earlier.node, node])
  }
}
