import Checkers
import LabKit
import Runner

/// What whoever runs a cluster does to it.
extension RaftCluster {
  /// The members that the cluster begins with.
  var firstMembers: [Int] { Array(1...trial.firstMembers) }

  /// The members as a node shows them.
  func members(_ node: Int) -> [Int] {
    trial.nodes.filter { trial.statuses[node][7] & (1 << Int64($0 - 1)) != 0 }
  }

  /// Every node shows who the members are, as far as its log tells.
  func requireMembersShown() throws {
    for node in trial.nodes where trial.isUp[node] && members(node).isEmpty {
      throw Violation(
        property: "Members are shown", section: "contract",
        evidence: "n\(node) shows no members: `status` passes them on as `members:` from stage 1F on",
        nodes: [node - 1])
    }
  }

  /// Asks a node, and returns the number that its reply will have.
  @discardableResult
  func administer(_ request: AdminRequest, at node: Int) -> Int {
    trial.request(RaftRequest.administer(request), to: node)
  }

  func reply(to operation: Int) throws -> RaftReply? {
    guard let reply = trial.replies[operation] else { return nil }
    return try RaftReply(wireBytes: reply.body)
  }

  /// Has the leader among `present` add or remove a node, asking again until all of the new members show each other and
  /// agree.
  func change(_ request: AdminRequest, of present: [Int]) throws -> [Int] {
    let wanted: [Int] =
      switch request {
      case .add(let node): (present + [node.number]).sorted()
      case .remove(let node): present.filter { $0 != node.number }
      case .transfer: present
      }
    let end = trial.nowMilliseconds + RaftBounds.progressSeconds * 1_000
    let isDone = { wanted.allSatisfy { self.members($0) == wanted } }
    while !isDone() {
      guard trial.nowMilliseconds < end else {
        throw Violation(
          property: "No progress: members unchanged", section: "Raft thesis, 4.1",
          evidence:
            "\(RaftBounds.progressSeconds) s without a fault, and the leader was asked again and again to \(words(request)): "
            + describeMembers(wanted))
      }
      if let leader = leader(among: present) { administer(request, at: leader) }
      _ = try trial.advance(until: isDone, withinMilliseconds: 200)
    }
    try agree(among: wanted)
    return wanted
  }

  private func words(_ request: AdminRequest) -> String {
    switch request {
    case .add(let node): "add \(node)"
    case .remove(let node): "remove \(node)"
    case .transfer(let node): "hand over to \(node)"
    }
  }

  func describeMembers(_ nodes: [Int]) -> String {
    nodes.map { node in
      let shown = members(node).map { "n\($0)" }.joined(separator: " ")
      return describe([node]) + ", members \(shown.isEmpty ? "none" : shown)"
    }.joined(separator: "; ")
  }

  /// Waits until the leader of the newest term and all of its members have agreed on a new command.
  func agreeAmongMembers() throws {
    let end = trial.nowMilliseconds + RaftBounds.progressSeconds * 1_000
    var mine: [UInt64] = []
    func isDone() -> Bool {
      guard let leader = leader(among: Array(trial.nodes)) else { return false }
      let members = members(leader)
      return mine.contains { command in members.allSatisfy { hasApplied($0, command) } }
    }
    while !isDone() {
      guard trial.nowMilliseconds < end else {
        throw Violation(
          property: "No progress: nothing agreed", section: "Raft thesis, 4.1",
          evidence:
            "\(RaftBounds.progressSeconds) s without a fault, and no command was applied by a leader and all of its members: "
            + describeMembers(Array(trial.nodes)))
      }
      if let leader = leader(among: Array(trial.nodes)) { mine.append(propose(to: leader)) }
      _ = try trial.advance(until: isDone, withinMilliseconds: 300)
    }
  }

  /// Nothing fails, and the leader and its term stay.
  func requireStable(_ leader: Int, milliseconds: Int, because: String) throws {
    let term = term(leader)
    let stays = { self.isLeader(leader) && self.term(leader) == term }
    _ = try trial.advance(until: { !stays() }, withinMilliseconds: milliseconds)
    guard stays() else {
      throw Violation(
        property: "A stable leader stays", section: "Raft thesis, 9.6 and 4.2.3",
        evidence:
          "n\(leader) led term \(term), and a majority heard it all the time; \(because), and it leads no more: "
          + describe(Array(trial.nodes)),
        nodes: [leader - 1])
    }
  }
}
