/// Judges Raft's safety properties (Raft, Figure 3) and the promises that they rest on, after every step of a run.
///
/// Show each step of a node in this order: `logChanged` if its log changed, `statusChanged` if its status or its log
/// changed, then its outputs with `restored` and `applied`. What a node shows right after it starts counts as a step.
/// Nodes are counted from 0 here, and from n1 in evidence. After a violation the checker is of no further use.
public struct RaftSafety: Sendable {
  /// The number of nodes.
  public let nodes: Int

  /// The last index known to be committed, or 0.
  public var highestCommitted: Int { committedEntries.count }

  /// The members that the cluster begins with, one bit a node.
  let firstMembers: UInt64
  /// Every entry that a leader changed the members by, in the order of their indices.
  var membershipEntries: [MembershipEntry] = []
  var members: ContiguousArray<Member>
  /// The logs as last shown, from index 1. What a snapshot covers may be outdated or unseen here.
  var logs: ContiguousArray<ContiguousArray<EntryMark>>
  var terms: [Int: TermRecord] = [:]
  var entries = EntryTable()
  var committedEntries: ContiguousArray<CommittedEntry> = []
  var appliedEntries: ContiguousArray<AppliedEntry> = []
  /// The last index that any log or snapshot reached.
  var highestIndex = 0

  /// A checker for a cluster of `nodes`, at most 64, that have not started yet. The first `firstMembers` of them, or all,
  /// are members at first; the others may be added later.
  public init(nodes: Int, firstMembers: Int? = nil) {
    let firstMembers = firstMembers ?? nodes
    precondition((1...64).contains(nodes), "A cluster has 1 to 64 nodes.")
    precondition((1...nodes).contains(firstMembers), "The first members are some of the nodes.")
    self.nodes = nodes
    self.firstMembers = UInt64.max >> UInt64(64 - firstMembers)
    members = ContiguousArray(repeating: Member(), count: nodes)
    logs = ContiguousArray(repeating: [], count: nodes)
  }

  /// The entry known to be committed at `index`, or nil if none is, or only under snapshots.
  public func committed(at index: Int) -> EntryMark? {
    guard index >= 1, index <= committedEntries.count else { return nil }
    let mark = committedEntries[index - 1].mark
    return mark == .unseen ? nil : mark
  }

  // MARK: - Events

  /// The node's process started, for the first time or again.
  public mutating func booted(_ node: Int) {
    members[node].forgetVolatileState()
    members[node].lastApplied = -1
    members[node].snapshotAtBoot = members[node].shown.snapshotIndex
    members[node].isFresh = true
  }

  /// The node's process ended.
  ///
  /// Where the crash cut a handler short between two of its effects, show the handler's log and status first, and those
  /// of its outputs that got out, and pass `cuttingShort`: log and status then count in the cluster's favour, but bind
  /// the node to nothing, as they may not have reached the disk.
  public mutating func crashed(_ node: Int, cuttingShort: Bool = false) {
    if cuttingShort {
      let voteTerm = members[node].latestVoteTerm
      if voteTerm >= 0, let vote = terms[voteTerm]?.votes[node] {
        terms[voteTerm]!.votes[node] = -1
        terms[voteTerm]!.doubtfulVotes.append((node, vote))
      }
      members[node].promisedTerm = members[node].earlierPromisedTerm
      forgetLatestCommits(of: node)
    }
    members[node].forgetVolatileState()
  }

  /// The node's log keeps its entries below `first` and then holds exactly `marks`.
  ///
  /// Comes before the status of the same step, and always with it. Marks that the log held before may be repeated.
  public mutating func logChanged(_ node: Int, from first: Int, marks: [EntryMark]) throws(Violation) {
    try logChanged(node, from: first, marks: marks.span)
  }

  /// The node's log keeps its entries below `first` and then holds exactly `marks`.
  ///
  /// Comes before the status of the same step, and always with it. Marks that the log held before may be repeated.
  public mutating func logChanged(_ node: Int, from first: Int, marks: Span<EntryMark>) throws(Violation) {
    try requirePlausible(first, marks.count, node)
    let end = first + marks.count - 1
    let count = logs[node].count
    var kept = 0
    while kept < marks.count, first + kept <= count, logs[node][first + kept - 1] == marks[kept] { kept += 1 }
    let changed = first + kept
    if changed <= count {
      if !members[node].isFresh { noteCommittedLoss(node, from: changed, first: first, marks: marks) }
      noteLoss(node, at: changed)
      logs[node].removeSubrange((changed - 1)...)
    } else {
      if kept == marks.count, changed == count + 1 { return }
      // Only a snapshot can explain a gap; the status that follows will tell.
      for _ in count..<(changed - 1) { logs[node].append(.unseen) }
    }
    members[node].changedFrom = min(members[node].changedFrom, changed)
    highestIndex = max(highestIndex, end)
    for offset in kept..<marks.count { logs[node].append(marks[offset]) }
    for index in changed..<(end + 1) {
      // A snapshot that the coming status shows may hide the entry before the first.
      let previousIsKnown = index == 1 || index > first
      let previous = index == 1 ? 0 : previousIsKnown ? logs[node][index - 2].term : EntryMark.unseen.term
      try checkLogMatching(node, index, previous)
    }
  }

  /// The node shows `state` after a step.
  public mutating func statusChanged(_ node: Int, to state: RaftState) throws(Violation) {
    let before = members[node].shown
    let isFresh = members[node].isFresh
    if isFresh {
      members[node].isFresh = false
      // A snapshot that was not kept over the restart hides nothing.
      members[node].snapshotAtBoot = min(members[node].snapshotAtBoot, state.snapshotIndex)
    }
    let changedFrom = members[node].changedFrom
    members[node].latestVoteTerm = -1
    members[node].latestCommits = 0..<0
    members[node].earlierPromisedTerm = members[node].promisedTerm
    if before == state, changedFrom == .max, !isFresh { return }
    members[node].shown = state

    if state.members != before.members || changedFrom != .max || isFresh
      || state.snapshotIndex != before.snapshotIndex
    {
      try checkMembers(node, from: before, to: state, changedFrom: changedFrom)
    }
    if state.term != before.term || state.vote != before.vote || state.role != before.role
      || state.leader != before.leader
    {
      try checkElection(node, from: before, to: state)
    }
    if changedFrom != .max { try checkLog(node, from: before, to: state) }
    if state.commitIndex != before.commitIndex || state.snapshotIndex != before.snapshotIndex
      || changedFrom != .max || isFresh
    {
      try checkCommit(node, from: before, to: state, changedFrom: changedFrom)
      members[node].changedFrom = .max
    }
    if state.role == .leader, before.role != .leader || before.term != state.term {
      try checkLeaderCompleteness(node, state)
    }
  }

  /// The node's state machine applied the entry at `index`; `command` is a digest, or nil for a no-op or a change of
  /// configuration.
  public mutating func applied(_ node: Int, index: Int, term: Int, command: UInt64?) throws(Violation) {
    try checkOrder(node, index)
    try checkCommittedFirst(node, index)
    try checkStateMachineSafety(node, index, term, command)
    members[node].lastApplied = index
  }

  /// The node's state machine was replaced by a snapshot that ends at `index`.
  public mutating func restored(_ node: Int, index: Int) throws(Violation) {
    try checkRestoreOrder(node, index)
    members[node].lastApplied = index
  }

  // MARK: - Records

  /// What is known of a node.
  struct Member: Sendable {
    /// The latest status, with the volatile part forgotten at a crash.
    var shown = RaftState()
    /// The highest term that the node acted in, which it may not forget in a crash.
    var promisedTerm = 0
    /// That term before the latest status.
    var earlierPromisedTerm = 0
    /// The term of a vote that the latest status was the first to show, or -1.
    var latestVoteTerm = -1
    /// What the latest status was the first to show as committed, as positions among the committed entries.
    var latestCommits = 0..<0
    /// The first index that changed since the latest status, or `.max`.
    var changedFrom = Int.max
    /// The first index at which a leader's log lost an entry since the latest status, or 0.
    var lostIndex = 0
    var lostTerm = 0
    /// A committed entry that the log lost since the latest status.
    var committedLoss: (index: Int, entry: CommittedEntry)?
    /// The last index that the state machine reached in this boot, or -1.
    var lastApplied = -1
    /// What the log's snapshot covered when the process started.
    var snapshotAtBoot = 0
    /// Whether no status was shown since the process started.
    var isFresh = true

    mutating func forgetVolatileState() {
      shown.role = .follower
      shown.term = promisedTerm
      shown.vote = -1
      shown.leader = -1
      shown.commitIndex = 0
      latestVoteTerm = -1
      latestCommits = 0..<0
      lostIndex = 0
      committedLoss = nil
    }
  }

  /// What was shown of a term.
  struct TermRecord: Sendable {
    var leader = -1
    /// The vote of each node, or -1.
    var votes: ContiguousArray<Int>
    /// Votes that a crash may have kept from the disk.
    var doubtfulVotes: [(node: Int, vote: Int)] = []
  }

  /// A committed entry, and the term in which a node first showed that it is.
  struct CommittedEntry: Sendable {
    var mark: EntryMark
    var shownTerm: Int
  }

  /// What state machines applied at an index.
  struct AppliedEntry: Sendable {
    var node: Int
    var term: Int
    var command: UInt64?
  }

  // MARK: - Helpers

  /// How far an index may be past all that was shown, as steps that a crash cut short may go unseen.
  static var indexSlack: Int { 65_536 }

  func nodes(in bits: UInt64) -> [Int] {
    (0..<nodes).filter { bits & (1 << UInt64($0)) != 0 }
  }

  /// Keeps a nonsensical index from filling the memory: logs grow by one entry after another.
  private func requirePlausible(_ first: Int, _ count: Int, _ node: Int) throws(Violation) {
    guard first >= 1, first <= highestIndex + Self.indexSlack else {
      throw Violation(
        property: "Consecutive indices", section: "Raft, 5.3",
        evidence: "\(name(node)) shows log entries from index \(first), but no log went further than index "
          + "\(highestIndex) yet. Indices start at 1 and have no gaps.",
        nodes: [node])
    }
  }

  /// Takes back what only the latest status showed as committed: a cluster of one commits what it writes in one step,
  /// and may lose both. Whatever was kept will be shown, and judged, again.
  private mutating func forgetLatestCommits(of node: Int) {
    let claimed = members[node].latestCommits
    guard !claimed.isEmpty, claimed.upperBound == committedEntries.count else { return }
    var kept = claimed.lowerBound
    for other in 0..<nodes where other != node {
      kept = max(kept, members[other].shown.commitIndex, members[other].shown.snapshotIndex)
    }
    committedEntries.removeLast(max(0, claimed.upperBound - kept))
  }

  /// Judged with the status that follows, as the node may have stepped down in this very step.
  private mutating func noteLoss(_ node: Int, at index: Int) {
    guard members[node].shown.role == .leader, members[node].lostIndex == 0 || index < members[node].lostIndex
    else { return }
    members[node].lostIndex = index
    members[node].lostTerm = logs[node][index - 1].term
  }
}
