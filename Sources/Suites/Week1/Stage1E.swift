import Checkers
import LabKit
import Runner

extension Stage {
  /// 1E: a linearizable key-value service (Raft, 8; thesis, 6).
  static let keyValueService = Stage(
    "1E", "A linearizable key-value service", needs: ["1C"], hours: 9,
    scenarios: [serve, concurrent, speed, once, fresh, stale, deposed, snapshots, chaos])

  private static let serve = Scenario(
    "1E.serve", "one client, one operation after another", points: 3, program: "key-value",
    clusterSizes: [3, 4, 5]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    try cluster.awaitLeader()
    let clients = KeyValueClients(cluster, ClientBehaviour(clients: 1, keys: 2))
    try clients.work(untilAnswered: 40)
    try clients.close()
  }

  private static let concurrent = Scenario(
    "1E.concurrent", "many clients at once", points: 3, program: "key-value", clusterSizes: [3, 5]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    try cluster.awaitLeader()
    let clients = KeyValueClients(cluster, ClientBehaviour(clients: 8, keys: 3))
    try clients.work(untilAnswered: 150)
    try clients.close()
  }

  private static let speed = Scenario(
    "1E.speed", "writes are quick where nothing fails", points: 2,
    bound:
      "median write at most \(KeyValueBounds.medianWriteMilliseconds) ms, at least \(KeyValueBounds.leastOperationsASecond) operations a second",
    program: "key-value", clusterSizes: [3, 5]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.setAllLinks(LinkProfile(delayMicroseconds: 10_000...10_000))
    trial.boot(trial.nodes)
    try cluster.awaitLeader()
    let clients = KeyValueClients(cluster, ClientBehaviour(clients: 4, keys: 3, restMilliseconds: 0...5))
    try clients.work(untilAnswered: 10)
    let start = trial.nowMilliseconds
    let count = 200
    try clients.work(untilAnswered: count)
    let elapsed = trial.nowMilliseconds - start
    let times = clients.writeMicroseconds.sorted()
    guard times.count > 20 else { throw NotExercised("only \(times.count) writes were answered at once") }
    let median = times[times.count / 2] / 1_000
    try trial.measure(
      "ms for the median write, links of 10 ms", median, .atMost(KeyValueBounds.medianWriteMilliseconds),
      property: "Latency")
    try trial.measure(
      "operations a second for four clients", count * 1_000 / max(1, elapsed),
      .atLeast(KeyValueBounds.leastOperationsASecond), property: "Throughput")
    try clients.close()
  }

  private static let once = Scenario(
    "1E.once", "answers are lost, and requests come twice", points: 4, seeds: 150, program: "key-value",
    clusterSizes: [3, 5]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    try cluster.awaitLeader()
    let clients = KeyValueClients(
      cluster,
      ClientBehaviour(
        clients: 5, keys: 3, patienceMilliseconds: 250, longestOperationMilliseconds: 20_000,
        lostAnswersPartsPerMillion: 200_000, repeatedRequestsPartsPerMillion: 300_000))
    for _ in 0..<4 {
      try clients.work(milliseconds: trial.choices.next(in: 300...900))
      guard let leader = cluster.leader(among: Array(trial.nodes)) else { continue }
      let crashes = trial.choices.chance(partsPerMillion: 500_000)
      if crashes { trial.crash(leader) } else { trial.isolate([leader]) }
      try clients.work(milliseconds: trial.choices.next(in: 200...800))
      if crashes { trial.boot(leader) } else { trial.heal() }
    }
    try clients.work(untilAnswered: 20)
    try clients.close()
  }

  private static let fresh = Scenario(
    "1E.fresh", "a new leader is asked before it knows what is committed", points: 4, seeds: 200,
    program: "key-value", clusterSizes: [3]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    let clients = KeyValueClients(cluster, ClientBehaviour(clients: 2, keys: 1))
    clients.isClosing = true
    for round in 0..<10 {
      let leader = try cluster.awaitLeader()
      clients.turn(0, to: leader)
      try clients.perform(.put("k0", "\(round)"), by: 0)
      guard let last = cluster.leader(among: Array(trial.nodes)) else { continue }
      // The write is answered; whether the others know that it is committed is a matter of a moment.
      trial.crash(last)
      trial.setAllLinks(
        LinkProfile(delayMicroseconds: 1_000...40_000, lossPartsPerMillion: 250_000))
      let others = trial.nodes.filter { $0 != last }
      let isElected = try trial.advance(
        until: { cluster.leader(among: others) != nil }, withinMilliseconds: 8_000, stepMilliseconds: 4)
      if isElected, let new = cluster.leader(among: others) {
        clients.turn(1, to: new)
        try clients.tryOnce(.get("k0"), by: 1, withinMilliseconds: 400)
      }
      trial.setAllLinks(LinkProfile())
      trial.boot(trial.nodes.filter { !trial.isUp[$0] })
    }
    try cluster.awaitLeader()
    try clients.close()
  }

  private static let stale = Scenario(
    "1E.stale", "an old leader is asked while a new one writes, and clocks run unevenly", points: 4,
    seeds: 150,
    program: "key-value", clusterSizes: [3, 5]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    let clients = KeyValueClients(cluster, ClientBehaviour(clients: 2, keys: 1, patienceMilliseconds: 5_000))
    clients.isClosing = true
    for round in 0..<6 {
      let old = try cluster.awaitLeader()
      clients.turn(0, to: old)
      try clients.perform(.put("k0", "before \(round)"), by: 0)
      guard cluster.isLeader(old) else { continue }
      // The old leader's clock is slow, and those of the others are fast.
      for node in trial.nodes {
        trial.command(
          .setClock(
            node: node,
            driftPartsPerMillion: (node == old ? -1 : 1) * KeyValueBounds.clockDriftPartsPerMillion,
            wallOffsetMicroseconds: 0))
      }
      try trial.advance(milliseconds: trial.choices.next(in: 30...120))
      // The old leader may keep a follower, as long as both are a minority.
      let followers = trial.choices.shuffled(trial.nodes.filter { $0 != old })
      let kept = trial.nodeCount > 3 ? followers.prefix(trial.choices.next(in: 0...1)) : []
      let others = followers.filter { !kept.contains($0) }
      trial.partition([[old] + kept, others])
      let isElected = try trial.advance(
        until: { cluster.leader(among: others) != nil }, withinMilliseconds: 4_000, stepMilliseconds: 4)
      if isElected, let new = cluster.leader(among: others) {
        clients.turn(0, to: new)
        try clients.perform(.put("k0", "after \(round)"), by: 0)
        clients.turn(1, to: old)
        try clients.tryOnce(.get("k0"), by: 1, withinMilliseconds: 300)
      }
      trial.heal()
      for node in trial.nodes {
        trial.command(.setClock(node: node, driftPartsPerMillion: 0, wallOffsetMicroseconds: 0))
      }
    }
    try cluster.awaitLeader()
    try clients.close()
  }

  private static let deposed = Scenario(
    "1E.deposed", "a leader that nobody hears steps down and lets its clients go", points: 3,
    bound: "within \(RaftBounds.stepDownMilliseconds) ms",
    program: "key-value", clusterSizes: [3, 4, 5]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    let clients = KeyValueClients(cluster, ClientBehaviour(clients: 4, keys: 2, patienceMilliseconds: 30_000))
    try cluster.awaitLeader()
    try clients.work(untilAnswered: 10)
    let old = try cluster.awaitLeader()
    for number in 0..<4 { clients.turn(number, to: old) }
    try clients.work(milliseconds: 20)
    guard cluster.isLeader(old) else { throw NotExercised("the leader changed by itself") }
    trial.isolate([old])
    for number in 0..<4 where clients.isResting(number) {
      clients.open(number.isMultiple(of: 2) ? .append("k0", "+\(number)") : .get("k1"), by: number)
    }
    clients.isClosing = true
    let limit = RaftBounds.stepDownMilliseconds
    let waiting = { clients.waiting(at: old) }
    let hasStopped = try trial.advance(
      until: {
        try clients.hearAnswers()
        return !cluster.isLeader(old) && waiting() == 0
      }, withinMilliseconds: limit)
    guard hasStopped else {
      throw Violation(
        property: "A leader without a majority steps down", section: "Raft thesis, 6.2",
        evidence:
          "n\(old) has heard from nobody for \(limit) ms, which is more than two of the longest election timeouts; "
          + (cluster.isLeader(old) ? "it still leads term \(cluster.term(old))" : "it steps down")
          + ", and \(waiting()) of its clients wait without an answer",
        nodes: [old - 1])
    }
    trial.heal()
    try cluster.awaitLeader()
    try clients.close()
  }

  private static let snapshots = Scenario(
    "1E.snapshots", "restarts from snapshots lose neither values nor sessions", points: 3,
    program: "key-value",
    clusterSizes: [3]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    try cluster.awaitLeader()
    let clients = KeyValueClients(
      cluster, ClientBehaviour(clients: 4, keys: 3, patienceMilliseconds: 400, restMilliseconds: 0...2))
    for _ in 0..<3 {
      let leader = try cluster.awaitLeader()
      // This client's answer is lost, and it asks again only when everyone has forgotten what is not in a snapshot.
      let request = clients.whisper(.append("k0", "!"), to: leader)
      try clients.work(untilAnswered: 3 * RaftBounds.compactionEntries)
      for node in trial.nodes { trial.crash(node) }
      try trial.advance(milliseconds: trial.choices.next(in: 1...300))
      trial.boot(trial.nodes)
      try clients.repeatAloud(request, to: try cluster.awaitLeader())
      try clients.work(untilAnswered: 10)
    }
    try clients.close()
    try cluster.requireSnapshots()
    try cluster.requireCompactLogs()
  }

  private static let chaos = Scenario(
    "1E.chaos", "long histories under every fault", points: 4, seeds: 100, program: "key-value",
    clusterSizes: [3, 5]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.setAllLinks(.harsh)
    trial.boot(trial.nodes)
    let clients = KeyValueClients(
      cluster,
      ClientBehaviour(
        clients: 6, keys: 3, patienceMilliseconds: 500, lostAnswersPartsPerMillion: 50_000,
        repeatedRequestsPartsPerMillion: 100_000))
    for _ in 0..<25 {
      cluster.disturb()
      try clients.work(milliseconds: trial.choices.next(in: 20...600))
    }
    try trial.always {
      try cluster.endFaults()
      try clients.work(untilAnswered: 20)
      try clients.close()
    }
  }
}
