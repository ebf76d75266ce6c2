import Checkers
import LabKit
import Runner

extension Stage {
  /// 2D: versions and read repair (DeCandia and others, 2007, 4.4; Almeida and others, 2014).
  static let versions = Stage(
    "2D", "Versions and read repair", needs: ["2C"], hours: 8,
    scenarios: [siblings, coordinator, merge, repair, delete, cart, chaos])

  private static let siblings = Scenario(
    "2D.siblings", "concurrent writes stay side by side until somebody has read them", points: 3,
    bound: "all of them, and nothing else", program: "store", clusterSizes: [3, 5]
  ) { trial in
    let clients = StoreClients(trial, StoreBehaviour(keys: 1, concurrency: .siblings))
    try clients.start()
    for _ in 0..<4 {
      let writers = trial.choices.shuffled([0, 1, 2, 3]).prefix(trial.choices.next(in: 2...4))
      for writer in writers { try clients.demandRead(0, by: writer) }
      for writer in trial.choices.shuffled(Array(writers)) { try clients.demandWrite(0, by: writer) }
      let resolver = trial.choices.next(in: 0...3)
      try clients.demandRead(0, by: resolver)
      if trial.choices.chance(partsPerMillion: 600_000) {
        try clients.demandWrite(0, by: resolver)
        try clients.demandRead(0, by: trial.choices.next(in: 0...3))
      }
    }
    try clients.close()
  }

  private static let coordinator = Scenario(
    "2D.coordinator", "concurrent writes through one node", points: 3, bound: "all of them, and nothing else",
    program: "store", clusterSizes: [3]
  ) { trial in
    let clients = StoreClients(trial, StoreBehaviour(keys: 1, concurrency: .siblings))
    try clients.start()
    let node = trial.choices.element(of: Array(trial.nodes))
    for _ in 0..<24 {
      let client = trial.choices.next(in: 0...3)
      if trial.choices.chance(partsPerMillion: 450_000) {
        try clients.demandWrite(0, by: client, through: node)
      } else {
        try clients.demandRead(0, by: client, through: node)
      }
    }
    try clients.close()
  }

  private static let merge = Scenario(
    "2D.merge", "siblings, where nodes fall and messages are lost", points: 4, program: "store",
    clusterSizes: [3, 5]
  ) { trial in
    let clients = StoreClients(
      trial,
      StoreBehaviour(
        clients: 5, keys: 2, quorums: [(2, 2), (1, 3)], concurrency: .siblings, blindPartsPerMillion: 50_000,
        repeatsPartsPerMillion: 300_000, restMilliseconds: 0...30))
    trial.setAllLinks(.harsh)
    try clients.start()
    for _ in 0..<6 {
      clients.strike(trial.choices.element(of: Array(trial.nodes)), occurrence: trial.choices.next(in: 1...4))
      try clients.work(milliseconds: trial.choices.next(in: 200...700))
      trial.boot(trial.nodes.filter { !trial.isUp[$0] })
    }
    try clients.closeInCalm()
  }

  private static let repair = Scenario(
    "2D.repair", "after a read, a replica that was behind knows what the others know", points: 5,
    bound: "\(StoreBounds.repairMilliseconds) ms after the read", program: "store", clusterSizes: [3, 5]
  ) { trial in
    let clients = StoreClients(
      trial, StoreBehaviour(keys: 1, concurrency: .siblings))
    try clients.start()
    try clients.demandRead(0, by: 0)
    try clients.demandWrite(0, by: 0)
    for _ in 0..<3 {
      let holders = try clients.locate(StoreClients.key(0), askingNode: 1)
      let away = trial.choices.element(of: holders)
      trial.isolate([away])
      clients.reachable = trial.nodes.filter { $0 != away }
      for _ in 0...trial.choices.next(in: 0...2) {
        let client = trial.choices.next(in: 0...3)
        try clients.demandRead(0, by: client, nodes: 2)
        try clients.demandWrite(0, by: client, nodes: 2)
      }
      // Long enough for whoever tried to reach it to have given up.
      try trial.advance(milliseconds: trial.choices.next(in: 4_000...8_000))
      trial.heal()
      clients.reachable = Array(trial.nodes)
      try clients.demandRead(0, by: trial.choices.next(in: 0...3))
      try trial.advance(milliseconds: StoreBounds.repairMilliseconds)
      try clients.requireKnowing(0, holders)
    }
    try clients.close()
  }

  private static let delete = Scenario(
    "2D.delete", "what is deleted stays away, however long a replica was", points: 4,
    bound: "\(StoreBounds.repairMilliseconds) ms after the read", program: "store",
    clusterSizes: [3, 5]
  ) { trial in
    let clients = StoreClients(trial, StoreBehaviour(keys: 1, concurrency: .siblings))
    try clients.start()
    for _ in 0..<2 {
      try clients.demandRead(0, by: 0)
      try clients.demandWrite(0, by: 0, quorum: clients.replicas)
      let holders = try clients.locate(StoreClients.key(0), askingNode: 1)
      let away = trial.choices.element(of: holders)
      let falls = trial.choices.chance(partsPerMillion: 500_000)
      if falls { trial.crash(away) } else { trial.isolate([away]) }
      clients.reachable = trial.nodes.filter { $0 != away }
      try clients.demandRead(0, by: 1, nodes: 2)
      try clients.demandWrite(0, by: 1, deletes: true, nodes: 2)
      if trial.choices.chance(partsPerMillion: 300_000) { try clients.demandRead(0, by: 2, nodes: 2) }
      try trial.advance(milliseconds: trial.choices.next(in: 5_000...120_000))
      if falls { trial.boot(away) } else { trial.heal() }
      try trial.advance(milliseconds: 1)
      clients.reachable = Array(trial.nodes)
      try clients.demandRead(0, by: 2, quorum: trial.choices.next(in: 2...3))
      try trial.advance(milliseconds: StoreBounds.repairMilliseconds)
      try clients.requireKnowing(0, holders)
      if trial.choices.chance(partsPerMillion: 500_000) {
        try clients.demandRead(0, by: 3)
        try clients.demandWrite(0, by: 3)
      }
    }
    try clients.close()
  }

  private static let cart = Scenario(
    "2D.cart", "carts that are merged lose nothing", points: 3, bound: "the same in whatever order",
    program: "cart", clusterSizes: [1]
  ) { trial in
    let run = try CartRun(trial)
    let items = ["tea", "rice", "soap", "salt"]
    for _ in 0..<24 {
      let parents = run.siblings(trial.choices.next(in: 1...3))
      try run.requireSame(parents)
      let some = trial.choices.shuffled(items).prefix(2)
      switch trial.choices.next(in: 0...3) {
      case 0, 1: try run.change(parents, add: Array(some))
      case 2: try run.change(parents, remove: Array(some))
      default: try run.change(parents)
      }
    }
  }

  private static let chaos = Scenario(
    "2D.chaos", "every fault at once, and deletions", points: 3, program: "store", clusterSizes: [3, 5]
  ) { trial in
    let clients = StoreClients(
      trial,
      StoreBehaviour(
        clients: 5, quorums: [(2, 2), (3, 1), (1, 3)], concurrency: .siblings,
        deletionsPartsPerMillion: 200_000, blindPartsPerMillion: 50_000, repeatsPartsPerMillion: 200_000,
        restMilliseconds: 0...30))
    trial.setAllLinks(.harsh)
    try clients.start()
    try clients.endureFaults()
    try clients.closeInCalm()
  }
}

extension StoreClients {
  /// Demands that each of a key's replicas, asked alone, knows of every write that was acknowledged.
  fileprivate func requireKnowing(_ key: Int, _ holders: [Int]) throws {
    for holder in trial.choices.shuffled(holders).prefix(2) {
      _ = try demandKnowledge(of: key, at: holder)
    }
    try judge()
  }
}
