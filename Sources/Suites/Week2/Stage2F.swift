import Checkers
import LabKit
import Runner

extension Stage {
  /// 2F: members come and go (Karger and others, 1997; DeCandia and others, 2007, 4.2 and 4.8; Ongaro and Ousterhout, 2014, 6).
  static let growing = Stage(
    "2F", "Growing and shrinking", needs: ["2C"], hours: 9, isBonus: true,
    scenarios: [join, leave, lost, stale, crash, balance, churn])

  private static let settling = "\(StoreBounds.settleMilliseconds / 1_000) s for a change"

  private static let join = Scenario(
    "2F.join", "a node joins, and answers for what it is given", points: 4, bound: settling, program: "store",
    clusterSizes: [3, 4, 5], spareNodes: 2
  ) { trial in
    let clients = StoreClients(
      trial, StoreBehaviour(keys: 8, busyKeys: 4, quorums: [(2, 2), (3, 1)], restMilliseconds: 0...150))
    try clients.begin()
    let service = ViewService(trial)
    for node in [trial.nodeCount - 1, trial.nodeCount] {
      try clients.work(milliseconds: 300)
      // Some of those who hold keys cannot reach the new node for a time; the others can.
      let obstructed = trial.choices.shuffled(service.members).prefix(trial.choices.next(in: 0...2))
      for member in obstructed {
        trial.command(.cut(from: member, to: node, true))
        trial.command(.cut(from: node, to: member, true))
      }
      let end = trial.choices.next(in: 500...3_000)
      try clients.change(service, to: service.members + [node]) { milliseconds in
        if milliseconds >= end { trial.heal() }
        return milliseconds < end
      }
      trial.heal()
      try clients.requireKnowledge(service)
    }
    try clients.close()
  }

  private static let leave = Scenario(
    "2F.leave", "a node leaves, and with it nothing else", points: 3, bound: settling, program: "store",
    clusterSizes: [5, 6]
  ) { trial in
    let clients = StoreClients(
      trial, StoreBehaviour(keys: 8, busyKeys: 4, quorums: [(1, 3), (2, 2)], restMilliseconds: 0...150))
    try clients.begin()
    let service = ViewService(trial)
    for node in trial.choices.shuffled(service.members).prefix(2) {
      try clients.work(milliseconds: 200)
      try clients.settle()
      // What it takes in last the others do not hear of before it is told to go.
      trial.isolate([node])
      for key in 0..<4 { try clients.write(key, by: key, through: node, quorum: 1) }
      trial.heal()
      try clients.change(service, to: service.members.filter { $0 != node })
      trial.crash(node)
      try clients.requireKnowledge(service)
    }
    try clients.close()
  }

  private static let lost = Scenario(
    "2F.lost", "a node is lost for good, and its copies are made anew", points: 3, bound: settling,
    program: "store", clusterSizes: [5, 6]
  ) { trial in
    let clients = StoreClients(
      trial, StoreBehaviour(keys: 8, busyKeys: 4, quorums: [(2, 2)], restMilliseconds: 0...150))
    try clients.begin()
    let service = ViewService(trial)
    for node in trial.choices.shuffled(service.members).prefix(2) {
      trial.setAllLinks(.lossy)
      try clients.work(milliseconds: 800)
      trial.crash(node)
      clients.reachable.removeAll { $0 == node }
      trial.setAllLinks(LinkProfile())
      try clients.work(milliseconds: 500)
      try clients.change(service, to: service.members.filter { $0 != node }, lost: [node])
      try clients.requireKnowledge(service)
      try trial.advance(milliseconds: 15_000)
    }
    try clients.close()
  }

  private static let stale = Scenario(
    "2F.stale", "views reach nodes seconds apart, and reads and writes go on", points: 4,
    bound: "each request within \(StoreBounds.successMilliseconds) ms", program: "store",
    clusterSizes: [4, 5], spareNodes: 1
  ) { trial in
    let clients = StoreClients(
      trial, StoreBehaviour(keys: 8, busyKeys: 4, quorums: [(2, 2)], restMilliseconds: 0...250))
    try clients.begin()
    let service = ViewService(trial)
    service.delayMilliseconds = 0...4_000
    for members in service.joinThenLeave() {
      try clients.work(milliseconds: 200)
      var asked = 0
      try clients.change(service, to: members) { milliseconds in
        guard milliseconds / 700 > asked else { return false }
        asked = milliseconds / 700
        // Few messages arrive for a while, or all do again, and then requests are answered whoever knows the view.
        trial.setAllLinks(asked % 2 == 1 ? .lossy : LinkProfile())
        if asked % 2 == 0 { try clients.demandRequests() }
        return asked % 2 == 1 && milliseconds < 6_000
      }
      trial.setAllLinks(LinkProfile())
      try clients.requireKnowledge(service)
    }
    try clients.close()
  }

  private static let crash = Scenario(
    "2F.crash", "nodes fall while they hand over, and come back", points: 2, bound: settling,
    program: "store", clusterSizes: [4, 5], spareNodes: 1
  ) { trial in
    let clients = StoreClients(
      trial, StoreBehaviour(keys: 8, busyKeys: 4, quorums: [(2, 2), (3, 1)], restMilliseconds: 0...150))
    try clients.begin()
    let service = ViewService(trial)
    for members in service.joinThenLeave() {
      try clients.work(milliseconds: 200)
      var fallen = 0
      // In half of the runs nothing can be handed over before all have fallen.
      let joiner = members.contains(trial.nodeCount) && !service.members.contains(trial.nodeCount)
      if joiner, trial.choices.chance(partsPerMillion: 500_000) { trial.isolate([trial.nodeCount]) }
      try clients.change(service, to: members) { milliseconds in
        guard milliseconds < 3_000 else {
          trial.heal()
          try clients.liftTheFallen()
          return false
        }
        guard milliseconds / 400 > fallen else { return true }
        if joiner, fallen == 3 {
          for node in service.members { trial.crash(node) }
          trial.boot(service.members)
          trial.heal()
        }
        fallen = milliseconds / 400
        try clients.liftTheFallen()
        clients.strike(
          trial.choices.element(of: service.concerned),
          at: trial.choices.element(of: [.persisted, .replied]), occurrence: trial.choices.next(in: 1...3))
        return true
      }
      try clients.raiseTheFallen()
      try clients.requireKnowledge(service)
    }
    try clients.close()
  }

  private static let balance = Scenario(
    "2F.balance", "\(StoreBounds.manyKeys) keys on \(StoreBounds.manyNodes) nodes: one comes, one goes",
    points: 2,
    bound:
      "each disk has \(StoreBounds.diskPercent.lowerBound) to \(StoreBounds.diskPercent.upperBound) % of its share",
    seeds: 1, program: "store",
    clusterSizes: [StoreBounds.manyNodes], spareNodes: 1, isShrunk: false
  ) { trial in
    let clients = StoreClients(trial, StoreBehaviour(clients: 1, keys: 1, restMilliseconds: 20...40))
    try clients.begin()
    let store = ManyKeys(trial)
    try store.write(0..<StoreBounds.manyKeys, quorum: 3, through: Array(1...trial.firstMembers))
    let service = ViewService(trial)
    let leaver = trial.choices.element(of: service.members)
    try clients.change(service, to: service.members + [trial.nodeCount])
    try clients.requireBalance(among: service.members)
    try clients.change(service, to: service.members.filter { $0 != leaver })
    try clients.requireBalance(among: service.members)
    try clients.settle()
    trial.crash(leaver)
    let some = trial.choices.next(in: 0...(StoreBounds.manyKeys - 100))
    for node in trial.choices.shuffled(service.members).prefix(3) {
      try store.requireNewest(some..<(some + 100), through: node, quorum: 2)
    }
    try clients.judge()
  }

  private static let churn = Scenario(
    "2F.churn", "members change while every fault comes and goes", points: 2, bound: settling,
    program: "store", clusterSizes: [4, 5], spareNodes: 2
  ) { trial in
    let clients = StoreClients(
      trial,
      StoreBehaviour(
        clients: 5, keys: 8, busyKeys: 4, quorums: [(2, 2), (1, 3), (3, 1)],
        deletionsPartsPerMillion: 100_000,
        restMilliseconds: 0...150))
    try clients.begin()
    let service = ViewService(trial)
    service.delayMilliseconds = 0...1_500
    for _ in 0..<2 {
      trial.setAllLinks(.harsh)
      try clients.work(milliseconds: 200)
      var members = service.members
      let outside = trial.nodes.filter { !members.contains($0) }
      if members.count > 3, outside.isEmpty || trial.choices.chance(partsPerMillion: 600_000) {
        members.remove(at: trial.choices.next(in: 0...(members.count - 1)))
      }
      if members.count == service.members.count || trial.choices.chance(partsPerMillion: 500_000),
        let joiner = trial.choices.shuffled(outside).first
      {
        members.append(joiner)
      }
      var disturbed = 0
      try clients.change(service, to: members) { milliseconds in
        guard milliseconds < 3_000 else {
          trial.heal()
          trial.setAllLinks(LinkProfile())
          try clients.liftTheFallen()
          return false
        }
        guard milliseconds / 300 > disturbed else { return true }
        disturbed = milliseconds / 300
        clients.disturb()
        return true
      }
      try clients.endFaults()
    }
    try trial.always {
      try clients.work(untilSucceeded: 20)
      try clients.close()
    }
  }
}

extension StoreClients {
  /// Boots all nodes, and writes the keys that clients leave alone from then on. The clients ask the members.
  fileprivate func begin() throws {
    try start()
    reachable = Array(1...trial.firstMembers)
    for key in restingKeys {
      try demandRead(key, by: 0)
      try demandWrite(key, by: 0)
    }
  }

  /// Demands that a key that all clients use is read and written in time, by a client that has nothing open.
  fileprivate func demandRequests() throws {
    try settle()
    try demandRead(0, by: 0)
    try demandWrite(0, by: 0)
  }

  /// Boots the nodes that have fallen, and goes on.
  fileprivate func liftTheFallen() throws {
    trial.boot(trial.nodes.filter { !trial.isUp[$0] })
  }

  /// Demands that keys lie on members, by the word of each, and that a quorum of their replicas knows what was acknowledged:
  /// they are asked with everybody else out of reach.
  fileprivate func requireKnowledge(_ service: ViewService) throws {
    try settle()
    try requirePlacement(among: service.members)
    for key in trial.choices.shuffled(Array(0..<restingKeys.lowerBound)).prefix(2) + Array(restingKeys) {
      let holders = trial.choices.shuffled(try locate(Self.key(key), askingNode: reachable[0]))
      let quorum = quorums(of: key).read
      let inside = Array(holders.prefix(quorum))
      trial.isolate(trial.nodes.filter { !inside.contains($0) })
      try demandRead(key, by: 3, through: inside[0], nodes: quorum)
      trial.heal()
    }
    try judge()
  }

  private func requirePlacement(among members: [Int]) throws {
    let keys = (0..<Self.placedKeys).map(Self.key)
    let lists = try locate(keys, askingNodes: members)
    let firsts = lists[members[0], default: []]
    for node in members {
      for (key, (first, list)) in zip(keys, zip(firsts, lists[node, default: []]))
      where Set(list) != Set(first) || !list.allSatisfy(members.contains) {
        throw Violation(
          property: "Keys lie on members", section: "contract",
          evidence:
            "The members are \(Self.names(members)). \(key) lies on \(Self.names(first)) by the word of n\(members[0]), "
            + "and on \(Self.names(list)) by that of n\(node).", nodes: [node - 1])
      }
    }
    let holding = Set(firsts.joined())
    guard let idle = members.first(where: { !holding.contains($0) }) else { return }
    throw Violation(
      property: "Keys lie on members", section: "contract",
      evidence:
        "n\(idle) is one of \(members.count) members, and holds none of \(Self.placedKeys) keys.",
      nodes: [idle - 1])
  }

  /// So many that each of a few members holds some of them.
  private static let placedKeys = 40

  private static func names(_ nodes: [Int]) -> String { nodes.map { "n\($0)" }.joined(separator: " ") }

  /// Demands that disks are filled evenly, and hold what they are to hold alone.
  fileprivate func requireBalance(among members: [Int]) throws {
    try trial.weighDisks()
    let share =
      StoreBounds.manyKeys * StoreBounds.replicas * (StoreBounds.valueBytes + StoreBounds.overheadBytes)
      / members.count
    for node in trial.nodes where trial.isUp[node] {
      let percent = trial.bytesOnDisk[node] * 100 / share
      let bounds = members.contains(node) ? StoreBounds.diskPercent : 0...10
      guard !bounds.contains(percent) else { continue }
      throw Violation(
        property: "Disks hold their share", section: "Dynamo, 4.2",
        evidence:
          "n\(node), \(members.contains(node) ? "one of \(members.count) members" : "no member any more"), has "
          + "\(trial.bytesOnDisk[node]) bytes on its disk: \(percent) % of a member's share, with "
          + "\(StoreBounds.overheadBytes) bytes for each key beside its value; \(bounds.lowerBound) to \(bounds.upperBound) % "
          + "are allowed.",
        nodes: [node - 1])
    }
  }
}
