import Checkers
import LabKit
import Runner

extension Stage {
  /// 2E: sloppy quorums, hinted handoff and anti-entropy (DeCandia and others, 2007, 4.6 and 4.7).
  static let healing = Stage(
    "2E", "Healing", needs: ["2D"], hours: 8,
    scenarios: [available, strict, handoff, entropy, delete, payload, chaos])

  private static let available = Scenario(
    "2E.available", "a sloppy quorum counts the nodes in reach, each once", points: 4,
    bound: "each request within \(StoreBounds.successMilliseconds) ms, where there are as many nodes",
    program: "store", clusterSizes: [3, 4, 5, 6]
  ) { trial in
    let clients = StoreClients(trial, StoreBehaviour(keys: 2, isSloppy: true, concurrency: .siblings))
    try clients.start()
    for round in 0..<4 {
      let key = round % 2
      let sides = clients.split()
      for count in trial.choices.shuffled([1, 2, 3]) {
        let side = trial.choices.element(of: sides)
        let node = trial.choices.element(of: side)
        let client = trial.choices.next(in: 0...3)
        if count <= side.count {
          try clients.demandWrite(key, by: client, through: node, quorum: count, nodes: side.count)
          try clients.demandRead(key, by: client, through: node, quorum: count, nodes: side.count)
        } else {
          try clients.forbidWrite(key, by: client, through: node, quorum: count, nodes: side.count)
        }
      }
      trial.heal()
      try trial.advance(milliseconds: trial.choices.next(in: 0...2_000))
    }
    try clients.requireAgreement()
  }

  private static let strict = Scenario(
    "2E.strict", "a strict quorum counts replicas alone, though others are in reach", points: 2,
    bound: "too few replicas: the request does not succeed", program: "store", clusterSizes: [5, 6]
  ) { trial in
    let clients = StoreClients(trial, StoreBehaviour(keys: 2, concurrency: .siblings))
    try clients.start()
    for key in 0...1 {
      let holders = try clients.locate(StoreClients.key(key), askingNode: 1)
      let away = trial.choices.shuffled(holders).prefix(2)
      trial.isolate(Array(away))
      let node = trial.choices.element(of: trial.nodes.filter { !away.contains($0) })
      try clients.forbidWrite(key, by: 0, through: node, quorum: 2, nodes: 1)
      trial.heal()
    }
    try clients.close()
  }

  private static let handoff = Scenario(
    "2E.handoff", "what others kept for a replica reaches it, though they fall meanwhile", points: 5,
    bound: "\(StoreBounds.agreementMilliseconds / 1_000) s after the last fault", program: "store",
    clusterSizes: [5, 6, 7]
  ) { trial in
    let clients = StoreClients(trial, StoreBehaviour(keys: 2, isSloppy: true, concurrency: .siblings))
    try clients.start()
    for key in 0...1 {
      let holders = try clients.locate(StoreClients.key(key), askingNode: 1)
      let inside = Array(
        trial.choices.shuffled(trial.nodes.filter { !holders.contains($0) })
          + holders.prefix(trial.choices.next(in: 0...1)))
      trial.partition([inside, trial.nodes.filter { !inside.contains($0) }])
      for _ in 0...trial.choices.next(in: 1...3) {
        let client = trial.choices.next(in: 0...3)
        let writer = trial.choices.element(of: inside)
        try clients.read(key, by: client, through: writer)
        try clients.demandWrite(key, by: client, through: writer, nodes: inside.count)
      }
      // They fall, and what they had not put on disk is gone.
      for node in inside where trial.choices.chance(partsPerMillion: 600_000) {
        trial.crash(node)
        trial.boot(node)
      }
      try trial.advance(milliseconds: 1)
      let strangers = trial.choices.shuffled(inside.filter { !holders.contains($0) })
      if key == 1 {
        // Who takes this write in falls for good when it has answered; who keeps it as well falls in the midst of that.
        clients.strike(strangers[0], at: .replied, occurrence: 1) { hit, effect in
          let count = (effect ?? hit.effects.count - 1) + 1
          return count...count
        }
        clients.strike(strangers[1], occurrence: 1)
        try clients.write(key, by: 0, through: strangers[0])
        if !trial.isUp[strangers[0]] { clients.reachable.removeAll { $0 == strangers[0] } }
        try clients.raiseTheFallen()
      }
      try trial.advance(milliseconds: trial.choices.next(in: 1...4_000))
      trial.heal()
      if trial.choices.chance(partsPerMillion: 500_000) {
        try trial.advance(milliseconds: trial.choices.next(in: 1...3_000))
      }
    }
    try clients.requireAgreement()
  }

  private static let entropy = Scenario(
    "2E.entropy", "replicas that nobody wrote to and nobody reads come to agree", points: 4,
    bound: "\(StoreBounds.agreementMilliseconds / 1_000) s after the last fault", program: "store",
    clusterSizes: [3, 5]
  ) { trial in
    let clients = StoreClients(
      trial, StoreBehaviour(keys: 3, quorums: [(2, 2), (1, 2)], concurrency: .siblings))
    try clients.start()
    for _ in 0..<3 {
      for key in 0..<3 {
        try clients.demandRead(key, by: key)
        // Whoever takes the write in falls at some moment after it is on disk there.
        let holder = trial.choices.element(of: try clients.locate(StoreClients.key(key), askingNode: 1))
        let isStruck = trial.choices.chance(partsPerMillion: 600_000)
        if isStruck { clients.strikeAfterPersisting(holder) }
        try clients.write(key, by: key, through: holder)
        try clients.raiseTheFallen()
      }
      let away = trial.choices.element(of: Array(trial.nodes))
      trial.isolate([away])
      clients.reachable = trial.nodes.filter { $0 != away }
      try clients.work(milliseconds: 300)
      try clients.settle()
      // All fall at once: whatever they meant to do is forgotten.
      for node in trial.nodes {
        trial.crash(node)
        trial.boot(node)
      }
      try clients.endFaults()
      clients.reachable = Array(trial.nodes)
    }
    try clients.requireAgreement()
  }

  private static let delete = Scenario(
    "2E.delete", "what is deleted stays away, whoever was out of reach and for how long", points: 3,
    bound: "\(StoreBounds.agreementMilliseconds / 1_000) s after the last fault", program: "store",
    clusterSizes: [3, 5]
  ) { trial in
    let clients = StoreClients(
      trial, StoreBehaviour(keys: 1, isSloppy: trial.nodeCount > 3, concurrency: .siblings))
    try clients.start()
    for _ in 0..<2 {
      try clients.demandRead(0, by: 0)
      try clients.demandWrite(0, by: 0, quorum: clients.replicas)
      let holders = try clients.locate(StoreClients.key(0), askingNode: 1)
      let away = trial.choices.element(of: holders)
      trial.isolate([away])
      clients.reachable = trial.nodes.filter { $0 != away }
      try clients.demandRead(0, by: 1, nodes: 2)
      try clients.demandWrite(0, by: 1, deletes: true, nodes: 2)
      try trial.advance(milliseconds: trial.choices.next(in: 5_000...120_000))
      trial.heal()
      clients.reachable = Array(trial.nodes)
      try clients.requireAgreement()
    }
  }

  private static let payload = Scenario(
    "2E.payload", "of \(StoreBounds.manyKeys) keys \(StoreBounds.differingKeys) differ", points: 3,
    bound: "at most \(StoreBounds.exchangedPercent) % of what a copy of all has", seeds: 2, program: "store",
    clusterSizes: [3], isShrunk: false
  ) { trial in
    let clients = StoreClients(trial, StoreBehaviour(clients: 1, keys: 1, concurrency: .siblings))
    try clients.start()
    let store = ManyKeys(trial)
    try store.write(0..<StoreBounds.manyKeys, quorum: 3)
    let away = trial.choices.element(of: Array(trial.nodes))
    trial.isolate([away])
    let others = trial.nodes.filter { $0 != away }
    let first = trial.choices.next(in: 0...(StoreBounds.manyKeys - StoreBounds.differingKeys))
    let changed = first..<(first + StoreBounds.differingKeys)
    try store.write(changed, quorum: 2, through: others)
    try trial.advance(milliseconds: 5_000)
    trial.weighMessages()
    let before = trial.bytesSent.reduce(0, +)
    trial.heal()
    try trial.advance(milliseconds: StoreBounds.agreementMilliseconds)
    let bytes = trial.bytesSent.reduce(0, +) - before
    trial.isolate([away])
    try store.requireNewest(changed, through: away)
    let whole = StoreBounds.manyKeys * (StoreBounds.valueBytes + 8)
    try trial.measure(
      "% of a whole copy sent until replicas agree", bytes * 100 / whole,
      .atMost(StoreBounds.exchangedPercent),
      property: "Agreement is cheap")
  }

  private static let chaos = Scenario(
    "2E.chaos", "every fault at once, with sloppy quorums", points: 4,
    bound: "\(StoreBounds.agreementMilliseconds / 1_000) s after the last fault", program: "store",
    clusterSizes: [3, 5, 6]
  ) { trial in
    let clients = StoreClients(
      trial,
      StoreBehaviour(
        clients: 5, keys: 2, quorums: [(2, 2), (3, 1)], isSloppy: true, concurrency: .siblings,
        deletionsPartsPerMillion: 200_000, blindPartsPerMillion: 50_000, repeatsPartsPerMillion: 200_000,
        restMilliseconds: 0...30))
    trial.setAllLinks(.harsh)
    try clients.start()
    try clients.endureFaults()
    try trial.always {
      try clients.endFaults()
      // Before anybody reads: a read repairs.
      try clients.requireAgreement()
      try clients.work(untilSucceeded: 20)
    }
  }
}

extension StoreClients {
  /// Cuts the cluster in two and returns the sides.
  fileprivate func split() -> [[Int]] {
    let shuffled = trial.choices.shuffled(Array(trial.nodes))
    let cut = trial.choices.next(in: 1...(trial.nodeCount - 1))
    let sides = [Array(shuffled[..<cut]), Array(shuffled[cut...])]
    trial.partition(sides)
    return sides
  }

  /// Lets a node fall in its next handler that persists something, with that on disk, before or after some of the rest.
  fileprivate func strikeAfterPersisting(_ node: Int) {
    strike(node, at: .persisted, occurrence: 1) { hit, effect in (effect ?? 0) + 1...hit.effects.count }
  }
}
