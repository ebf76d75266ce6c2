import Checkers
import LabKit
import Runner

extension Stage {
  /// 2C: replicas and quorums (DeCandia and others, 2007, 4.3 and 4.5).
  static let replication = Stage(
    "2C", "Replication and quorums", needs: ["2B"], hours: 6,
    scenarios: [calm, lag, quorum, overlap, crash, lost, partition, chaos])

  private static let calm = Scenario(
    "2C.calm", "any node reads and writes any key", points: 3,
    bound: "each request within \(StoreBounds.successMilliseconds) ms", program: "store",
    clusterSizes: [3, 5, 7]
  ) { trial in
    let clients = StoreClients(trial)
    try clients.start()
    try clients.requireOnePlacement()
    for round in 0..<6 {
      let key = round % 3
      for node in trial.choices.shuffled(Array(trial.nodes)).prefix(3) {
        let client = trial.choices.next(in: 0...3)
        try clients.demandRead(key, by: client, through: node)
        try clients.demandWrite(
          key, by: client, through: trial.choices.next(in: trial.nodes))
      }
    }
    try clients.close()
  }

  private static let lag = Scenario(
    "2C.lag", "a replica is seconds behind, and nobody waits for it", points: 3,
    bound: "each request within \(StoreBounds.successMilliseconds) ms", program: "store",
    clusterSizes: [3, 5]
  ) { trial in
    let clients = StoreClients(trial, StoreBehaviour(keys: 2, quorums: [(2, 2), (1, 1)]))
    try clients.start()
    for _ in 0..<3 {
      let slow = trial.choices.next(in: trial.nodes)
      trial.slow(slow)
      let others = trial.nodes.filter { $0 != slow }
      for key in [0, 1, 0, 1] {
        let reached = clients.replicas - 1
        let (reader, writer) = (trial.choices.next(in: 0...3), trial.choices.next(in: 0...3))
        let node = others[trial.choices.next(in: 0...(others.count - 1))]
        try clients.demandRead(key, by: writer, through: node, nodes: reached)
        try clients.demandWrite(key, by: writer, through: node, nodes: reached)
        try clients.demandRead(
          key, by: reader, through: others[trial.choices.next(in: 0...(others.count - 1))], nodes: reached)
      }
      trial.setAllLinks(LinkProfile())
    }
    try clients.close()
  }

  private static let quorum = Scenario(
    "2C.quorum", "R and W are the request's, and count replicas", points: 4,
    bound: "too few replicas: the request does not succeed", program: "store", clusterSizes: [2, 3, 5]
  ) { trial in
    let clients = StoreClients(trial, StoreBehaviour(keys: 2))
    try clients.start()
    for round in 0..<4 {
      let key = round % 2
      let holders = try clients.locate(StoreClients.key(key), askingNode: 1)
      let reached = trial.choices.next(in: 1...(holders.count - 1))
      let others = trial.choices.shuffled(holders).suffix(holders.count - reached)
      trial.isolate(Array(others))
      let inside = trial.nodes.filter { !others.contains($0) }
      for count in trial.choices.shuffled(Array(1...holders.count)) {
        let node = inside[trial.choices.next(in: 0...(inside.count - 1))]
        let client = trial.choices.next(in: 0...3)
        if count <= reached {
          try clients.demandRead(key, by: client, through: node, quorum: count, nodes: reached)
          try clients.demandWrite(key, by: client, through: node, quorum: count, nodes: reached)
        } else {
          try clients.forbidRead(key, by: client, through: node, quorum: count, nodes: reached)
          try clients.forbidWrite(key, by: client, through: node, quorum: count, nodes: reached)
        }
      }
      trial.heal()
      try trial.advance(milliseconds: trial.choices.next(in: 0...2_000))
    }
    try clients.close()
  }

  private static let overlap = Scenario(
    "2C.overlap", "R + W > N: a read finds the newest write, through loss and late messages", points: 3,
    program: "store", clusterSizes: [3, 5]
  ) { trial in
    let clients = StoreClients(
      trial, StoreBehaviour(quorums: [(1, 3), (2, 2), (3, 1)], restMilliseconds: 0...20))
    trial.setAllLinks(.harsh)
    try clients.start()
    try clients.work(milliseconds: 6_000)
    try clients.closeInCalm()
  }

  private static let crash = Scenario(
    "2C.crash", "nodes fall between two effects and come back", points: 3, program: "store",
    clusterSizes: [3, 5]
  ) { trial in
    let clients = StoreClients(trial, StoreBehaviour(keys: 2, quorums: [(2, 2), (1, 3)]))
    try clients.start()
    for round in 0..<8 {
      let (key, client) = (round % 2, trial.choices.next(in: 0...3))
      let holders = trial.choices.shuffled(try clients.locate(StoreClients.key(key), askingNode: 1))
      trial.setAllLinks(.lossy)
      if trial.choices.chance(partsPerMillion: 500_000) {
        // Answers to what it asks now may reach its next life.
        clients.strike(holders[0], occurrence: 1)
        try clients.write(key, by: (client + 1) % 4, through: holders[0])
        try clients.raiseTheFallen()
      }
      try clients.read(key, by: client, through: holders[0])
      clients.strike(
        holders[trial.choices.next(in: 0...1)], at: trial.choices.element(of: [.persisted, .replied]),
        occurrence: 1)
      try clients.write(key, by: client, through: holders[0])
      trial.setAllLinks(LinkProfile())
      try clients.raiseTheFallen()
      // Whoever took the write in is out of reach: the others must know of it, if they said so.
      if key == 0 { trial.isolate([holders[0]]) }
      try clients.demandRead(key, by: (client + 2) % 4, through: holders[1], nodes: key == 0 ? 2 : 3)
      trial.heal()
    }
    try clients.closeInCalm()
  }

  private static let lost = Scenario(
    "2C.lost", "W - 1 replicas are lost for good, and no acknowledged write", points: 3,
    bound: "a read within \(StoreBounds.successMilliseconds) ms", program: "store",
    clusterSizes: [3, 5]
  ) { trial in
    let clients = StoreClients(trial, StoreBehaviour(keys: 2, quorums: [(2, 2), (3, 1)]))
    try clients.start()
    trial.setAllLinks(.lossy)
    try clients.work(milliseconds: 1_500)
    // It falls just when it has given an answer.
    let first = trial.choices.next(in: trial.nodes)
    let strike = trial.watch(Watch(.replied, on: first, occurrence: trial.choices.next(in: 1...4))) {
      [unowned trial] hit, effect in
      trial.applyFirst((effect ?? hit.effects.count - 1) + 1)
      trial.crash(hit.node)
    }
    try clients.work(milliseconds: 3_000)
    guard trial.hits(of: strike) > 0 else { throw NotExercised("n\(first) answered nobody") }
    clients.reachable.removeAll { $0 == first }
    try clients.work(milliseconds: 2_000)
    trial.setAllLinks(LinkProfile())
    try clients.work(milliseconds: 13_000)
    try clients.settle()
    try clients.demandRead(0, by: 0, through: clients.reachable[0], nodes: 2)
    let second = trial.choices.element(of: clients.reachable)
    trial.crash(second)
    clients.reachable.removeAll { $0 == second }
    for node in clients.reachable { try clients.demandRead(1, by: 1, through: node, nodes: 1) }
    try clients.judge()
  }

  private static let partition = Scenario(
    "2C.partition", "in a partition the side with a quorum goes on, and the other refuses", points: 3,
    bound: "each request within \(StoreBounds.successMilliseconds) ms", program: "store",
    clusterSizes: [3, 5]
  ) { trial in
    let clients = StoreClients(trial, StoreBehaviour(keys: 2))
    try clients.start()
    for _ in 0..<3 {
      try clients.work(milliseconds: 300)
      try clients.settle()
      let shuffled = trial.choices.shuffled(Array(trial.nodes))
      let cut = trial.choices.next(in: 1...(trial.nodeCount - 1))
      let sides = [Array(shuffled[..<cut]), Array(shuffled[cut...])]
      trial.partition(sides)
      for key in 0...1 {
        let holders = try clients.locate(StoreClients.key(key), askingNode: 1)
        for side in sides {
          let reached = holders.count { side.contains($0) }
          let node = side[trial.choices.next(in: 0...(side.count - 1))]
          let client = trial.choices.next(in: 0...3)
          if reached >= 2 {
            try clients.demandRead(key, by: client, through: node, nodes: reached)
            try clients.demandWrite(key, by: client, through: node, nodes: reached)
          } else {
            try clients.forbidWrite(key, by: client, through: node, quorum: 2, nodes: reached)
          }
        }
      }
      trial.heal()
    }
    try trial.always { try clients.close() }
  }

  private static let chaos = Scenario(
    "2C.chaos", "every fault at once", points: 3, program: "store", clusterSizes: [3, 5]
  ) { trial in
    let clients = StoreClients(
      trial,
      StoreBehaviour(
        clients: 5, quorums: [(2, 2), (1, 3), (2, 2)], deletionsPartsPerMillion: 100_000,
        blindPartsPerMillion: 100_000, restMilliseconds: 0...30))
    trial.setAllLinks(.harsh)
    try clients.start()
    try clients.endureFaults()
    try clients.closeInCalm()
  }
}

extension Trial {
  /// Lets everything that a node sends and is sent take seconds.
  func slow(_ node: Int) {
    guard takes(.fault) else { return }
    let delay = StoreBounds.slowMilliseconds
    let profile = LinkProfile(
      delayMicroseconds: (delay.lowerBound * 1_000)...(delay.upperBound * 1_000))
    for other in nodes where other != node {
      commandAlways(.setLink(from: node, to: other, profile))
      commandAlways(.setLink(from: other, to: node, profile))
    }
  }
}

extension LinkProfile {
  /// Every second message is lost.
  static let lossy = LinkProfile(lossPartsPerMillion: 500_000)
}

extension StoreClients {
  /// Every node says the same of where keys lie.
  fileprivate func requireOnePlacement() throws {
    for key in 0..<3 {
      let first = try locate(Self.key(key), askingNode: 1)
      for node in trial.nodes.dropFirst() {
        let other = try locate(Self.key(key), askingNode: node)
        guard Set(other) == Set(first) else {
          throw Violation(
            property: "Every process places alike", section: "Dynamo, 4.2",
            evidence:
              "\(Self.key(key)) lies on \(first.map { "n\($0)" }) by the word of n1, and on \(other.map { "n\($0)" }) by that of n\(node).",
            nodes: [0, node - 1])
        }
      }
    }
  }
}
