import LabKit
import Runner

extension Stage {
  /// 3F: dead letters and backpressure (Hohpe and Woolf, "Enterprise Integration Patterns", 2003).
  static let deadLetters = Stage(
    "3F", "When it goes wrong for good", needs: [], hours: 3,
    scenarios: [calm, poison, redrive, flood, chaos])

  private static let calmBound =
    "each parcel taken, or a dead letter, within \(DispatchBounds.calmMilliseconds) ms"

  private static let calm = Scenario(
    "3F.calm", "parcels go out in the order of each customer; some are rejected once or twice", points: 2,
    bound: calmBound, program: "dispatch", clusterSizes: [1]
  ) { trial in
    let clients = DispatchClients(trial, isCalm: true)
    try trial.start()
    try clients.work(milliseconds: 1_500)
    try clients.closeInCalm(withinMilliseconds: DispatchBounds.calmMilliseconds)
  }

  private static let poison = Scenario(
    "3F.poison", "the carrier will never take some parcels; the others go out", points: 3,
    bound: "\(calmBound); a parcel given up after \(DispatchBounds.mostAttempts) rejections",
    program: "dispatch", clusterSizes: [1]
  ) { trial in
    let clients = DispatchClients(trial, isCalm: true)
    clients.refusedPercent = 8
    clients.rejectedPercent = 4
    try trial.start()
    try clients.work(milliseconds: 2_000)
    try clients.closeInCalm(withinMilliseconds: DispatchBounds.calmMilliseconds)
  }

  private static let redrive = Scenario(
    "3F.redrive", "the carrier takes what it refused, and an operator lets it be handed over again",
    points: 2,
    bound: calmBound, program: "dispatch", clusterSizes: [1]
  ) { trial in
    let clients = DispatchClients(trial, isCalm: true)
    clients.refusedPercent = 15
    clients.rejectedPercent = 4
    try trial.start()
    for _ in 0..<4 {
      try clients.work(milliseconds: trial.choices.next(in: 200...1_500))
      clients.redrive()
    }
    try clients.work(milliseconds: 300)
    try clients.closeInCalm(withinMilliseconds: DispatchBounds.calmMilliseconds)
  }

  private static let flood = Scenario(
    "3F.flood", "more parcels come than the carrier can take", points: 1,
    bound: "at most \(DispatchBounds.mostInHand) in hand", program: "dispatch", clusterSizes: [1]
  ) { trial in
    let clients = DispatchClients(trial, isCalm: true)
    clients.rejectedPercent = 0
    try trial.start()
    try clients.work(milliseconds: 100)
    // A customer's parcel waits its turn for long, or for very long.
    if trial.choices.chance(partsPerMillion: 700_000) {
      clients.flood(parcels: 200, carrierMilliseconds: 10)
    } else {
      clients.flood(parcels: 90, carrierMilliseconds: 60)
    }
    try clients.work(milliseconds: 2_000)
    try clients.closeInCalm()
  }

  private static let chaos = Scenario(
    "3F.chaos", "everything at once", points: 2,
    bound:
      "each parcel taken, or a dead letter, \(DispatchBounds.settleMilliseconds / 1_000) s after the last fault",
    program: "dispatch", clusterSizes: [1]
  ) { trial in
    let clients = DispatchClients(trial, isCalm: false)
    let (log, carrier, service) = (ServiceRun.log, DispatchClients.carrier, DispatchClients.service)
    clients.refusedPercent = 8
    clients.strikesRedrives = true
    try trial.start()
    for _ in 0..<12 {
      switch trial.choices.next(in: 0...8) {
      case 0, 1: clients.run.strikeService(within: 6, at: [.persisted, .persisted, .sent])
      case 2: clients.run.strike(service, at: .sent, to: carrier, occurrence: trial.choices.next(in: 1...4))
      // Between two handlers: each parcel lies in the log once.
      case 3: trial.crash(log)
      case 4: clients.run.disturb(trial.choices.element(of: [log, carrier]), service)
      case 5: trial.isolate([trial.choices.element(of: [log, carrier])])
      case 6: clients.redrive()
      default:
        trial.heal()
        try clients.run.raiseTheFallen()
      }
      try clients.work(milliseconds: trial.choices.next(in: 50...600))
    }
    try clients.closeInCalm()
  }
}
