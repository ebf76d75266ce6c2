import Checkers
import LabKit
import Runner

extension Stage {
  /// 3B: the outbox (Kleppmann, 2017, chapter 11).
  static let outbox = Stage(
    "3B", "No lost event: the outbox", needs: [], hours: 4,
    scenarios: [calm, again, between, away, late, chaos])

  private static let calm = Scenario(
    "3B.calm", "each order is placed and published, and then it is quiet", points: 3,
    bound:
      "each answer within \(OrderBounds.answerMilliseconds) ms; each event in the log after \(OrderBounds.calmPublishMilliseconds) ms",
    program: "orders", clusterSizes: [1]
  ) { trial in
    let clients = OrderClients(trial)
    try clients.start()
    try clients.work(milliseconds: 1_500)
    try clients.closeInCalm(publishingWithinMilliseconds: OrderBounds.calmPublishMilliseconds)
    try clients.requireRest()
  }

  private static let again = Scenario(
    "3B.again", "users ask again: while the first is served, after a crash, with something else", points: 4,
    bound: "each answer within \(OrderBounds.answerMilliseconds) ms", program: "orders", clusterSizes: [1]
  ) { trial in
    let clients = OrderClients(trial, clients: 4)
    clients.restMilliseconds = 0...4
    try clients.start()
    for round in 0..<5 {
      let order = Order(item: "book", quantity: 1)
      let other = Order(item: "lamp", quantity: trial.choices.next(in: 1...2))
      // They all come before the price does.
      for client in 0..<3 {
        let isOther = client > 0 && trial.choices.chance(partsPerMillion: 300_000)
        let user = client == 2 && trial.choices.chance(partsPerMillion: 500_000) ? "ben" : "ana"
        if trial.takes(.request) {
          clients.openPlace(user: user, key: "r\(round)", isOther ? other : order, by: client)
        }
      }
      try clients.work(milliseconds: trial.choices.next(in: 1...60))
      if round % 2 == 1 {
        trial.crash(OrderClients.service)
        try clients.run.raiseTheFallen()
      }
      try clients.settle()
    }
    try clients.closeInCalm()
  }

  private static let between = Scenario(
    "3B.between", "the service falls between any two effects", points: 4,
    bound: "all events in the log \(OrderBounds.publishMilliseconds / 1_000) s after the last fault",
    program: "orders", clusterSizes: [1]
  ) { trial in
    let clients = OrderClients(trial)
    try clients.start()
    for _ in 0..<8 {
      clients.run.strikeService(within: 4)
      try clients.work(untilServiceFallsOrMilliseconds: trial.choices.next(in: 50...600))
      try clients.run.raiseTheFallen()
    }
    try clients.closeInCalm()
  }

  private static let away = Scenario(
    "3B.away", "orders are taken while the log is down or cut off", points: 3,
    bound: "each answer within \(OrderBounds.answerMilliseconds) ms", program: "orders", clusterSizes: [1]
  ) { trial in
    let clients = OrderClients(trial)
    clients.restMilliseconds = 0...150
    try clients.start()
    for _ in 0..<3 {
      if trial.choices.chance(partsPerMillion: 500_000) {
        trial.crash(OrderClients.log)
      } else {
        trial.isolate([OrderClients.log])
      }
      try clients.work(milliseconds: trial.choices.next(in: 200...3_000))
      // What the service keeps meanwhile, it keeps through a crash.
      if trial.choices.chance(partsPerMillion: 500_000) { trial.crash(OrderClients.service) }
      try clients.run.raiseTheFallen()
      trial.heal()
      try clients.work(milliseconds: trial.choices.next(in: 0...300))
    }
    try clients.closeInCalm()
  }

  private static let late = Scenario(
    "3B.late", "messages to the log and its answers are lost, doubled and late", points: 3,
    bound: "all events in the log \(OrderBounds.publishMilliseconds / 1_000) s after the last fault",
    program: "orders", clusterSizes: [1]
  ) { trial in
    let clients = OrderClients(trial)
    try clients.start()
    for _ in 0..<3 {
      clients.run.disturb(OrderClients.log, OrderClients.service)
      try clients.work(milliseconds: trial.choices.next(in: 500...2_000))
      // What the log has to say to an earlier life comes in the next one.
      clients.run.strikeService(within: 4, at: [.sent])
      try clients.work(untilServiceFallsOrMilliseconds: 1_000)
      try clients.run.raiseTheFallen()
    }
    try clients.closeInCalm()
  }

  private static let chaos = Scenario(
    "3B.chaos", "everything at once", points: 3,
    bound: "all events in the log \(OrderBounds.publishMilliseconds / 1_000) s after the last fault",
    program: "orders", clusterSizes: [1]
  ) { trial in
    let clients = OrderClients(trial)
    try clients.start()
    for _ in 0..<12 {
      switch trial.choices.next(in: 0...6) {
      case 0:
        clients.run.strikeService(within: 6)
      case 1: clients.run.strike(OrderClients.log, at: .persisted, occurrence: trial.choices.next(in: 1...3))
      case 2: clients.run.disturb(OrderClients.log, OrderClients.service)
      case 3:
        let cut = trial.choices.element(of: [OrderClients.log, OrderClients.catalogue])
        clients.catalogueIsBack()
        clients.isCatalogueInReach = cut != OrderClients.catalogue
        trial.isolate([cut])
      case 4: trial.crash(trial.choices.element(of: [OrderClients.log, OrderClients.service]))
      default:
        trial.heal()
        try clients.run.raiseTheFallen()
        clients.catalogueIsBack()
      }
      try clients.work(milliseconds: trial.choices.next(in: 50...700))
    }
    try clients.closeInCalm()
  }
}
