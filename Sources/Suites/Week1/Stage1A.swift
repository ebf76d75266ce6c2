import Checkers
import LabKit
import Runner

extension Stage {
  /// 1A: leader election (Raft, 5.2).
  static let leaderElection = Stage(
    "1A", "Leader election", needs: [], hours: 5,
    scenarios: [elect, reelect, majority, seven, tie, heard, idle])

  private static let elect = Scenario(
    "1A.elect", "a cluster elects one leader and keeps it", points: 3,
    bound: "the same leader for \(RaftBounds.stableSeconds) s", program: "raft",
    clusterSizes: [3, 4, 5, 7]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    let leader = try cluster.awaitLeader()
    let term = cluster.term(leader)
    try trial.advance(milliseconds: RaftBounds.stableSeconds * 1_000)
    guard cluster.isLeader(leader), cluster.term(leader) == term else {
      throw Violation(
        property: "A stable leader stays", section: "Raft, 5.2",
        evidence:
          "n\(leader) led term \(term) and nothing failed for \(RaftBounds.stableSeconds) s, yet now: \(cluster.describe(Array(trial.nodes)))"
      )
    }
  }

  private static let reelect = Scenario(
    "1A.reelect", "a new leader after the old one crashes or is cut off", points: 3, program: "raft",
    clusterSizes: [3, 4, 5, 7]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    for _ in 0..<3 {
      let old = try cluster.awaitLeader()
      let oldTerm = cluster.term(old)
      let crashes = trial.choices.chance(partsPerMillion: 500_000)
      if crashes { trial.crash(old) } else { trial.isolate([old]) }
      let others = trial.nodes.filter { $0 != old }
      try trial.advance(milliseconds: 1)
      let new = try cluster.awaitNewLeader(among: others, after: oldTerm)
      try trial.advance(milliseconds: trial.choices.next(in: 0...1_000))
      if crashes { trial.boot(old) } else { trial.heal() }
      try cluster.awaitLeader()
      guard !(cluster.isLeader(old) && cluster.term(old) == oldTerm) else {
        throw Violation(
          property: "An old leader steps down", section: "Raft, 5.1",
          evidence: "n\(old) still leads term \(oldTerm), although it can hear n\(new) of a newer term")
      }
    }
  }

  private static let majority = Scenario(
    "1A.majority", "nobody leads without a majority", points: 2, bound: "no leader in a minority",
    program: "raft", clusterSizes: [3, 4, 5, 7]
  ) { trial in
    let cluster = RaftCluster(trial)
    let minority = Array(trial.choices.shuffled(Array(trial.nodes)).prefix(trial.nodeCount / 2))
    let rest = trial.nodes.filter { !minority.contains($0) }
    // From the start on the groups cannot hear each other; half of an even number is no majority either.
    trial.partition([minority, rest])
    trial.boot(trial.nodes)
    if rest.count >= trial.majority { try cluster.awaitLeader(among: rest) }
    try trial.advance(milliseconds: 4_000)
    for node in minority where cluster.isLeader(node) {
      throw Violation(
        property: "Leader without a majority", section: "Raft, 5.2",
        evidence:
          "n\(node) leads term \(cluster.term(node)), but could reach only \(minority.count) of \(trial.nodeCount) nodes",
        nodes: [node - 1])
    }
    trial.heal()
    try cluster.awaitLeader()
  }

  private static let seven = Scenario(
    "1A.seven", "seven nodes, three cut off, again and again", points: 2, program: "raft",
    clusterSizes: [7]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    try cluster.awaitLeader()
    for _ in 0..<6 {
      let cut = Array(trial.choices.shuffled(Array(trial.nodes)).prefix(3))
      trial.isolate(cut)
      try cluster.awaitLeader(among: trial.nodes.filter { !cut.contains($0) })
      try trial.advance(milliseconds: trial.choices.next(in: 0...500))
    }
    trial.heal()
    try cluster.awaitLeader()
  }

  private static let tie = Scenario(
    "1A.tie", "ties resolve", points: 2, program: "raft", clusterSizes: [3, 4, 5]
  ) { trial in
    let cluster = RaftCluster(trial)
    // Equal delays, one instant: nodes that wait a fixed time stand for ever at the same moment.
    trial.setAllLinks(LinkProfile(delayMicroseconds: 5_000...5_000))
    trial.boot(trial.nodes)
    try cluster.awaitLeader()
  }

  private static let heard = Scenario(
    "1A.heard", "a leader hears of a newer term in an answer", points: 1, program: "raft",
    clusterSizes: [3, 4, 5]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    let leader = try cluster.awaitLeader()
    let away = trial.choices.element(of: trial.nodes.filter { $0 != leader })
    trial.isolate([away])
    // Alone, it campaigns in newer and newer terms; with pre-vote it would not, and there would be nothing to hear.
    let hasCampaigned = try trial.advance(
      until: { cluster.term(away) >= cluster.term(leader) + 2 }, withinMilliseconds: 6_000)
    guard hasCampaigned else {
      trial.heal()
      try cluster.awaitLeader()
      return
    }
    // Then its clock all but stops: it will not ask for votes, and only its answers tell of its term.
    cluster.setClocks(of: [away], driftPartsPerMillion: -999_000)
    trial.heal()
    try cluster.awaitLeader()
    cluster.setClocks(of: [away], driftPartsPerMillion: 0)
  }

  private static let idleMessages = RaftBounds.idleMessagesASecond

  private static let idle = Scenario(
    "1A.idle", "few messages and no new terms when idle", points: 2,
    bound: "\(idleMessages.lowerBound) to \(idleMessages.upperBound) messages a second", program: "raft",
    clusterSizes: [3]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    let leader = try cluster.awaitLeader()
    let before = trial.messagesSent.values.reduce(0, +)
    let term = cluster.term(leader)
    try trial.advance(milliseconds: 10_000)
    let perSecond = (trial.messagesSent.values.reduce(0, +) - before) / 10
    guard cluster.term(leader) == term else {
      throw Violation(
        property: "A stable leader stays", section: "Raft, 5.2",
        evidence: "the term rose from \(term) to \(cluster.term(leader)) in 10 s without a fault")
    }
    try trial.measure(
      "messages a second on three idle nodes", perSecond, .atMost(idleMessages.upperBound),
      property: "Message budget")
    guard perSecond >= idleMessages.lowerBound else {
      throw Violation(
        property: "Heartbeats", section: "Raft, 5.2",
        evidence: "\(perSecond) messages a second: a leader shows itself at least every 150 ms")
    }
  }
}
