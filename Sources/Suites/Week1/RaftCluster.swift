import Checkers
import LabKit
import Runner

/// A cluster under test, with Raft's five safety properties judged after every step.
final class RaftCluster {
  let trial: Trial
  /// Commands applied, by node and index.
  private(set) var applied: [[Int: UInt64?]]
  private var safety: RaftSafety
  private var pendingOutputs: [(node: Int, output: RaftOutput)] = []
  private var nextCommand: UInt64 = 1
  private var proposed: Set<UInt64> = []
  /// The ledger after each index, as the commands applied first lead to it; only where they were applied in order.
  private var ledgers: [Ledger] = [Ledger()]
  /// Judges how a node's claims change, beside what must always hold.
  var claimChanged: (_ node: Int, _ before: SIMD8<Int64>, _ after: SIMD8<Int64>) throws -> Void = { _, _, _ in
  }
  private var claims: [SIMD8<Int64>]
  /// Told whenever a node starts.
  var started: (Int) -> Void = { _ in }
  /// Where commands stand in the log, as far as any node has applied them.
  private var indices: [UInt64: Int] = [:]
  /// The last index of the snapshot that a node restored in this boot, or 0.
  private(set) var restoredTo: [Int]
  private var snapshotsAtBoot: [Int]
  private let replicatesLedger: Bool
  /// How often a node put a snapshot in the place of its state machine while it ran.
  private(set) var installations = 0

  /// `replicatesLedger`: the nodes are replicas of LabKit's ledger, so that their snapshots can be judged.
  init(_ trial: Trial, replicatesLedger: Bool = false) {
    self.trial = trial
    self.replicatesLedger = replicatesLedger
    restoredTo = Array(repeating: 0, count: trial.nodeCount + 1)
    snapshotsAtBoot = restoredTo
    claims = Array(repeating: .zero, count: trial.nodeCount + 1)
    safety = RaftSafety(nodes: trial.nodeCount, firstMembers: trial.firstMembers)
    applied = Array(repeating: [:], count: trial.nodeCount + 1)
    trial.observe = { [unowned self] _, record in try judge(record) }
  }

  // MARK: Judging

  private func judge(_ record: TraceRecord) throws {
    switch record {
    case .crashed(let node, let isCutShort):
      try judgeOutputs()
      safety.crashed(node - 1, cuttingShort: isCutShort)
    case .started(let node, _):
      try judgeOutputs()
      safety.booted(node - 1)
      applied[node] = [:]
      restoredTo[node] = 0
      snapshotsAtBoot[node] = snapshotIndex(node)
      started(node)
    case .delivered, .timerFired, .requested: try judgeOutputs()
    case .log(let node, let first, let marks):
      try safety.logChanged(
        node - 1, from: first, marks: marks.map { Checkers.EntryMark(term: $0.term, digest: $0.digest) })
    case .status(let node, let fields):
      let before = claims[node]
      claims[node] = fields
      try claimChanged(node, before, fields)
      guard let role = RaftState.Role(rawValue: Int(fields[0])) else {
        throw Violation(property: "Status", section: "contract", evidence: "n\(node) shows role \(fields[0])")
      }
      try safety.statusChanged(
        node - 1,
        to: RaftState(
          role: role, term: Int(fields[1]), vote: Int(fields[2]) - 1, leader: Int(fields[3]) - 1,
          commitIndex: Int(fields[4]), lastIndex: Int(fields[5]), snapshotIndex: Int(fields[6]),
          members: UInt64(bitPattern: fields[7])))
    case .output(let node, let body):
      pendingOutputs.append((node, try RaftOutput(wireBytes: body)))
    default: break
    }
  }

  private func judgeOutputs() throws {
    guard !pendingOutputs.isEmpty else { return }
    let outputs = pendingOutputs
    pendingOutputs = []
    for (node, output) in outputs {
      switch output {
      case .applied(let index, let term, let command):
        let identity = command?.id
        try safety.applied(node - 1, index: index, term: term, command: identity)
        applied[node][index] = identity
        if let identity { indices[identity] = index }
        if index == ledgers.count {
          var ledger = ledgers[index - 1]
          ledger.apply(command)
          ledgers.append(ledger)
        }
        if let identity, !proposed.contains(identity) {
          throw Violation(
            property: "Only what was proposed", section: "Raft, 5.3",
            evidence: "n\(node) applied x\(identity) at index \(index), which no client proposed",
            nodes: [node - 1])
        }
      case .restored(let index, let snapshot):
        try safety.restored(node - 1, index: index)
        if index > snapshotsAtBoot[node] { installations += 1 }
        restoredTo[node] = index
        try judgeSnapshot(node, index, snapshot)
      }
    }
  }

  /// A node whose state machine is LabKit's ledger: the snapshot must be what the entries up to its index lead to.
  private func judgeSnapshot(_ node: Int, _ index: Int, _ snapshot: [UInt8]) throws {
    guard replicatesLedger, index < ledgers.count, ledgers[index].snapshot != snapshot else { return }
    let held = Ledger(snapshot: snapshot).map { "the state after index \($0.index)" } ?? "no state at all"
    throw Violation(
      property: "State machine safety", section: "Raft, 7",
      evidence:
        "n\(node) restored a snapshot up to index \(index) that holds \(held), not what the entries up to there lead to",
      nodes: [node - 1])
  }

  // MARK: What the nodes claim

  func term(_ node: Int) -> Int { Int(trial.statuses[node][1]) }
  func commitIndex(_ node: Int) -> Int { Int(trial.statuses[node][4]) }
  func lastIndex(_ node: Int) -> Int { Int(trial.statuses[node][5]) }
  func snapshotIndex(_ node: Int) -> Int { Int(trial.statuses[node][6]) }
  func isCandidate(_ node: Int) -> Bool { trial.isUp[node] && trial.statuses[node][0] == 1 }
  func isLeader(_ node: Int) -> Bool { trial.isUp[node] && trial.statuses[node][0] == 2 }

  /// The leader of the newest term among some nodes, if there is one.
  func leader(among nodes: [Int]) -> Int? {
    nodes.filter(isLeader).max { term($0) < term($1) }
  }

  // MARK: Demands

  /// Waits for a leader that a majority of `nodes` could have elected and that they all follow.
  @discardableResult
  func awaitLeader(
    among nodes: [Int]? = nil, withinMilliseconds limit: Int = RaftBounds.progressSeconds * 1_000
  ) throws
    -> Int
  {
    let nodes = nodes ?? Array(trial.nodes)
    let up = { nodes.filter { self.trial.isUp[$0] } }
    func agreed() -> Int? {
      guard let leader = leader(among: up()) else { return nil }
      return up().allSatisfy { term($0) == term(leader) && ($0 == leader || !isLeader($0)) } ? leader : nil
    }
    guard try trial.advance(until: { agreed() != nil }, withinMilliseconds: limit), let leader = agreed()
    else {
      throw Violation(
        property: "No progress: no leader", section: "Raft, 5.2",
        evidence:
          "\(limit / 1_000) s without a fault, and these nodes have no leader that all follow: \(describe(nodes))"
      )
    }
    return leader
  }

  func describe(_ nodes: [Int]) -> String {
    nodes.map { node in
      guard trial.isUp[node] else { return "n\(node) down" }
      let role = ["follower", "candidate", "leader"][min(2, max(0, Int(trial.statuses[node][0])))]
      return "n\(node) \(role) of term \(term(node)), commit \(commitIndex(node))"
    }.joined(separator: "; ")
  }

  /// Proposes one command to a node and returns its number.
  @discardableResult
  func propose(to node: Int, payload: [UInt8] = [], afterMilliseconds delay: Int = 0) -> UInt64 {
    defer { nextCommand += 1 }
    proposed.insert(nextCommand)
    _ = trial.request(
      RaftRequest.propose(Command(id: nextCommand, payload: payload)), to: node,
      afterMicroseconds: delay * 1_000)
    return nextCommand
  }

  /// A command that clients may have brought in by themselves.
  func expect(_ command: UInt64) { proposed.insert(command) }

  /// Whether a node's state machine holds a command: it applied it, or restored a snapshot of what others had applied.
  func hasApplied(_ node: Int, _ command: UInt64) -> Bool {
    guard let index = indices[command] else { return false }
    return index <= restoredTo[node] || applied[node][index] == .some(command)
  }

  /// Proposes until a command is applied by all of `nodes`, as a client would that asks again.
  func agree(
    on count: Int = 1, among nodes: [Int]? = nil,
    withinMilliseconds limit: Int = RaftBounds.progressSeconds * 1_000
  )
    throws
  {
    let nodes = nodes ?? Array(trial.nodes)
    let end = trial.nowMilliseconds + limit
    for _ in 0..<count {
      var isDone = false
      var mine: [UInt64] = []
      while !isDone {
        guard trial.nowMilliseconds < end else {
          throw Violation(
            property: "No progress: nothing agreed", section: "Raft, 5.3",
            evidence:
              "\(limit / 1_000) s without a fault, and no command proposed in that time was applied by all of these: "
              + describe(nodes))
        }
        if let leader = leader(among: nodes) { mine.append(propose(to: leader)) }
        isDone = try trial.advance(
          until: { mine.contains { command in nodes.allSatisfy { self.hasApplied($0, command) } } },
          withinMilliseconds: mine.isEmpty ? 50 : 2_000)
      }
    }
  }
}

extension RaftCluster {
  /// Waits for a leader of a term newer than `term` among nodes that can hear each other.
  func awaitNewLeader(among nodes: [Int], after term: Int) throws -> Int {
    let limit = RaftBounds.progressSeconds * 1_000
    func newer() -> Int? { leader(among: nodes).flatMap { self.term($0) > term ? $0 : nil } }
    guard try trial.advance(until: { newer() != nil }, withinMilliseconds: limit), let leader = newer() else {
      throw Violation(
        property: "No progress: no new leader", section: "Raft, 5.2",
        evidence: "\(limit / 1_000) s after the leader of term \(term) was lost: \(describe(nodes))")
    }
    return leader
  }
}
