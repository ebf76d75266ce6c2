import Checkers
import LabKit
import Runner

extension Stage {
  /// 1F: what Raft needs to be run for years: pre-vote (thesis, 9.6), handing over the lead (3.10) and changes of members
  /// (4.1 and 4.2).
  static let administration = Stage(
    "1F", "Beyond the paper's core", needs: ["1C"], hours: 8, isBonus: true,
    scenarios: [
      transfer, abandoned, preVote, oneWay, members, removed, early, rollback, snapshot, churn,
    ])

  // MARK: The lead

  private static let transfer = Scenario(
    "1F.transfer", "the lead is handed over", points: 2,
    bound: "within \(RaftBounds.transferMilliseconds) ms, and in the next term", program: "elastic",
    clusterSizes: [3, 5]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    var count = 0
    for _ in 0..<4 {
      let leader = try cluster.awaitLeader()
      let term = cluster.term(leader)
      try cluster.agree(on: 2)
      let target = trial.choices.element(of: trial.nodes.filter { $0 != leader })
      // Half of the time the one who is to lead lacks what the leader has just taken in.
      if trial.choices.chance(partsPerMillion: 500_000) {
        trial.command(.cut(from: leader, to: target, true))
        for _ in 0..<trial.choices.next(in: 1...20) { cluster.propose(to: leader) }
        try trial.advance(milliseconds: 30)
        trial.heal()
      }
      guard cluster.isLeader(leader), cluster.term(leader) == term else { continue }
      cluster.administer(.transfer(to: NodeID(target)), at: leader)
      let start = trial.nowMilliseconds
      let limit = RaftBounds.transferMilliseconds
      let isDone = try trial.advance(
        until: { cluster.isLeader(target) }, withinMilliseconds: 2 * limit, stepMilliseconds: 1)
      guard isDone, cluster.term(target) == term + 1 else {
        throw Violation(
          property: "The lead is handed over", section: "Raft thesis, 3.10",
          evidence:
            "n\(leader), leader of term \(term), was asked to hand over to n\(target), and nothing failed; "
            + "\(trial.nowMilliseconds - start) ms later: " + cluster.describe(Array(trial.nodes)),
          nodes: [leader - 1, target - 1])
      }
      try trial.measure(
        "ms to hand over the lead", trial.nowMilliseconds - start, .atMost(limit),
        property: "The lead is handed over")
      count += 1
    }
    guard count > 0 else { throw NotExercised("the lead changed by itself before it could be handed over") }
    try cluster.agree(on: 1)
  }

  private static let abandoned = Scenario(
    "1F.abandoned", "a leader that cannot hand over leads on", points: 1,
    bound: "within \(RaftBounds.abandonMilliseconds) ms", program: "elastic", clusterSizes: [3, 5]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    for _ in 0..<2 {
      let leader = try cluster.awaitLeader()
      try cluster.agree(on: 1)
      let target = trial.choices.element(of: trial.nodes.filter { $0 != leader })
      let others = trial.nodes.filter { $0 != target }
      let crashes = trial.choices.chance(partsPerMillion: 500_000)
      if crashes { trial.crash(target) } else { trial.isolate([target]) }
      // It lacks an entry that it will not get.
      cluster.propose(to: leader)
      try trial.advance(milliseconds: 1)
      cluster.administer(.transfer(to: NodeID(target)), at: leader)
      try trial.advance(milliseconds: 1)
      let limit = RaftBounds.abandonMilliseconds
      let start = trial.nowMilliseconds
      var commands: [UInt64] = []
      try cluster.insist(
        until: { commands.contains { command in others.allSatisfy { cluster.hasApplied($0, command) } } },
        everyMilliseconds: 50, withinMilliseconds: 2 * limit,
        { if let leader = cluster.leader(among: others) { commands.append(cluster.propose(to: leader)) } },
        otherwise: {
          Violation(
            property: "No progress: the lead hangs in the air", section: "Raft thesis, 3.10",
            evidence:
              "n\(leader) was asked to hand over to n\(target), which nobody can reach; \(2 * limit) ms later no "
              + "command is taken in: " + cluster.describe(others),
            nodes: [leader - 1])
        })
      try trial.measure(
        "ms until a vain hand-over is given up", trial.nowMilliseconds - start,
        .atMost(limit),
        property: "No progress: the lead hangs in the air")
      if crashes { trial.boot(target) } else { trial.heal() }
      try cluster.agree(on: 1)
    }
  }

  // MARK: Pre-vote

  private static let preVote = Scenario(
    "1F.prevote", "a node that was cut off returns and disturbs nobody", points: 2,
    bound: "no newer term", program: "elastic", clusterSizes: [3, 5]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    for _ in 0..<2 {
      let leader = try cluster.awaitLeader()
      try cluster.agree(on: 1)
      let away = trial.choices.element(of: trial.nodes.filter { $0 != leader })
      let others = trial.nodes.filter { $0 != away }
      let term = cluster.term(away)
      trial.isolate([away])
      try cluster.agree(on: trial.choices.next(in: 0...3), among: others)
      try trial.advance(milliseconds: 4_000)
      guard cluster.term(away) == term else {
        throw Violation(
          property: "Who cannot win does not campaign", section: "Raft thesis, 9.6",
          evidence:
            "n\(away) heard nobody for 4 s, and went from term \(term) to term \(cluster.term(away))",
          nodes: [away - 1])
      }
      guard cluster.isLeader(leader), cluster.term(leader) == term else {
        throw NotExercised("the lead changed by itself")
      }
      trial.heal()
      try cluster.requireStable(leader, milliseconds: 2_000, because: "n\(away) returned")
      try cluster.agree(on: 1)
    }
    // Answers now take as long as a timeout: some come when their question is settled.
    cluster.claimChanged = { node, before, after in
      guard before[0] == 2, after[0] == 1, after[1] > before[1] else { return }
      throw Violation(
        property: "Who leads does not campaign", section: "Raft thesis, 9.6",
        evidence:
          "n\(node) led term \(before[1]), and went straight on to stand for election in term \(after[1])",
        nodes: [node - 1])
    }
    trial.setAllLinks(LinkProfile(delayMicroseconds: 1_000...120_000))
    for _ in 0..<8 {
      if let leader = cluster.leader(among: Array(trial.nodes)) { trial.crash(leader) }
      try trial.advance(milliseconds: 1_500)
      trial.boot(trial.nodes.filter { !trial.isUp[$0] })
    }
    try cluster.calm()
  }

  private static let oneWay = Scenario(
    "1F.oneway", "a node that the leader cannot reach disturbs nobody", points: 1,
    bound: "no newer term", program: "elastic", clusterSizes: [3, 5]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    let leader = try cluster.awaitLeader()
    try cluster.agree(on: 2)
    let deaf = trial.choices.element(of: trial.nodes.filter { $0 != leader })
    // It hears everyone else, lacks no entry, and would be elected if the others let it.
    trial.command(.cut(from: leader, to: deaf, true))
    try cluster.requireStable(
      leader, milliseconds: 3 * RaftBounds.longestElectionTimeoutMilliseconds,
      because: "n\(deaf) alone did not hear it and asked for votes")
    trial.heal()
    try cluster.agree(on: 1)
  }

  // MARK: Members

  private static let members = Scenario(
    "1F.members", "nodes join and leave, one at a time", points: 2, program: "elastic", clusterSizes: [3],
    spareNodes: 2
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    var members = cluster.firstMembers
    try cluster.awaitLeader(among: members)
    try cluster.requireMembersShown()
    try cluster.agree(on: 3, among: members)
    for _ in 0..<2 {
      for node in trial.nodes where !members.contains(node) {
        members = try cluster.add(node, to: members)
      }
      // Three of five are enough now, whoever they are.
      let down = Array(trial.choices.shuffled(members).prefix(2))
      for node in down { trial.crash(node) }
      try cluster.agree(on: 2, among: members.filter { !down.contains($0) })
      trial.boot(down)
      try cluster.agree(on: 1, among: members)
      for _ in 0..<2 {
        let leader = try cluster.awaitLeader(among: members)
        let leaving = trial.choices.element(of: members.filter { $0 != leader })
        members = try cluster.remove(leaving, from: members)
      }
      // And two of three.
      let fallen = trial.choices.element(of: members)
      trial.crash(fallen)
      try cluster.agree(on: 2, among: members.filter { $0 != fallen })
      trial.boot(fallen)
      try cluster.agree(on: 1, among: members)
    }
  }

  private static let removed = Scenario(
    "1F.removed", "a leader removes itself, and whoever is removed disturbs nobody", points: 1,
    program: "elastic", clusterSizes: [3, 5]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    let old = try cluster.awaitLeader()
    try cluster.requireMembersShown()
    try cluster.agree(on: 2)
    let rest = try cluster.remove(old, from: Array(trial.nodes))
    guard
      try trial.advance(
        until: { !cluster.isLeader(old) }, withinMilliseconds: RaftBounds.progressSeconds * 1_000)
    else {
      throw Violation(
        property: "A removed leader steps down", section: "Raft thesis, 4.2.2",
        evidence: "n\(old) is no member any more, which is committed, and it leads on", nodes: [old - 1])
    }
    let leader = try cluster.awaitLeader(among: rest)
    try cluster.agree(on: 1, among: rest)
    guard cluster.isLeader(leader) else { throw NotExercised("the lead changed meanwhile") }
    try cluster.requireStable(
      leader, milliseconds: 2 * RaftBounds.longestElectionTimeoutMilliseconds,
      because: "n\(old), which is no member any more, was left running")
  }

  private static let early = Scenario(
    "1F.early", "a new leader is asked for a change before it knows what is committed", points: 2,
    program: "elastic", clusterSizes: [3, 4, 5], spareNodes: 1
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    var members = cluster.firstMembers
    let spare = trial.nodeCount
    try cluster.awaitLeader(among: members)
    try cluster.requireMembersShown()
    try cluster.agree(on: 1, among: members)
    for _ in 0..<3 {
      let old = try cluster.awaitLeader(among: members)
      let others = members.filter { $0 != old }
      let request: AdminRequest = members.contains(spare) ? .remove(NodeID(spare)) : .add(NodeID(spare))
      trial.isolate([old])
      // A change that it alone knows of, and another one on top: that has to wait.
      cluster.administer(request, at: old)
      try trial.advance(milliseconds: 5)
      cluster.administer(.remove(NodeID(trial.choices.element(of: others))), at: old)
      try trial.advance(milliseconds: 5)
      let new = try cluster.awaitNewLeader(among: others, after: cluster.term(old))
      // Another change, which need not have a node in common with the first.
      let other = trial.choices.element(of: others.filter { $0 != new })
      cluster.administer(.remove(NodeID(other)), at: new)
      cluster.administer(request, at: new)
      try trial.advance(milliseconds: 300)
      trial.heal()
      members = cluster.members(try cluster.agreeAmongMembers())
      for node in cluster.firstMembers where !members.contains(node) {
        members = try cluster.add(node, to: members)
      }
    }
  }

  private static let rollback = Scenario(
    "1F.rollback", "a change that is not committed is taken back", points: 1, program: "elastic",
    clusterSizes: [3, 5], spareNodes: 1
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    let members = cluster.firstMembers
    let spare = trial.nodeCount
    try cluster.awaitLeader(among: members)
    try cluster.requireMembersShown()
    for _ in 0..<2 {
      try cluster.agree(on: 1, among: members)
      let old = try cluster.awaitLeader(among: members)
      let others = members.filter { $0 != old }
      // A majority of the old members never hears of the change; one of them may.
      let kept = [old, spare] + others.prefix(trial.choices.next(in: 0...(trial.firstMembers / 2 - 1)))
      trial.partition([kept, others.filter { !kept.contains($0) }])
      cluster.administer(.add(NodeID(spare)), at: old)
      try trial.advance(milliseconds: 40)
      guard cluster.members(old).contains(spare) else { throw NotExercised("n\(old) made no change") }
      let rest = others.filter { !kept.contains($0) }
      _ = try cluster.awaitNewLeader(among: rest, after: cluster.term(old))
      try cluster.agree(on: 2, among: rest)
      trial.heal()
      try cluster.agree(on: 1, among: members)
      for node in members where cluster.members(node) != members {
        throw Violation(
          property: "A change that is not committed is taken back", section: "Raft thesis, 4.1",
          evidence: "the entry that added n\(spare) is gone: " + cluster.describeMembers(members),
          nodes: [node - 1])
      }
    }
  }

  private static let snapshot = Scenario(
    "1F.snapshot", "a snapshot holds the members", points: 1, program: "elastic-replica", clusterSizes: [3],
    spareNodes: 1
  ) { trial in
    let cluster = RaftCluster(trial, replicatesLedger: true)
    trial.boot(trial.nodes)
    var members = cluster.firstMembers
    let leader = try cluster.awaitLeader(among: members)
    try cluster.requireMembersShown()
    try cluster.burst(40, among: members)
    let away = trial.choices.element(of: members.filter { $0 != leader })
    trial.isolate([away])
    let present = trial.nodes.filter { $0 != away }
    members = try cluster.add(trial.nodeCount, to: members, reachable: present)
    // The entry that made the change is under everyone's snapshot by then.
    for _ in 0..<5 { try cluster.burst(40, among: present) }
    let before = cluster.installations
    trial.heal()
    try cluster.agree(on: 1)
    guard cluster.installations > before else { throw NotExercised("n\(away) caught up without a snapshot") }
    for node in members { trial.crash(node) }
    try trial.advance(milliseconds: trial.choices.next(in: 1...300))
    trial.boot(members)
    try cluster.agree(on: 1)
    for node in members where cluster.members(node) != members {
      throw Violation(
        property: "A snapshot holds the members", section: "Raft thesis, 4.1 and 5.1",
        evidence: "after a restart: " + cluster.describeMembers(members), nodes: [node - 1])
    }
  }

  private static let churn = Scenario(
    "1F.churn", "members change while everything fails", points: 2, program: "elastic-replica",
    clusterSizes: [3, 5], spareNodes: 2
  ) { trial in
    let cluster = RaftCluster(trial, replicatesLedger: true)
    trial.setAllLinks(.harsh)
    trial.boot(trial.nodes)
    try trial.advance(milliseconds: 1)
    try cluster.requireMembersShown()
    for _ in 0..<40 {
      cluster.disturb()
      cluster.proposeToLeaders(trial.choices.next(in: 0...12))
      for node in trial.nodes where cluster.isLeader(node) {
        let other = trial.choices.next(in: trial.nodes)
        let members = cluster.members(node)
        switch trial.choices.next(in: 0...5) {
        case 0: cluster.administer(.transfer(to: NodeID(other)), at: node)
        case 1...3 where !members.contains(other): cluster.administer(.add(NodeID(other)), at: node)
        case 1...4 where members.contains(other) && members.count > 2:
          cluster.administer(.remove(NodeID(other)), at: node)
        default: break
        }
      }
      try trial.advance(milliseconds: trial.choices.next(in: 5...400))
    }
    try cluster.endFaults()
    try cluster.agreeAmongMembers()
  }
}
