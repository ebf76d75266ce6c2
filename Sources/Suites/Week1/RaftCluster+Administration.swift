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

  func administer(_ request: AdminRequest, at node: Int) {
    _ = trial.request(RaftRequest.administer(request), to: node)
  }

  /// Has the leader add a node, and returns the members with it. `reachable` are those of them that nothing keeps away.
  func add(_ node: Int, to members: [Int], reachable: [Int]? = nil) throws -> [Int] {
    let wanted = (members + [node]).sorted()
    try change(.add(NodeID(node)), "add n\(node)", at: members, to: wanted, reachable ?? wanted)
    return wanted
  }

  /// Has the leader remove a node, and returns the members without it.
  func remove(_ node: Int, from members: [Int]) throws -> [Int] {
    let wanted = members.filter { $0 != node }
    try change(.remove(NodeID(node)), "remove n\(node)", at: members, to: wanted, wanted)
    return wanted
  }

  /// Asks the leader again and again, until everyone in reach shows the new members and they agree.
  private func change(
    _ request: AdminRequest, _ words: String, at members: [Int], to wanted: [Int], _ reachable: [Int]
  ) throws {
    try insist(
      until: { reachable.allSatisfy { self.members($0) == wanted } }, everyMilliseconds: 200,
      { if let leader = self.leader(among: members) { self.administer(request, at: leader) } },
      otherwise: {
        Violation(
          property: "No progress: members unchanged", section: "Raft thesis, 4.1",
          evidence:
            "\(RaftBounds.progressSeconds) s in which nothing new failed, and the leader was asked again and again to "
            + "\(words): " + self.describeMembers(wanted))
      })
    try agree(among: reachable)
  }

  func describeMembers(_ nodes: [Int]) -> String {
    nodes.map { node in
      let shown = members(node).map { "n\($0)" }.joined(separator: " ")
      return describe([node]) + ", members \(shown.isEmpty ? "none" : shown)"
    }.joined(separator: "; ")
  }

  /// Waits until the leader of the newest term and all of its members have agreed on a new command, and returns it.
  @discardableResult
  func agreeAmongMembers() throws -> Int {
    let nodes = Array(trial.nodes)
    var mine: [UInt64] = []
    var agreed: Int?
    try insist(
      until: {
        agreed = self.leader(among: nodes).flatMap { leader in
          let members = self.members(leader)
          let isAgreed = mine.contains { command in members.allSatisfy { self.hasApplied($0, command) } }
          return isAgreed && !members.isEmpty ? leader : nil
        }
        return agreed != nil
      }, everyMilliseconds: 300,
      { if let leader = self.leader(among: nodes) { mine.append(self.propose(to: leader)) } },
      otherwise: {
        Violation(
          property: "No progress: nothing agreed", section: "Raft thesis, 4.1",
          evidence:
            "\(RaftBounds.progressSeconds) s without a fault, and no command was applied by a leader and all of its members: "
            + self.describeMembers(nodes))
      })
    guard let agreed else { throw NotExercised("the leader changed at that very instant") }
    return agreed
  }

  /// Tries again and again until `isDone` holds. Throws what is to be said if that takes too long.
  func insist(
    until isDone: () -> Bool, everyMilliseconds pause: Int,
    withinMilliseconds limit: Int = RaftBounds.progressSeconds * 1_000, _ attempt: () -> Void,
    otherwise violation: () -> Violation
  ) throws {
    let end = trial.nowMilliseconds + limit
    while !isDone() {
      guard trial.nowMilliseconds < end else { throw violation() }
      attempt()
      _ = try trial.advance(until: isDone, withinMilliseconds: pause)
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
