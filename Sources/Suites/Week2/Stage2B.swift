import Checkers
import LabKit
import Runner

extension Stage {
  /// 2B: which nodes hold which keys (Karger and others, 1997; DeCandia and others, 2007, 4.2 and 4.3).
  static let placement = Stage(
    "2B", "Placement", needs: [], hours: 4,
    scenarios: [owner, list, join, leave, order, collisions, processes, balance, weights],
    chart: ShardingChart.plan)

  private static let owner = Scenario(
    "2B.owner", "every key has one owner, whoever comes and goes", points: 1,
    bound: "the first of its preference list", program: "placement", clusterSizes: [1]
  ) { trial in
    let run = try PlacementRun(trial, keys: 50)
    _ = (try run.owners(), try run.lists(1))
    var servers = run.servers(8)
    try run.add(servers[0])
    for _ in 0..<6 {
      servers = trial.choices.shuffled(servers)
      let isThere = run.members().contains(servers[0])
      if isThere, run.members().count > 1 { try run.remove(servers[0]) } else { try run.add(servers[0]) }
      try run.requireSame(
        try run.lists(1), try run.owners().map { [$0] }, "The owner comes first", "its owner is")
    }
  }

  // MARK: Balance

  private static let balance = Scenario(
    "2B.balance",
    "\(PlacementBounds.balancedKeys) keys on \(PlacementBounds.balancedNodes) nodes are spread evenly",
    points: 3, bound: "at most \(PlacementBounds.mostKeysPercent) % of the mean on any node",
    program: "placement", clusterSizes: [1]
  ) { trial in
    let run = try PlacementRun(trial, keys: PlacementBounds.balancedKeys)
    try run.add(run.servers(PlacementBounds.balancedNodes))
    let counts = counts(try run.owners())
    let mean = PlacementBounds.balancedKeys / PlacementBounds.balancedNodes
    try trial.measure(
      "% of the mean on the fullest node", (counts.values.max() ?? 0) * 100 / mean,
      .atMost(PlacementBounds.mostKeysPercent), property: "Keys are spread evenly")
  }

  private static let weights = Scenario(
    "2B.weights", "a node of twice the weight owns twice the keys", points: 2,
    bound: "\(range(PlacementBounds.weightedPercent)) % of a node's share", program: "placement",
    clusterSizes: [1]
  ) { trial in
    let run = try PlacementRun(trial, keys: 2_000)
    let servers = run.servers(6)
    // The first two are sure to differ.
    for (server, weight) in zip(servers, [1, 4, 3, 2, 2, 4]) { try run.add(server, weight: weight) }
    func judge() throws {
      let (counts, weights) = (counts(try run.owners()), run.weights[1])
      let total = weights.values.reduce(0, +)
      for (server, weight) in weights.sorted(by: { $0.key < $1.key }) {
        try run.requireShare(
          counts[server, default: 0], of: (weight, total), within: PlacementBounds.weightedPercent,
          "Keys by weight", "n\(server) has weight \(weight) of \(total)")
      }
    }
    try judge()
    // Whoever is added again has the new weight.
    try run.add(servers[0], weight: 4)
    try run.add(servers[1], weight: 1)
    try judge()
  }

  // MARK: Movement

  private static let join = Scenario(
    "2B.join", "a node that comes takes its share, nothing else moves", points: 2,
    bound: "\(range(PlacementBounds.movedPercent)) % of its share", program: "placement", clusterSizes: [1]
  ) { trial in
    let run = try PlacementRun(trial, keys: 600)
    let servers = run.servers(trial.choices.next(in: 8...11))
    try run.add(Array(servers.dropLast(3)))
    var before = try run.lists(3)
    for server in servers.suffix(3) {
      try run.add(server)
      let after = try run.lists(3)
      try run.requireSame(
        after.map { $0.filter { $0 != server } },
        zip(before, after).map { Array($0.prefix($1.count { $0 != server })) },
        "A node that comes moves nothing between others", "had, before n\(server) came,")
      before = after
      let taken = after.count { $0[0] == server }
      try run.requireShare(
        taken, of: (1, run.members().count), within: PlacementBounds.movedPercent,
        "A node that comes takes its share", "n\(server) is one of \(run.members().count) nodes")
    }
  }

  private static let leave = Scenario(
    "2B.leave", "a node that goes leaves its keys, nothing else moves", points: 2,
    bound: "all as before when it returns", program: "placement", clusterSizes: [1]
  ) { trial in
    let run = try PlacementRun(trial, keys: 300)
    let servers = run.servers(trial.choices.next(in: 5...9))
    try run.add(servers)
    let whole = try run.lists(3)
    var before = whole
    for server in servers.prefix(2) {
      try run.remove(server)
      let after = try run.lists(3)
      try run.requireSame(
        zip(before, after).map { list, now in
          Array(now.prefix(list.count { $0 != server }))
        }, before.map { $0.filter { $0 != server } },
        "A node that goes moves nothing between others", "had, before n\(server) went, beside it")
      before = after
    }
    try run.add(Array(servers.prefix(2)))
    try run.requireSame(
      try run.lists(3), whole, "A node that returns finds its keys",
      "had, before \(run.shown(Array(servers.prefix(2)))) went,")
  }

  // MARK: Replicas

  private static let list = Scenario(
    "2B.list", "replicas lie on distinct nodes", points: 2, bound: "as many nodes as asked for, or all",
    program: "placement", clusterSizes: [1]
  ) { trial in
    let run = try PlacementRun(trial, keys: 50)
    for (number, server) in run.servers(6).enumerated() {
      try run.add(server)
      let count = trial.choices.next(in: 1...5)
      let lists = try run.lists(count)
      // A longer list goes on where a shorter one ends.
      let longer = try run.lists(count + 2)
      try run.requireSame(
        longer.map { Array($0.prefix(count)) }, lists, "A longer list goes on from a shorter one",
        "with \(count) of \(number + 1) nodes")
    }
  }

  // MARK: The same everywhere

  private static let order = Scenario(
    "2B.order", "the same nodes place alike, whoever came first", points: 1,
    bound: "all lists alike",
    program: "placement", clusterSizes: [2]
  ) { trial in
    let run = try PlacementRun(trial, keys: 150)
    try run.buildAlike(run.servers(5))
  }

  private static let processes = Scenario(
    "2B.processes", "every process places alike", points: 1, bound: "all lists alike", program: "placement",
    clusterSizes: [2, 3], isScattered: true
  ) { trial in
    let run = try PlacementRun(trial, keys: 150)
    try run.buildAlike(run.servers(5))
  }

  private static let collisions = Scenario(
    "2B.collisions", "a hash function with few values: nodes collide", points: 1,
    bound: "\(PlacementBounds.collidingBits) bits", program: "placement", clusterSizes: [2]
  ) { trial in
    let bits = PlacementBounds.collidingBits
    let run = try PlacementRun(
      trial, keys: 150, hash: PlacementHash(seed: trial.choices.next(), bits: bits))
    let servers = run.servers(4)
    let lists = try run.buildAlike(servers)
    // Whoever goes takes nothing of the others' along.
    let gone = servers[trial.choices.next(in: 0...3)]
    try run.remove(gone)
    try run.requireSame(
      try run.lists(servers.count), lists.map { $0.filter { $0 != gone } },
      "A node that goes moves nothing between others", "had, before n\(gone) went, beside it")
    // The lists come from the hash function that was given.
    try run.begin(PlacementHash(seed: trial.choices.next(), bits: bits))
    try run.add(servers)
    guard try run.lists(servers.count) != lists else {
      throw run.broken(
        "The hash function comes from outside",
        "with another hash function all of \(run.keys.count) keys have the lists that they had before",
        section: "contract")
    }
  }

  private static func range(_ range: ClosedRange<Int>) -> String {
    "\(range.lowerBound) to \(range.upperBound)"
  }

  /// How many keys each server owns.
  private static func counts(_ owners: [Int]) -> [Int: Int] {
    owners.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }
}

extension PlacementRun {
  /// Lets every probe add the same servers, each in an order of its own, and one more that goes again. Returns the whole
  /// preference lists, which must be alike.
  @discardableResult
  fileprivate func buildAlike(_ servers: [Int]) throws -> [[Int]] {
    var lists: [[Int]] = []
    for node in trial.nodes {
      let visitor = 100 + node
      var coming = trial.choices.shuffled(servers)
      coming.insert(visitor, at: trial.choices.next(in: 0...servers.count))
      try add(coming, at: node)
      try remove(visitor, at: node)
      let mine = try self.lists(servers.count, at: node)
      if node > 1 {
        try requireSame(
          lists, mine, "Every process places alike",
          "at n\(node), where the same nodes came in another order,")
      }
      lists = node > 1 ? lists : mine
    }
    return lists
  }
}
