import Checkers
import Testing

@Suite("Raft safety")
struct RaftSafetyTests {
  /// The violation that `body` ends in, if any.
  private func violation(
    in cluster: Cluster, _ body: (inout Cluster) throws(Violation) -> Void
  ) -> Violation? {
    var cluster = cluster
    do {
      try body(&cluster)
      return nil
    } catch {
      return error
    }
  }

  private func expect(
    _ property: String, _ evidence: String, in cluster: Cluster, location: SourceLocation = #_sourceLocation,
    _ body: (inout Cluster) throws(Violation) -> Void
  ) {
    let found = violation(in: cluster, body)
    #expect(found?.property == property, sourceLocation: location)
    #expect(found?.evidence == evidence, sourceLocation: location)
  }

  // MARK: - Elections

  @Test("allows a leader each term, and knows what was committed")
  func goodRun() throws {
    var cluster = try Cluster.settled()
    try cluster.elect(1, term: 2, voters: [1, 2])
    try cluster.write(1, from: 4, terms: [2])
    try cluster.write(2, from: 4, terms: [2]) { $0.leader = 1 }
    try cluster.commit(1, 4)
    try cluster.apply(1, 4...4, term: 2)
    #expect(cluster.safety.highestCommitted == 4)
    #expect(cluster.safety.committed(at: 4) == Cluster.mark(4, 2))
    #expect(cluster.safety.committed(at: 5) == nil)
    #expect(cluster.safety.committed(at: 0) == nil)
  }

  @Test("sees two leaders in one term")
  func electionSafety() throws {
    var cluster = Cluster(5)
    try cluster.elect(0, term: 3, voters: [0, 1, 2])
    expect("Election safety", "n1 and n4 both led term 3.", in: cluster) { cluster throws(Violation) in
      try cluster.vote(3, for: 3, term: 3)
      try cluster.lead(3, term: 3)
    }
  }

  @Test("sees two leaders in one term though one of them has stepped down")
  func electionSafetyLater() throws {
    var cluster = Cluster(3)
    try cluster.elect(2, term: 1, voters: [1, 2])
    try cluster.step(2) { $0.role = .follower }
    expect("Election safety", "n1 and n3 both led term 1.", in: cluster) { cluster throws(Violation) in
      try cluster.lead(0, term: 1)
    }
  }

  @Test("sees a leader whose votes are no majority, also of an even number")
  func majorityOfVotes() throws {
    let evidence = "n1 became leader of term 1 with the votes of n1 and n2, which is no majority of 4."
    expect("Leader without a majority", evidence, in: Cluster(4)) { cluster throws(Violation) in
      try cluster.elect(0, term: 1, voters: [0, 1])
    }
    let none = "n2 became leader of term 1 with no vote, which is no majority of 3."
    expect("Leader without a majority", none, in: Cluster(3)) { cluster throws(Violation) in
      try cluster.lead(1, term: 1)
    }
  }

  @Test("counts votes of nodes that have moved on or crashed since")
  func votesOfThePast() throws {
    var cluster = Cluster(3)
    try cluster.vote(0, for: 0, term: 1)
    try cluster.vote(1, for: 0, term: 1)
    try cluster.vote(1, for: 1, term: 2)
    cluster.safety.crashed(1)
    try cluster.lead(0, term: 1)
  }

  @Test("lets the only node of a cluster lead in one step")
  func singleNode() throws {
    var cluster = Cluster(1)
    try cluster.write(0, from: 1, terms: [1]) {
      $0 = RaftState(role: .leader, term: 1, vote: 0, leader: 0, commitIndex: 1, lastIndex: 1)
    }
    try cluster.apply(0, 1...1, term: 1)
  }

  @Test("sees a node vote twice in a term, also when a crash lies between")
  func oneVote() throws {
    var cluster = Cluster(3)
    try cluster.vote(2, for: 0, term: 1)
    let evidence = "n3 voted for n1 in term 1, then for n2 in the same term."
    expect("One vote a term", evidence, in: cluster) { cluster throws(Violation) in
      try cluster.vote(2, for: 1, term: 1)
    }
    expect("One vote a term", evidence, in: cluster) { cluster throws(Violation) in
      cluster.restart(2)
      try cluster.step(2) { $0.vote = -1 }
      try cluster.vote(2, for: 1, term: 1)
    }
  }

  @Test("holds a node to its vote over a restart, and to no vote that a crash kept from the disk")
  func voteCutShort() throws {
    var cluster = Cluster(3)
    try cluster.vote(0, for: 0, term: 1)
    try cluster.vote(2, for: 0, term: 1)
    cluster.restart(2, cuttingShort: true)
    // It may have voted for n1 before the crash, or it may come back without having voted, in the term before.
    try cluster.step(2) { ($0.term, $0.vote) = (0, -1) }
    var other = cluster
    try cluster.lead(0, term: 1)
    try other.vote(2, for: 1, term: 1)
  }

  @Test("sees a term fall, at once or over a restart")
  func termFalls() throws {
    var cluster = Cluster(3)
    try cluster.vote(0, for: 0, term: 4)
    let evidence = "n1 was in term 4 and went back to term 3."
    expect("Term never falls", evidence, in: cluster) { cluster throws(Violation) in
      try cluster.step(0) { ($0.term, $0.vote) = (3, -1) }
    }
    expect("Term never falls", evidence, in: cluster) { cluster throws(Violation) in
      cluster.restart(0)
      try cluster.step(0) { ($0.term, $0.vote) = (3, -1) }
    }
  }

  @Test("allows a restart to forget a term that the node only heard of")
  func termHeardOf() throws {
    var cluster = Cluster(3)
    try cluster.vote(0, for: 0, term: 4)
    try cluster.step(0) { ($0.role, $0.term, $0.vote) = (.follower, 6, -1) }
    cluster.restart(0)
    try cluster.step(0) { ($0.term, $0.vote) = (4, 0) }
  }

  @Test("takes a pre-candidate for a follower")
  func preVote() throws {
    var cluster = try Cluster.settled()
    try cluster.step(1) { ($0.role, $0.leader) = (.preCandidate, -1) }
    try cluster.step(1) { ($0.role, $0.leader) = (.follower, 0) }
    try cluster.step(1) { ($0.role, $0.leader) = (.preCandidate, -1) }
    try cluster.vote(1, for: 1, term: 2)
  }

  // MARK: - Logs

  @Test("sees a leader remove or replace an entry of its own")
  func leaderAppendOnly() throws {
    var cluster = Cluster(3)
    try cluster.elect(0, term: 2, voters: [0, 1])
    try cluster.write(0, from: 1, terms: [1, 2, 2])
    let removed = "n1, leader of term 2, removed the entry of term 2 at index 3 in its own log."
    expect("Leader append-only", removed, in: cluster) { cluster throws(Violation) in
      try cluster.write(0, from: 3, terms: [])
    }
    let replaced = "n1, leader of term 2, replaced the entry of term 1 at index 1 in its own log."
    expect("Leader append-only", replaced, in: cluster) { cluster throws(Violation) in
      try cluster.write(0, from: 1, terms: [2])
    }
  }

  @Test("lets a leader append, compact its log, and lose entries as it steps down")
  func leaderMayDo() throws {
    var cluster = try Cluster.settled()
    try cluster.write(0, from: 4, terms: [1, 1])
    try cluster.write(0, from: 1, terms: [1, 1, 1, 1, 1])
    try cluster.write(0, from: 3, terms: [1, 1, 1]) { $0.snapshotIndex = 2 }
    try cluster.step(0) { $0.snapshotIndex = 3 }
    try cluster.elect(1, term: 2, voters: [1, 2])
    try cluster.write(1, from: 4, terms: [2])
    try cluster.write(0, from: 4, terms: [2]) {
      ($0.role, $0.term, $0.vote, $0.leader) = (.follower, 2, -1, 1)
    }
  }

  @Test("sees different entries under the same index and term")
  func logMatching() throws {
    var cluster = Cluster(3)
    try cluster.write(0, from: 1, terms: [1, 1])
    expect("Log matching", "n1 and n3 held different entries at index 2 and term 1.", in: cluster) {
      cluster throws(Violation) in
      try cluster.write(2, from: 1, marks: [Cluster.mark(1, 1), EntryMark(term: 1, digest: 9)])
    }
  }

  @Test("sees one entry after two different ones")
  func logMatchingPrefix() throws {
    var cluster = Cluster(3)
    try cluster.write(0, from: 1, terms: [1, 3])
    try cluster.write(1, from: 1, terms: [2])
    let evidence =
      "n2 holds the entry at index 2 and term 3 after one of term 2, but n1 held it after one of term 1."
    expect("Log matching", evidence, in: cluster) { cluster throws(Violation) in
      try cluster.write(1, from: 2, terms: [3])
    }
    expect("Log matching", evidence, in: cluster) { cluster throws(Violation) in
      try cluster.write(1, from: 1, terms: [2, 3])
    }
  }

  @Test("allows logs that differ in terms, and one that was replaced by a snapshot")
  func logsMayDiffer() throws {
    var cluster = Cluster(3)
    try cluster.elect(0, term: 3, voters: [0, 1])
    for node in [0, 1] { try cluster.write(node, from: 1, terms: [1, 1, 3, 3, 3]) }
    try cluster.write(2, from: 1, terms: [1, 1, 2, 2])
    for node in [0, 1] { try cluster.commit(node, 4) }
    // The conflicting entries are under the snapshot now, and the next entry follows what it hides.
    try cluster.write(2, from: 5, terms: [3]) { ($0.term, $0.snapshotIndex, $0.commitIndex) = (3, 4, 4) }
    try cluster.safety.restored(2, index: 4)
    try cluster.commit(0, 5)
    try cluster.commit(2, 5)
    try cluster.apply(2, 5...5, term: 3)
  }

  @Test("refuses indices far out of reach")
  func plausible() throws {
    let found = violation(in: Cluster(3)) { cluster throws(Violation) in
      try cluster.write(0, from: .max, marks: [])
    }
    #expect(found?.property == "Consecutive indices")
    let snapshot = violation(in: Cluster(3)) { cluster throws(Violation) in
      try cluster.step(0) { $0.snapshotIndex = .max }
    }
    #expect(snapshot?.property == "Consecutive indices")
    let commit = violation(in: Cluster(3)) { cluster throws(Violation) in
      try cluster.step(0) { $0.commitIndex = .max }
    }
    #expect(commit?.property == "Committed entries stay")
  }

  // MARK: - Commitment

  @Test("sees a commit that no majority holds")
  func commitNeedsMajority() throws {
    var cluster = Cluster(4)
    try cluster.elect(0, term: 1, voters: [0, 1, 2])
    for node in [0, 1] { try cluster.write(node, from: 1, terms: [1]) }
    let evidence =
      "n1, in term 1, counts the entry of term 1 at index 1 as committed, but only n1 and n2 hold it, "
      + "which is no majority of 4."
    expect("Commit needs a majority", evidence, in: cluster) { cluster throws(Violation) in
      try cluster.commit(0, 1)
    }
    // A longer log does not count where its entry is another.
    try cluster.write(2, from: 1, terms: [2, 2])
    expect("Commit needs a majority", evidence, in: cluster) { cluster throws(Violation) in
      try cluster.commit(0, 1)
    }
  }

  @Test("sees a snapshot of what is not committed")
  func uncommittedSnapshot() throws {
    var cluster = try Cluster.settled()
    try cluster.write(0, from: 4, terms: [1])
    let evidence =
      "n1, in term 1, has the uncommitted index 4 in its snapshot, but only n1 holds it, which is no "
      + "majority of 3."
    expect("Commit needs a majority", evidence, in: cluster) { cluster throws(Violation) in
      try cluster.step(0) { $0.snapshotIndex = 4 }
    }
  }

  @Test("counts the logs of crashed nodes and of snapshots towards a commit")
  func whoHolds() throws {
    var cluster = try Cluster.settled(5)
    for node in [0, 1, 2] { try cluster.write(node, from: 4, terms: [1, 1]) }
    cluster.safety.crashed(1)
    // Commits and compacts in one step.
    try cluster.step(2) { ($0.commitIndex, $0.snapshotIndex) = (4, 4) }
    cluster.safety.crashed(2)
    try cluster.commit(0, 5)
    #expect(cluster.safety.committed(at: 4) == Cluster.mark(4, 1))
    #expect(cluster.safety.committed(at: 5) == Cluster.mark(5, 1))
  }

  @Test("takes an installed snapshot for committed though its sender crashed before it showed as much")
  func installedSnapshot() throws {
    var cluster = try Cluster.settled()
    for node in [0, 1] { try cluster.write(node, from: 4, terms: [1]) }
    try cluster.write(2, from: 4, terms: [0])
    try cluster.write(2, from: 5, terms: []) { ($0.snapshotIndex, $0.commitIndex) = (4, 4) }
    #expect(cluster.safety.committed(at: 4) == Cluster.mark(4, 1))
  }

  @Test("sees a node commit another entry than the committed one")
  func committedStays() throws {
    var cluster = Cluster(3)
    try cluster.elect(0, term: 2, voters: [0, 1])
    for node in [0, 1] { try cluster.write(node, from: 1, terms: [1, 2]) }
    try cluster.write(2, from: 1, terms: [1, 1])
    try cluster.commit(0, 2)
    let evidence =
      "n3 counts index 2 as committed and holds an entry of term 1 there, but the entry committed there is "
      + "of term 2."
    expect("Committed entries stay", evidence, in: cluster) { cluster throws(Violation) in
      try cluster.commit(2, 2)
    }
  }

  @Test("sees a node remove a committed entry before it knows that it is committed, but not in a crash")
  func committedRemoved() throws {
    var cluster = Cluster(3)
    try cluster.elect(0, term: 2, voters: [0, 1])
    for node in [0, 1] { try cluster.write(node, from: 1, terms: [1, 2]) }
    try cluster.commit(0, 2)
    let evidence = "n2 removed the entry of term 2 at index 2 from its log, although it is committed."
    expect("Committed entries stay", evidence, in: cluster) { cluster throws(Violation) in
      try cluster.write(1, from: 2, terms: [])
    }
    cluster.safety.crashed(1, cuttingShort: true)
    cluster.safety.booted(1)
    try cluster.write(1, from: 2, terms: [])
  }

  @Test(
    "lets a node in an older term drop what a leader of a newer term has committed without it, until it hears of it"
  )
  func committedRemovedInOlderTerm() throws {
    var cluster = Cluster(5)
    // n1 and n5 hold an entry of term 1 that the leader of term 2 lacks; n1 alone follows that leader.
    try cluster.elect(0, term: 1, voters: [0, 1, 2])
    for node in [0, 4] { try cluster.write(node, from: 1, terms: [1]) }
    try cluster.elect(1, term: 2, voters: [1, 2, 3])
    try cluster.write(1, from: 1, terms: [2])
    try cluster.step(0) { ($0.term, $0.vote, $0.role) = (2, -1, .follower) }
    try cluster.elect(4, term: 3, voters: [2, 3, 4])
    for node in [2, 3] { try cluster.write(node, from: 1, terms: [1]) }
    try cluster.write(4, from: 2, terms: [3])
    for node in [2, 3] { try cluster.write(node, from: 2, terms: [3]) }
    try cluster.commit(4, 2)
    expect(
      "Committed entries stay",
      "n1 removed the entry of term 1 at index 1 from its log, although it is committed.", in: cluster
    ) { cluster throws(Violation) in
      try cluster.write(0, from: 1, terms: [2]) { $0.term = 3 }
    }
    try cluster.write(0, from: 1, terms: [2])
    try cluster.write(0, from: 1, terms: [1, 3]) { ($0.term, $0.leader, $0.commitIndex) = (3, 4, 2) }
  }

  @Test("sees a committed entry replaced or removed, and a commit index past the end of the log")
  func committedChanged() throws {
    let cluster = try Cluster.settled()
    let replaced =
      "n2 counts index 3 as committed and holds an entry of term 2 there, but the entry committed there "
      + "is of term 1."
    expect("Committed entries stay", replaced, in: cluster) { cluster throws(Violation) in
      try cluster.write(1, from: 3, terms: [2])
    }
    expect("Committed entries stay", "n2 shows commit index 3, but its log ends at index 2.", in: cluster) {
      cluster throws(Violation) in
      try cluster.write(1, from: 3, terms: [])
    }
    expect("Committed entries stay", "n2 shows commit index 5, but its log ends at index 3.", in: cluster) {
      cluster throws(Violation) in
      try cluster.commit(1, 5)
    }
  }

  @Test("sees the commit index fall, but for a restart")
  func commitFalls() throws {
    var cluster = try Cluster.settled()
    let evidence = "n3 had committed up to index 3 and went back to 2 without a restart."
    expect("Commit index never falls", evidence, in: cluster) { cluster throws(Violation) in
      try cluster.commit(2, 2)
    }
    for start in [0, 2, 3] {
      cluster.restart(2)
      try cluster.commit(2, start)
      try cluster.commit(2, 3)
    }
    cluster.restart(2)
    try cluster.step(2) { $0.snapshotIndex = 2 }
    try cluster.commit(2, 3)
  }

  @Test("lets entries arrive after it is known that they are committed")
  func lateEntries() throws {
    var cluster = try Cluster.settled(5)
    for node in [0, 1, 2] { try cluster.write(node, from: 4, terms: [1, 1, 1]) }
    try cluster.commit(0, 6)
    for index in 4...6 { try cluster.write(3, from: index, terms: [1]) { $0.commitIndex = index } }
    try cluster.write(4, from: 4, terms: [1, 1]) { $0.commitIndex = 4 }
  }

  @Test("sees a new leader without a committed entry")
  func leaderCompleteness() throws {
    var cluster = try Cluster.settled()
    for node in [0, 1] { try cluster.write(node, from: 4, terms: [1]) }
    try cluster.commit(0, 4)
    let evidence =
      "n3 leads term 2, but its log lacks the entry of term 1 at index 4, which was committed in term 1."
    expect("Leader completeness", evidence, in: cluster) { cluster throws(Violation) in
      try cluster.elect(2, term: 2, voters: [1, 2])
    }
    try cluster.elect(1, term: 2, voters: [1, 2])
  }

  @Test("sees that an older leader commits what a newer one lacks")
  func leaderCompletenessLater() throws {
    var cluster = try Cluster.settled()
    try cluster.write(0, from: 4, terms: [1])
    try cluster.elect(2, term: 2, voters: [1, 2])
    try cluster.write(1, from: 4, terms: [1])
    let evidence =
      "n3 leads term 2, but its log lacks the entry of term 1 at index 4, which was committed in term 1."
    expect("Leader completeness", evidence, in: cluster) { cluster throws(Violation) in
      try cluster.commit(0, 4)
    }
  }

  @Test("asks no leader for entries that a later term committed")
  func olderLeader() throws {
    var cluster = Cluster(5)
    for node in [2, 3, 4] { try cluster.vote(node, for: 4, term: 1) }
    for node in [0, 1, 2] { try cluster.vote(node, for: 0, term: 2) }
    try cluster.lead(0, term: 2)
    for node in [0, 1, 2] { try cluster.write(node, from: 1, terms: [2]) }
    try cluster.commit(0, 1)
    // Its votes were long under way; it leads a term that is over.
    try cluster.lead(4, term: 1)
  }

  // MARK: - State machines

  @Test("sees two commands applied at one index, on two nodes or over a restart")
  func stateMachineSafety() throws {
    var cluster = try Cluster.settled()
    for node in 0..<3 { try cluster.write(node, from: 4, terms: [1]) }
    for node in 0..<3 { try cluster.commit(node, 4) }
    try cluster.safety.applied(0, index: 4, term: 1, command: 7)
    expect("State machine safety", "n1 and n2 applied different commands of term 1 at index 4.", in: cluster)
    {
      cluster throws(Violation) in
      try cluster.safety.applied(1, index: 4, term: 1, command: 8)
    }
    expect("State machine safety", "n1 and n2 applied different commands of term 1 at index 4.", in: cluster)
    {
      cluster throws(Violation) in
      try cluster.safety.applied(1, index: 4, term: 1, command: nil)
    }
    let term = "n2 applied an entry of term 2 at index 4, where the committed entry is of term 1."
    expect("State machine safety", term, in: cluster) { cluster throws(Violation) in
      try cluster.safety.applied(1, index: 4, term: 2, command: 7)
    }
    let again = "n1 applied different commands of term 1 at index 1, before and after a restart."
    expect("State machine safety", again, in: try Cluster.alone()) { cluster throws(Violation) in
      cluster.restart(0)
      try cluster.commit(0, 1)
      try cluster.safety.applied(0, index: 1, term: 1, command: 8)
    }
  }

  @Test("sees a gap, a repetition and a step back in what is applied")
  func appliedInOrder() throws {
    var cluster = try Cluster.settled()
    for node in 0..<3 { try cluster.write(node, from: 4, terms: [1, 1]) }
    for node in 0..<3 { try cluster.commit(node, 5) }
    for index in [2, 3, 5] {
      let evidence = "n1 applied index \(index) after index 3, where index 4 was due."
      expect("Applied in order", evidence, in: cluster) { cluster throws(Violation) in
        try cluster.safety.applied(0, index: index, term: 1, command: 0)
      }
    }
    let restored = "n1 restored a snapshot up to index 2 after index 3, where index 4 was due."
    expect("Applied in order", restored, in: cluster) { cluster throws(Violation) in
      try cluster.safety.restored(0, index: 2)
    }
    let first = "n1 applied index 4 as the first after its start, where index 1 was due."
    expect("Applied in order", first, in: cluster) { cluster throws(Violation) in
      cluster.restart(0)
      try cluster.commit(0, 5)
      try cluster.apply(0, 4...4, term: 1)
    }
  }

  @Test("lets a state machine start from the first entry or after a snapshot")
  func appliedAfterRestart() throws {
    var cluster = try Cluster.settled()
    cluster.restart(0)
    try cluster.commit(0, 3)
    try cluster.apply(0, 1...3, term: 1)
    try cluster.step(0) { $0.snapshotIndex = 2 }
    cluster.restart(0)
    try cluster.step(0) { $0.snapshotIndex = 2 }
    try cluster.safety.restored(0, index: 2)
    try cluster.commit(0, 3)
    try cluster.apply(0, 3...3, term: 1)
    try cluster.safety.restored(0, index: 3)
  }

  @Test("sees a state machine start from the first entry of a log that lacks it")
  func compactedLog() throws {
    var cluster = try Cluster.settled()
    try cluster.step(1) { $0.snapshotIndex = 2 }
    cluster.restart(1)
    let evidence =
      "n2 applied index 1 after its restart without restoring the snapshot that its log starts from, which "
      + "covers indices 1 to 2."
    expect("Applied from a compacted log", evidence, in: cluster) { cluster throws(Violation) in
      try cluster.commit(1, 3)
      try cluster.apply(1, 1...1, term: 1)
    }
    // A snapshot that did not outlive the process, with a log that did.
    try cluster.step(1) { ($0.snapshotIndex, $0.commitIndex) = (0, 3) }
    try cluster.apply(1, 1...3, term: 1)
  }

  @Test("lets a step commit, apply and compact all at once")
  func allAtOnce() throws {
    var cluster = try Cluster.settled()
    cluster.restart(0)
    try cluster.step(0) { ($0.commitIndex, $0.snapshotIndex) = (3, 3) }
    try cluster.apply(0, 1...3, term: 1)
  }

  @Test("sees an entry applied that the node or the cluster has not committed")
  func appliedBeforeCommitted() throws {
    var cluster = try Cluster.settled()
    for node in 0..<3 { try cluster.write(node, from: 4, terms: [1]) }
    let nobody =
      "n2 applied index 4, but its commit index was 3, and the cluster had committed up to index 3."
    expect("Applied before committed", nobody, in: cluster) { cluster throws(Violation) in
      try cluster.apply(1, 4...4, term: 1)
    }
    try cluster.commit(0, 4)
    let others =
      "n2 applied index 4, but its commit index was 3, and the cluster had committed up to index 4."
    expect("Applied before committed", others, in: cluster) { cluster throws(Violation) in
      try cluster.apply(1, 4...4, term: 1)
    }
    let restored =
      "n2 restored a snapshot up to index 9, but its commit index was 3, and the cluster had committed up "
      + "to index 4."
    expect("Applied before committed", restored, in: cluster) { cluster throws(Violation) in
      try cluster.safety.restored(1, index: 9)
    }
  }
}

extension Cluster {
  /// One node that applied the one entry of its log.
  static func alone() throws(Violation) -> Cluster {
    var cluster = Cluster(1)
    try cluster.elect(0, term: 1, voters: [0])
    try cluster.write(0, from: 1, terms: [1]) { $0.commitIndex = 1 }
    try cluster.safety.applied(0, index: 1, term: 1, command: 7)
    return cluster
  }
}
