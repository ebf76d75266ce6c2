import Checkers
import LabKit
import Runner

extension Stage {
  /// 1B: log replication (Raft, 5.3 and 5.4).
  static let logReplication = Stage(
    "1B", "Log replication", needs: ["1A"], hours: 9,
    scenarios: [
      agree, followers, leaders, minority, rejoin, concurrent, deaf, behind, budget, copies,
    ])

  private static let agree = Scenario(
    "1B.agree", "all nodes apply what was proposed, in one order", points: 3, program: "raft",
    clusterSizes: [3, 4, 5, 7]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    try cluster.awaitLeader()
    try cluster.agree(on: 10)
  }

  private static let followers = Scenario(
    "1B.followers", "followers are cut off and return", points: 3, program: "raft", clusterSizes: [3, 5, 7]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    try cluster.awaitLeader()
    for _ in 0..<3 {
      let leader = try cluster.awaitLeader()
      let others = trial.choices.shuffled(trial.nodes.filter { $0 != leader })
      let cut = Array(others.prefix(trial.nodeCount - trial.majority))
      trial.isolate(cut)
      try cluster.agree(on: 3, among: trial.nodes.filter { !cut.contains($0) })
      trial.heal()
      try cluster.agree(on: 1)
    }
  }

  private static let leaders = Scenario(
    "1B.leaders", "leaders are cut off, one after another", points: 3, program: "raft",
    clusterSizes: [3, 5, 7]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    for _ in 0..<3 {
      let leader = try cluster.awaitLeader()
      try cluster.agree(on: 2)
      trial.isolate([leader])
      // What the lost leader takes in now must never be applied.
      for _ in 0..<3 { cluster.propose(to: leader) }
      try cluster.agree(on: 2, among: trial.nodes.filter { $0 != leader })
      trial.heal()
    }
    try cluster.agree(on: 1)
  }

  private static let minority = Scenario(
    "1B.minority", "a leader without a majority commits nothing", points: 3,
    bound: "no commit in a minority", program: "raft",
    clusterSizes: [3, 4, 5, 7]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    let leader = try cluster.awaitLeader()
    try cluster.agree(on: 2)
    let others = trial.choices.shuffled(trial.nodes.filter { $0 != leader })
    // The leader keeps as many followers as a minority has room for.
    let kept = [leader] + others.prefix(trial.majority - 2)
    trial.partition([kept, others.filter { !kept.contains($0) }])
    try trial.advance(milliseconds: 50)
    let commit = cluster.commitIndex(leader)
    let commands = (0..<5).map { _ in cluster.propose(to: leader) }
    try trial.advance(milliseconds: 3_000)
    for node in kept
    where cluster.commitIndex(node) > commit || commands.contains(where: { cluster.hasApplied(node, $0) }) {
      throw Violation(
        property: "Commit needs a majority", section: "Raft, 5.3",
        evidence:
          "n\(node) committed up to \(cluster.commitIndex(node)) with only \(kept.count) of \(trial.nodeCount) nodes in reach",
        nodes: [node - 1])
    }
    trial.heal()
    try cluster.agree(on: 2)
  }

  private static let rejoin = Scenario(
    "1B.rejoin", "nodes that return lose their unwanted entries and catch up", points: 3, program: "raft",
    clusterSizes: [3, 5]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    for _ in 0..<4 {
      let leader = try cluster.awaitLeader()
      let others = trial.choices.shuffled(trial.nodes.filter { $0 != leader })
      let kept = [leader] + others.prefix(trial.choices.next(in: 0...(trial.majority - 2)))
      let rest = trial.nodes.filter { !kept.contains($0) }
      trial.partition([kept, rest])
      for _ in 0..<trial.choices.next(in: 1...12) { cluster.propose(to: leader) }
      try cluster.agree(on: trial.choices.next(in: 1...6), among: rest)
      trial.heal()
      try cluster.agree(on: 1)
    }
  }

  private static let concurrent = Scenario(
    "1B.concurrent", "many proposals at one time", points: 1,
    bound: "all applied within \(RaftBounds.concurrentSeconds) s", program: "raft", clusterSizes: [3, 5]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    let leader = try cluster.awaitLeader()
    let term = cluster.term(leader)
    let commands = (0..<20).map { _ in cluster.propose(to: leader) }
    let isDone = {
      commands.allSatisfy { command in trial.nodes.allSatisfy { cluster.hasApplied($0, command) } }
    }
    guard
      try trial.advance(until: isDone, withinMilliseconds: RaftBounds.concurrentSeconds * 1_000)
        || cluster.term(leader) != term
    else {
      throw Violation(
        property: "No progress: proposals lost", section: "Raft, 5.3",
        evidence:
          "20 commands proposed to n\(leader) at one time; \(RaftBounds.concurrentSeconds) s later not all are applied: \(cluster.describe(Array(trial.nodes)))"
      )
    }
  }

  private static let deaf = Scenario(
    "1B.deaf", "a deaf node with a fast clock does not keep the others from committing", points: 1,
    bound: "at least \(RaftBounds.leastCommandsBesideDeafNode) commands in \(RaftBounds.deafSeconds) s",
    program: "raft", clusterSizes: [3, 5]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    let leader = try cluster.awaitLeader()
    let deaf = trial.choices.element(of: trial.nodes.filter { $0 != leader })
    let others = trial.nodes.filter { $0 != deaf }
    // It hears nobody, and is heard by all. What it lacks keeps it from being elected.
    for node in others { trial.command(.cut(from: node, to: deaf, true)) }
    try cluster.agree(on: 1, among: others)
    cluster.setClocks(of: [deaf], driftPartsPerMillion: 1_000_000)
    var commands: [UInt64] = []
    let end = trial.nowMilliseconds + RaftBounds.deafSeconds * 1_000
    while trial.nowMilliseconds < end {
      if let leader = cluster.leader(among: others) { commands.append(cluster.propose(to: leader)) }
      try trial.advance(milliseconds: 30)
    }
    let agreed = commands.count { command in others.allSatisfy { cluster.hasApplied($0, command) } }
    try trial.measure(
      "commands agreed beside a deaf node", agreed, .atLeast(RaftBounds.leastCommandsBesideDeafNode),
      property: "No progress: one node's campaigns keep the others from committing")
    trial.heal()
    cluster.setClocks(of: [deaf], driftPartsPerMillion: 0)
    try cluster.agree(on: 1)
  }

  private static let behind = Scenario(
    "1B.behind", "a node 50 conflicting entries in 5 terms behind catches up", points: 1,
    bound: "at most \(RaftBounds.mostRoundTripsToCatchUp) round trips", program: "raft", clusterSizes: [5]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    let laggard = try cluster.awaitLeader()
    try cluster.agree(on: 2)
    let shared = cluster.lastIndex(laggard)
    let others = trial.choices.shuffled(trial.nodes.filter { $0 != laggard })
    let (deposer, voters) = (others[0], Array(others[1...]))
    // The voters' clocks hardly run: they answer, and do not campaign.
    cluster.setClocks(of: voters, driftPartsPerMillion: -999_000)
    // Whenever it wins, nobody hears of it: what it takes in, it keeps to itself.
    trial.isolate(Array(trial.nodes))
    let reigns = trial.watch(
      Watch(
        .statusChanged, on: laggard,
        where: [
          StatusCondition(field: RaftStatus.Field.role.rawValue, .became, RaftState.Role.leader.rawValue)
        ],
        maximumHits: 100)
    ) { [unowned trial] _, _ in trial.isolate(Array(trial.nodes)) }
    for reign in 1...5 {
      for _ in 0..<10 { cluster.propose(to: laggard) }
      try trial.advance(milliseconds: 30)
      guard reign < 5 else { break }
      // It hears a candidate of a newer term, who cannot hear it.
      let term = cluster.term(laggard)
      trial.command(.cut(from: deposer, to: laggard, false))
      // With pre-vote nobody campaigns alone, and the terms are fewer.
      guard try trial.advance(until: { cluster.term(laggard) > term }, withinMilliseconds: 4_000) else {
        break
      }
      trial.partition([[laggard] + voters, [deposer]])
      guard try trial.advance(until: { cluster.isLeader(laggard) }, withinMilliseconds: 6_000) else {
        throw NotExercised("n\(laggard) did not lead again")
      }
    }
    trial.unwatch(reigns)
    cluster.setClocks(of: [laggard], driftPartsPerMillion: -999_000)
    cluster.setClocks(of: voters, driftPartsPerMillion: 0)
    trial.isolate([laggard])
    let first = try cluster.awaitLeader(among: others)
    for _ in 0..<60 { cluster.propose(to: first) }
    try cluster.agree(on: 1, among: others)
    // Another may have won meanwhile, and would stay.
    guard cluster.isLeader(first) else { throw NotExercised("n\(first) did not stay the leader") }
    // A leader with a long log, who knows nothing yet of the others'.
    trial.isolate([laggard, first])
    let rest = others.filter { $0 != first }
    let second = try cluster.awaitNewLeader(among: rest, after: cluster.term(first))
    try cluster.agree(on: 1, among: rest)
    // The way takes longer than a heartbeat's interval, so that round trips are what the time goes into.
    let delay = 100
    for (from, to) in [(laggard, second), (second, laggard)] {
      trial.command(
        .setLink(from: from, to: to, LinkProfile(delayMicroseconds: delay * 1_000...delay * 1_000)))
    }
    let start = trial.nowMilliseconds
    trial.partition([rest + [laggard], [first]])
    let hasCaughtUp = try trial.advance(
      until: { cluster.commitIndex(laggard) > shared },
      withinMilliseconds: RaftBounds.progressSeconds * 1_000)
    guard cluster.isLeader(second) else { throw NotExercised("n\(second) did not stay the leader") }
    guard hasCaughtUp else {
      throw Violation(
        property: "No progress: a node does not catch up", section: "Raft, 5.3",
        evidence:
          "n\(laggard) is in reach of the leader n\(second) for \(RaftBounds.progressSeconds) s: \(cluster.describe(Array(trial.nodes)))"
      )
    }
    try trial.measure(
      "round trips to the last common entry", (trial.nowMilliseconds - start) / (2 * delay),
      .atMost(RaftBounds.mostRoundTripsToCatchUp), property: "Catching up")
  }

  private static let budget = Scenario(
    "1B.budget", "ten commands on three nodes take few messages", points: 1,
    bound: "at most \(RaftBounds.mostMessagesForTenCommands) messages beside the heartbeats", program: "raft",
    clusterSizes: [3]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    try cluster.awaitLeader()
    try cluster.agree(on: 1)
    let idleStart = trial.messagesSent.values.reduce(0, +)
    try trial.advance(milliseconds: 1_000)
    let idle = trial.messagesSent.values.reduce(0, +) - idleStart
    let start = trial.messagesSent.values.reduce(0, +)
    let startTime = trial.nowMilliseconds
    try cluster.agree(on: 10)
    let elapsed = trial.nowMilliseconds - startTime
    let used = trial.messagesSent.values.reduce(0, +) - start - idle * elapsed / 1_000
    try trial.measure(
      "messages for ten commands", used, .atMost(RaftBounds.mostMessagesForTenCommands),
      property: "Message budget")
  }

  private static let copies = Scenario(
    "1B.copies", "each command goes to each peer about once", points: 1,
    bound: "at most \(RaftBounds.mostCopiesToAPeer) copies of each command of 4 KiB to a peer",
    program: "raft",
    clusterSizes: [3, 5]
  ) { trial in
    let cluster = RaftCluster(trial)
    // Where no message overtakes another, nothing looks lost.
    trial.setAllLinks(LinkProfile(delayMicroseconds: 5_000...5_000))
    trial.boot(trial.nodes)
    let leader = try cluster.awaitLeader()
    try cluster.agree(on: 1)
    let count = 20
    let size = 4_096
    trial.weighMessages()
    for _ in 0..<count {
      // One after another: what is under way twice was sent twice.
      let command = cluster.propose(to: leader, payload: Array(repeating: 0x78, count: size))
      let isApplied = try trial.advance(
        until: { trial.nodes.allSatisfy { cluster.hasApplied($0, command) } },
        withinMilliseconds: RaftBounds.progressSeconds * 1_000)
      guard cluster.isLeader(leader) else { throw NotExercised("n\(leader) did not stay the leader") }
      guard isApplied else {
        throw Violation(
          property: "No progress: nothing agreed", section: "Raft, 5.3",
          evidence:
            "\(RaftBounds.progressSeconds) s without a fault, and a command of \(size) bytes proposed to n\(leader) was not applied by all: \(cluster.describe(Array(trial.nodes)))"
        )
      }
    }
    let most = trial.nodes.filter { $0 != leader }.map { trial.bytesSent[$0] }.max() ?? 0
    try trial.measure(
      "KiB to one peer for \(count) commands of 4 KiB", most / 1_024,
      .atMost(RaftBounds.mostCopiesToAPeer * count * size / 1_024), property: "Payload budget")
  }
}
