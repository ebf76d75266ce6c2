import LabKit
import Runner

extension Stage {
  /// 3C: idempotent consumers (Helland, "Life beyond Distributed Transactions", CIDR 2007, section 4).
  static let consumers = Stage(
    "3C", "No double effect: idempotent consumers", needs: [], hours: 5,
    scenarios: [calm, twice, between, members, pay, unsure, chaos])

  private static let calmBound =
    "all events counted and committed \(ConsumerBounds.calmMilliseconds) ms after the last"
  private static let settleBound =
    "all events counted and committed \(ConsumerBounds.settleMilliseconds / 1_000) s after the last fault"

  private static let calm = Scenario(
    "3C.calm", "inventory sets aside what is ordered, and commits what it has read", points: 3,
    bound: calmBound, program: "inventory", clusterSizes: [1]
  ) { trial in
    let clients = ConsumerClients(trial, .inventory)
    clients.habits.repeatsPercent = 0
    try trial.start()
    try clients.work(milliseconds: 1_500)
    try clients.closeInCalm(withinMilliseconds: ConsumerBounds.calmMilliseconds)
  }

  private static let twice = Scenario(
    "3C.twice", "events come again, long after, and the end of an order before its beginning", points: 3,
    bound: calmBound, program: "inventory", clusterSizes: [1]
  ) { trial in
    let clients = ConsumerClients(trial, .inventory)
    clients.habits = .init(restMilliseconds: 0...20, repeatsPercent: 30, overtakenPercent: 30)
    try trial.start()
    try clients.work(milliseconds: 1_500)
    clients.tellAgain(40)
    try clients.work(milliseconds: 200)
    try clients.closeInCalm(withinMilliseconds: ConsumerBounds.calmMilliseconds)
  }

  private static let between = Scenario(
    "3C.between", "inventory falls between any two effects", points: 3, bound: settleBound,
    program: "inventory", clusterSizes: [1]
  ) { trial in
    let clients = ConsumerClients(trial, .inventory)
    clients.habits.restMilliseconds = 0...20
    try trial.start()
    for _ in 0..<8 {
      clients.run.strikeService(within: 6, at: [.persisted, .persisted, .sent])
      try clients.work(milliseconds: trial.choices.next(in: 50...500), untilServiceFalls: true)
      try clients.run.raiseTheFallen()
    }
    try clients.closeInCalm()
  }

  private static let members = Scenario(
    "3C.members", "another member takes partitions in mid-batch, does nothing, and is gone", points: 3,
    bound: settleBound, program: "inventory", clusterSizes: [1]
  ) { trial in
    let clients = ConsumerClients(trial, .inventory)
    clients.habits.restMilliseconds = 0...15
    try trial.start()
    for _ in 0..<3 {
      try clients.work(milliseconds: trial.choices.next(in: 100...400))
      clients.idlerComes()
      try clients.work(milliseconds: trial.choices.next(in: 50...1_500))
      clients.idlerGoes(leaving: trial.choices.chance(partsPerMillion: 600_000))
    }
    try clients.closeInCalm()
  }

  private static let pay = Scenario(
    "3C.pay", "each order is charged once, and paid back once", points: 3, bound: calmBound,
    program: "payments", clusterSizes: [1]
  ) { trial in
    let clients = ConsumerClients(trial, .payments)
    clients.habits = .init(restMilliseconds: 0...80, repeatsPercent: 25, overtakenPercent: 20)
    try trial.start()
    try clients.work(milliseconds: 1_500)
    try clients.closeInCalm(withinMilliseconds: ConsumerBounds.calmMilliseconds)
  }

  private static let unsure = Scenario(
    "3C.unsure", "what the provider is asked and answers is lost, doubled and late, and payments falls",
    points: 3, bound: settleBound, program: "payments", clusterSizes: [1]
  ) { trial in
    let clients = ConsumerClients(trial, .payments)
    clients.habits = .init(restMilliseconds: 0...40, repeatsPercent: 10, overtakenPercent: 35)
    try trial.start()
    for _ in 0..<5 {
      if trial.choices.chance(partsPerMillion: 700_000) {
        clients.run.disturb(ConsumerClients.provider, clients.service.node)
      } else {
        trial.heal()
      }
      try clients.work(milliseconds: trial.choices.next(in: 50...500))
      if trial.choices.chance(partsPerMillion: 500_000) {
        clients.run.strikeService(within: 8)
      } else {
        // While it asks the provider, or has just done so.
        clients.run.strike(
          clients.service.node, at: .sent, to: ConsumerClients.provider,
          occurrence: trial.choices.next(in: 1...6))
      }
      try clients.work(milliseconds: trial.choices.next(in: 50...600), untilServiceFalls: true)
      try clients.run.raiseTheFallen()
    }
    try clients.closeInCalm()
  }

  private static let chaos = Scenario(
    "3C.chaos", "everything at once", points: 2, bound: settleBound, program: "payments", clusterSizes: [1]
  ) { trial in
    let clients = ConsumerClients(trial, .payments)
    let (log, provider, service) = (ServiceRun.log, ConsumerClients.provider, clients.service.node)
    clients.habits = .init(restMilliseconds: 0...60, repeatsPercent: 20, overtakenPercent: 15)
    try trial.start()
    for _ in 0..<12 {
      switch trial.choices.next(in: 0...8) {
      case 0, 1: clients.run.strikeService(within: 6)
      case 2: clients.run.strike(log, at: .persisted, occurrence: trial.choices.next(in: 1...3))
      // Between two handlers: it tells of what it has made.
      case 3: trial.crash(provider)
      case 4: clients.run.disturb(trial.choices.element(of: [log, provider]), service)
      case 5: trial.isolate([trial.choices.element(of: [log, provider])])
      case 6: clients.idlerComes()
      default:
        trial.heal()
        try clients.run.raiseTheFallen()
        clients.idlerGoes(leaving: trial.choices.chance(partsPerMillion: 500_000))
      }
      try clients.work(milliseconds: trial.choices.next(in: 50...600))
    }
    // The last thing that was said may be lost.
    clients.run.disturb(log, service)
    try clients.work(milliseconds: 300)
    try clients.closeInCalm()
  }
}
