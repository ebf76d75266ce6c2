import Checkers

/// A cluster whose every step is written by hand and shown to a checker.
struct Cluster {
  var safety: RaftSafety
  private var states: [RaftState]
  private var logs: [[EntryMark]]

  /// With `firstMembers`, the nodes say who the members are.
  init(_ nodes: Int, firstMembers: Int? = nil) {
    safety = RaftSafety(nodes: nodes, firstMembers: firstMembers)
    let members = firstMembers.map { UInt64.max >> UInt64(64 - $0) } ?? 0
    states = Array(repeating: RaftState(members: members), count: nodes)
    logs = Array(repeating: [], count: nodes)
    for node in 0..<nodes { safety.booted(node) }
  }

  /// The mark of an ordinary entry: its content follows from its index and term.
  static func mark(_ index: Int, _ term: Int) -> EntryMark {
    EntryMark(term: term, digest: UInt64(index * 1_000 + term))
  }

  /// A step of `node` that changes its status by `change`.
  mutating func step(_ node: Int, _ change: (inout RaftState) -> Void) throws(Violation) {
    change(&states[node])
    try safety.statusChanged(node, to: states[node])
  }

  /// A step in which `node` votes.
  mutating func vote(_ node: Int, for candidate: Int, term: Int) throws(Violation) {
    try step(node) {
      if term > $0.term { $0.leader = -1 }
      $0.role = node == candidate ? .candidate : .follower
      $0.term = term
      $0.vote = candidate
    }
  }

  mutating func lead(_ node: Int, term: Int) throws(Violation) {
    try step(node) {
      if term != $0.term { $0.vote = -1 }
      $0.term = term
      $0.role = .leader
      $0.leader = node
    }
  }

  /// Votes of all of `voters`, then leadership.
  mutating func elect(_ node: Int, term: Int, voters: [Int]) throws(Violation) {
    for voter in voters { try vote(voter, for: node, term: term) }
    try lead(node, term: term)
  }

  /// A step in which the log of `node` keeps what is below `first` and then holds entries of `terms`.
  mutating func write(
    _ node: Int, from first: Int, terms: [Int], _ change: (inout RaftState) -> Void = { _ in }
  ) throws(Violation) {
    try write(node, from: first, marks: terms.enumerated().map { Self.mark(first + $0, $1) }, change)
  }

  mutating func write(
    _ node: Int, from first: Int, marks: [EntryMark], _ change: (inout RaftState) -> Void = { _ in }
  ) throws(Violation) {
    states[node].lastIndex = first + marks.count - 1
    change(&states[node])
    try safety.logChanged(node, from: first, marks: marks)
    try safety.statusChanged(node, to: states[node])
  }

  mutating func commit(_ node: Int, _ index: Int) throws(Violation) {
    try step(node) { $0.commitIndex = index }
  }

  /// A step in which `node` applies ordinary entries.
  mutating func apply(_ node: Int, _ indices: ClosedRange<Int>, term: Int) throws(Violation) {
    for index in indices {
      try safety.applied(node, index: index, term: term, command: Self.mark(index, term).digest)
    }
  }

  mutating func restart(_ node: Int, cuttingShort: Bool = false) {
    safety.crashed(node, cuttingShort: cuttingShort)
    safety.booted(node)
    states[node].role = .follower
    states[node].leader = -1
    states[node].commitIndex = 0
  }

  /// Three nodes of which the first leads term 1 with three entries, all committed and applied everywhere.
  static func settled(_ nodes: Int = 3) throws(Violation) -> Cluster {
    var cluster = Cluster(nodes)
    try cluster.elect(0, term: 1, voters: Array(0..<nodes))
    for node in 0..<nodes { try cluster.write(node, from: 1, terms: [1, 1, 1]) }
    for node in 0..<nodes {
      try cluster.commit(node, 3)
      try cluster.apply(node, 1...3, term: 1)
    }
    return cluster
  }
}
