import LabKit
import Runner

extension Stage {
  /// 3E: event sourcing and CQRS (Vernon, "Implementing Domain-Driven Design", 2013, appendix A).
  static let accounts = Stage(
    "3E", "Event sourcing and CQRS", needs: [], hours: 6,
    scenarios: [calm, conflict, old, long, rebuild, between, chaos])

  private static let calmBound = "each request answered within \(AccountBounds.answerMilliseconds) ms"
  private static let settleBound =
    "all commands done and all letters out \(AccountBounds.settleMilliseconds / 1_000) s after the last fault"

  private static let calm = Scenario(
    "3E.calm", "clients deposit, withdraw, and read what they wrote, at two nodes", points: 2,
    bound: calmBound, program: "accounts", clusterSizes: [2]
  ) { trial in
    let clients = AccountClients(trial, isCalm: true)
    try trial.start()
    try clients.work(milliseconds: 1_500)
    try clients.closeInCalm()
  }

  private static let conflict = Scenario(
    "3E.conflict", "all clients want something of one account, at once", points: 2, bound: calmBound,
    program: "accounts", clusterSizes: [2]
  ) { trial in
    let clients = AccountClients(trial, isCalm: true)
    clients.habits = .init(
      restMilliseconds: 0...15, accounts: 1, mostCents: 3_000, withdrawsPercent: 60, asksPercent: 20)
    try trial.start()
    try clients.work(milliseconds: 1_000)
    try clients.closeInCalm()
  }

  private static let old = Scenario(
    "3E.old", "the store holds events of an old schema", points: 2, bound: calmBound,
    program: "accounts", clusterSizes: [2]
  ) { trial in
    let clients = AccountClients(trial, isCalm: true)
    clients.habits.accounts = 3
    clients.fill(events: trial.choices.next(in: 20...80))
    try trial.start()
    try clients.work(milliseconds: 1_000)
    try clients.closeInCalm()
  }

  private static let long = Scenario(
    "3E.long", "accounts have a long history, and nodes start again", points: 3,
    bound:
      "\(calmBound); after a restart at most \(AccountBounds.mostReadAgain) events read again, of an account or of all",
    program: "accounts", clusterSizes: [2]
  ) { trial in
    let clients = AccountClients(trial, isCalm: true)
    clients.habits = .init(restMilliseconds: 0...20, accounts: 2)
    clients.fill(events: 400)
    try trial.start()
    for _ in 0..<3 {
      try clients.work(milliseconds: 500)
      try clients.rest(withinMilliseconds: AccountBounds.answerMilliseconds)
      try trial.advance(milliseconds: 300)
      trial.crash(trial.choices.next(in: AccountClients.services))
      try clients.run.raiseTheFallen()
    }
    try clients.work(milliseconds: 300)
    try clients.closeInCalm()
  }

  private static let rebuild = Scenario(
    "3E.rebuild", "what queries are answered from is made anew while events come", points: 2,
    bound: "\(calmBound); all events read again within \(AccountBounds.rebuildMilliseconds) ms",
    program: "accounts", clusterSizes: [2]
  ) { trial in
    let clients = AccountClients(trial, isCalm: true)
    clients.habits = .init(restMilliseconds: 0...20, accounts: 4, withdrawsPercent: 60, asksPercent: 50)
    clients.fill(events: trial.choices.next(in: 0...150))
    try trial.start()
    for _ in 0..<4 {
      try clients.work(milliseconds: trial.choices.next(in: 100...700))
      clients.rebuild(trial.choices.next(in: AccountClients.services))
    }
    try clients.work(milliseconds: 300)
    try clients.closeInCalm()
  }

  private static let between = Scenario(
    "3E.between", "nodes fall between any two effects", points: 2, bound: settleBound,
    program: "accounts", clusterSizes: [2]
  ) { trial in
    let clients = AccountClients(trial, isCalm: false)
    clients.habits = .init(restMilliseconds: 0...20, accounts: 3, withdrawsPercent: 50)
    clients.fill(events: trial.choices.next(in: 0...60))
    try trial.start()
    for _ in 0..<8 {
      let service = trial.choices.next(in: AccountClients.services)
      if trial.choices.chance(partsPerMillion: 300_000) {
        // While it asks for a letter, or has just done so.
        clients.run.strike(
          service, at: .sent, to: AccountClients.post, occurrence: trial.choices.next(in: 1...4))
      } else {
        clients.run.strike(
          service, at: trial.choices.element(of: [.persisted, .persisted, .sent, .replied]),
          occurrence: trial.choices.next(in: 1...8))
      }
      try clients.work(milliseconds: trial.choices.next(in: 50...500), untilOneFalls: true)
      try clients.run.raiseTheFallen()
    }
    try clients.closeInCalm()
  }

  private static let chaos = Scenario(
    "3E.chaos", "everything at once", points: 2, bound: settleBound, program: "accounts", clusterSizes: [2]
  ) { trial in
    let clients = AccountClients(trial, isCalm: false)
    let given = [AccountClients.store, AccountClients.post]
    clients.habits = .init(restMilliseconds: 0...40, accounts: 3, largePercent: 40, withdrawsPercent: 50)
    clients.fill(events: trial.choices.next(in: 0...100))
    try trial.start()
    for _ in 0..<12 {
      let service = trial.choices.next(in: AccountClients.services)
      switch trial.choices.next(in: 0...8) {
      case 0, 1:
        clients.run.strike(
          service, at: trial.choices.element(of: [.persisted, .sent, .replied]),
          occurrence: trial.choices.next(in: 1...8))
      // Between two handlers: they tell of what they have done.
      case 2: trial.crash(trial.choices.element(of: given))
      case 3, 4: clients.run.disturb(trial.choices.element(of: given), service)
      case 5: trial.isolate([trial.choices.element(of: given + Array(AccountClients.services))])
      case 6: clients.rebuild(service)
      default:
        trial.heal()
        try clients.run.raiseTheFallen()
      }
      try clients.work(milliseconds: trial.choices.next(in: 50...600))
    }
    try clients.closeInCalm()
  }
}
