import Checkers
import Testing

@Suite("Raft's members, as a checker sees them")
struct RaftMembershipTests {
  /// Five nodes, of which the first three are members; n1 leads term 1, and its first entry is committed everywhere.
  private func cluster() throws(Violation) -> Cluster {
    var cluster = Cluster(5, firstMembers: 3)
    try cluster.elect(0, term: 1, voters: [0, 1, 2])
    for node in 0..<3 { try cluster.write(node, from: 1, terms: [1]) }
    try cluster.commit(0, 1)
    return cluster
  }

  private func bits(_ nodes: Int...) -> UInt64 { nodes.reduce(0) { $0 | 1 << UInt64($1) } }

  private func expect(
    _ property: String, _ evidence: String, in cluster: Cluster,
    _ steps: (inout Cluster) throws(Violation) -> Void
  ) {
    var cluster = cluster
    do throws(Violation) {
      try steps(&cluster)
      Issue.record("nothing was seen")
    } catch {
      #expect(error.property == property)
      #expect(error.evidence == evidence)
    }
  }

  @Test("a node joins, counts from the moment its entry is there, and leaves")
  func joinAndLeave() throws {
    var cluster = try cluster()
    try cluster.write(0, from: 2, terms: [1]) { $0.members = bits(0, 1, 2, 3) }
    // Two of four are no majority; with the new node there are three.
    try cluster.write(1, from: 2, terms: [1]) { $0.members = bits(0, 1, 2, 3) }
    var early = cluster
    #expect(throws: Violation.self) { try early.commit(0, 2) }
    try cluster.write(3, from: 1, terms: [1, 1]) { $0.members = bits(0, 1, 2, 3) }
    try cluster.commit(0, 2)
    // The leader removes itself, and does not count any more.
    try cluster.write(0, from: 3, terms: [1]) { $0.members = bits(1, 2, 3) }
    try cluster.write(1, from: 3, terms: [1]) { $0.members = bits(1, 2, 3) }
    let evidence =
      "n1, in term 1, counts the entry of term 1 at index 3 as committed, but only n1 and n2 hold it, which is no "
      + "majority of n2, n3 and n4."
    expect("Commit needs a majority", evidence, in: cluster) { cluster throws(Violation) in
      try cluster.commit(0, 3)
    }
    try cluster.write(3, from: 3, terms: [1]) { $0.members = bits(1, 2, 3) }
    try cluster.commit(0, 3)
  }

  @Test("votes of nodes that are no members elect nobody")
  func votesOfOutsiders() throws {
    let evidence =
      "n1 became leader of term 2 with the votes of n1, n4 and n5, which is no majority of n1, n2 and n3."
    expect("Leader without a majority", evidence, in: try cluster()) { cluster throws(Violation) in
      try cluster.elect(0, term: 2, voters: [0, 3, 4])
    }
  }

  @Test("two nodes at once are too many")
  func twoAtOnce() throws {
    let evidence =
      "n1, leader of term 1, changes the members at index 2 from n1, n2 and n3 to n1, n2, n3, n4 and n5: two "
      + "majorities need not have a node in common."
    expect("One member at a time", evidence, in: try cluster()) { cluster throws(Violation) in
      try cluster.write(0, from: 2, terms: [1]) { $0.members = bits(0, 1, 2, 3, 4) }
    }
    // Nor is one in the place of another a single change.
    var other = try cluster()
    #expect(throws: Violation.self) {
      try other.write(0, from: 2, terms: [1]) { $0.members = bits(0, 1, 3) }
    }
  }

  @Test("a change waits until the one before it is committed")
  func oneChangeAtATime() throws {
    var cluster = try cluster()
    try cluster.write(0, from: 2, terms: [1]) { $0.members = bits(0, 1, 2, 3) }
    let evidence =
      "n1, leader of term 1, changes the members at index 3, while the change at index 2 is not committed."
    expect("One change of members at a time", evidence, in: cluster) { cluster throws(Violation) in
      try cluster.write(0, from: 3, terms: [1]) { $0.members = bits(0, 1, 2) }
    }
  }

  @Test("a new leader changes nothing before it has committed an entry of its term")
  func ownTermFirst() throws {
    var cluster = try cluster()
    try cluster.elect(1, term: 2, voters: [1, 2])
    try cluster.commit(1, 1)
    let evidence =
      "n2, leader of term 2, changes the members at index 2, and has committed no entry of its term yet: its commit "
      + "index is 1, an entry of term 1."
    expect(
      "No change of members before a commit of the own term", evidence, in: cluster
    ) { cluster throws(Violation) in
      try cluster.write(1, from: 2, terms: [2]) { $0.members = bits(0, 1, 2, 3) }
    }
    for node in [1, 2] { try cluster.write(node, from: 2, terms: [2]) }
    try cluster.commit(1, 2)
    try cluster.write(1, from: 3, terms: [2]) { $0.members = bits(0, 1, 2, 3) }
  }

  @Test("a node goes by the changes in its log, and back when they are removed")
  func membersFollowTheLog() throws {
    var cluster = try cluster()
    try cluster.write(0, from: 2, terms: [1]) { $0.members = bits(0, 1, 2, 3) }
    let late =
      "n2 shows the members n1, n2 and n3, but the change at index 2 makes them n1, n2, n3 and n4."
    expect("Members follow the log", late, in: cluster) { cluster throws(Violation) in
      try cluster.write(1, from: 2, terms: [1])
    }
    let early =
      "n3 shows the members n1, n2, n3 and n4, but no change in its log or snapshot makes them n1, n2 and n3."
    expect("Members follow the log", early, in: cluster) { cluster throws(Violation) in
      try cluster.step(2) { $0.members = bits(0, 1, 2, 3) }
    }
    // n2 leads, and its entry takes the place of the change.
    try cluster.elect(1, term: 2, voters: [1, 2])
    try cluster.write(1, from: 2, terms: [2])
    try cluster.step(0) { ($0.role, $0.term, $0.leader, $0.vote) = (.follower, 2, 1, -1) }
    let kept =
      "n1 shows the members n1, n2, n3 and n4, but no change in its log or snapshot makes them n1, n2 and n3."
    expect("Members follow the log", kept, in: cluster) { cluster throws(Violation) in
      try cluster.write(0, from: 2, terms: [2])
    }
    try cluster.write(0, from: 2, terms: [2]) { $0.members = bits(0, 1, 2) }
  }

  @Test("a snapshot holds the members as of its last index")
  func snapshots() throws {
    var cluster = try cluster()
    for node in [0, 1, 2, 3] {
      try cluster.write(node, from: node == 3 ? 1 : 2, terms: node == 3 ? [1, 1] : [1]) {
        $0.members = bits(0, 1, 2, 3)
      }
    }
    try cluster.commit(0, 2)
    try cluster.step(0) { $0.snapshotIndex = 2 }
    // n5 is sent that snapshot.
    let evidence =
      "n5 shows the members n1, n2 and n3, but the change at index 2 makes them n1, n2, n3 and n4."
    expect("Members follow the log", evidence, in: cluster) { cluster throws(Violation) in
      try cluster.write(4, from: 3, marks: []) { ($0.snapshotIndex, $0.commitIndex) = (2, 2) }
    }
    try cluster.write(4, from: 3, marks: []) {
      ($0.snapshotIndex, $0.commitIndex, $0.members) = (2, 2, bits(0, 1, 2, 3))
    }
  }

  @Test("members are nodes, and there are some")
  func membersAreNodes() throws {
    let evidence = "n1 shows members that are no nodes of this cluster, or no member at all."
    for members in [UInt64(0), 1 << 5] {
      expect("Members are nodes", evidence, in: try cluster()) { cluster throws(Violation) in
        try cluster.write(0, from: 2, terms: [1]) { $0.members = members }
      }
    }
  }
}
