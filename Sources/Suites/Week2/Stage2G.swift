import Checkers
import LabKit
import Runner

extension Stage {
  /// 2G: what consistency costs (Abadi, 2012; Attiya, Bar-Noy and Dolev, 1995).
  static let tradeOffs = Stage(
    "2G", "Trade-offs", needs: ["2C"], hours: 3, isBonus: true, scenarios: [fast, linearizable, minority],
    chart: TradeOffChart.plan)

  private static let fast = Scenario(
    "2G.fast", "R = 1 and W = 1 while two of three replicas are seconds behind", points: 3,
    bound: "each request within \(StoreBounds.successMilliseconds) ms", program: "store",
    clusterSizes: [3, 5]
  ) { trial in
    let clients = StoreClients(trial, StoreBehaviour(keys: 2, quorums: [(1, 1)]))
    try clients.start()
    for round in 0..<4 {
      let key = round % 2
      let holders = trial.choices.shuffled(try clients.locate(StoreClients.key(key), askingNode: 1))
      for slow in holders.prefix(2) { trial.slow(slow) }
      let others = trial.nodes.filter { !holders.prefix(2).contains($0) }
      for client in 0...1 {
        try clients.demandRead(key, by: client, through: trial.choices.element(of: others), nodes: 1)
        try clients.demandWrite(key, by: client, through: trial.choices.element(of: others), nodes: 1)
      }
      trial.setAllLinks(LinkProfile())
    }
    try clients.close()
  }

  private static let linearizable = Scenario(
    "2G.linearizable", "gets and puts in linearizable mode, through faults: as if there were one copy",
    points: 5,
    program: "store", clusterSizes: [3, 5]
  ) { trial in
    let clients = RegisterClients(trial, clients: 4, keys: 2)
    trial.setAllLinks(.harsh)
    try clients.start()
    for _ in 0..<8 {
      clients.disturb()
      try clients.work(milliseconds: trial.choices.next(in: 100...500))
    }
    try trial.always {
      trial.heal()
      trial.setAllLinks(LinkProfile())
      trial.boot(trial.nodes.filter { !trial.isUp[$0] })
      try clients.work(milliseconds: 300)
      try clients.settle()
      for node in trial.nodes {
        for key in 0...1 { try clients.demand(.get, key, through: node, "all replicas are in reach") }
      }
      try clients.judge()
    }
  }

  private static let minority = Scenario(
    "2G.minority", "linearizable requests: a majority goes on, a minority refuses", points: 2,
    bound: "each request within \(StoreBounds.successMilliseconds) ms", program: "store",
    clusterSizes: [3, 5]
  ) { trial in
    let clients = RegisterClients(trial, clients: 3, keys: 2)
    try clients.start()
    for round in 0..<4 {
      let key = round % 2
      let holders = trial.choices.shuffled(try clients.locate(key))
      let few = [holders[0]] + trial.nodes.filter { !holders.contains($0) }.prefix(1)
      let many = trial.nodes.filter { !few.contains($0) }
      trial.partition([few, many])
      for kind in [RegisterClients.Kind.put, .get] {
        try clients.demand(
          kind, key, through: trial.choices.element(of: many), "two of the key's three replicas are in reach")
        try clients.forbid(
          kind, key, through: trial.choices.element(of: few), "one of the key's three replicas is in reach")
      }
      trial.heal()
    }
    try clients.judge()
  }
}
