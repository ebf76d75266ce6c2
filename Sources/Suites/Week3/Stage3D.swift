import LabKit
import Runner

extension Stage {
  /// 3D: sagas (Garcia-Molina and Salem, "Sagas", SIGMOD 1987; Richardson, "Microservices Patterns", 2018, chapter 4).
  static let saga = Stage(
    "3D", "Wholly or not at all: the saga", needs: [], hours: 7,
    scenarios: [calm, refused, slow, between, late, lost, chaos])

  private static let decisionBound =
    "each order completed or cancelled within \(SagaBounds.decisionMilliseconds) ms"
  private static let settleBound =
    "each order completed or cancelled \(SagaBounds.settleMilliseconds / 1_000) s after the last fault"

  private static let calm = Scenario(
    "3D.calm", "every order is carried out, step by step", points: 3,
    bound: "each order completed within \(SagaBounds.calmMilliseconds) ms", program: "saga",
    clusterSizes: [1]
  ) { trial in
    let clients = SagaClients(trial, isCalm: true)
    try trial.start()
    clients.askForUnknown()
    try clients.work(milliseconds: 1_000)
    try clients.closeInCalm(withinMilliseconds: SagaBounds.calmMilliseconds)
  }

  private static let refused = Scenario(
    "3D.refused", "somebody refuses, and what was done is undone; some do not undo at once", points: 4,
    bound: decisionBound, program: "saga", clusterSizes: [1]
  ) { trial in
    let clients = SagaClients(trial, isCalm: true)
    clients.trouble.refusedPercent = 60
    clients.trouble.mostTimesPutOff = 3
    try trial.start()
    try clients.work(milliseconds: 1_000)
    try clients.closeInCalm(withinMilliseconds: SagaBounds.decisionMilliseconds)
  }

  private static let slow = Scenario(
    "3D.slow", "a step takes long, and is done when nobody waits for it any more", points: 4,
    bound:
      "a step is waited for \(SagaBounds.patienceMilliseconds) ms; \(decisionBound)", program: "saga",
    clusterSizes: [1]
  ) { trial in
    let clients = SagaClients(trial, isCalm: true)
    clients.trouble.slowPercent = 60
    clients.trouble.mostTimesPutOff = 1
    try trial.start()
    try clients.work(milliseconds: 1_000)
    try clients.closeInCalm(withinMilliseconds: SagaBounds.decisionMilliseconds)
  }

  private static let between = Scenario(
    "3D.between", "the orchestrator falls between any two effects, and orders are started again", points: 3,
    bound: settleBound, program: "saga", clusterSizes: [1]
  ) { trial in
    let clients = SagaClients(trial, isCalm: false)
    clients.trouble = .init(
      refusedPercent: 30, slowPercent: 20, mostTimesPutOff: 2, repeatsPercent: 25, restMilliseconds: 0...120)
    try trial.start()
    for _ in 0..<8 {
      clients.run.strikeService(within: 8)
      try clients.work(milliseconds: trial.choices.next(in: 50...600), untilServiceFalls: true)
      try clients.run.raiseTheFallen()
    }
    try clients.closeInCalm()
  }

  private static let late = Scenario(
    "3D.late", "what the orchestrator said before it fell comes late, when it has gone on already", points: 2,
    bound: settleBound, program: "saga", clusterSizes: [1]
  ) { trial in
    let clients = SagaClients(trial, isCalm: false)
    let service = SagaClients.service
    let patience = SagaBounds.patienceMilliseconds
    try trial.start()
    for _ in 0..<6 {
      let step = trial.choices.element(of: [SagaStep.payment, .inventory])
      let participant = step.participant.number
      // It is done a little later than it is waited for.
      let milliseconds = trial.choices.next(in: patience + 200...2 * patience)
      if trial.takes(.request) { clients.start(slow: [step: milliseconds]) }
      try clients.wait(milliseconds: 100)
      let delay = trial.choices.next(in: 200...patience)
      trial.command(
        .setLink(
          from: service, to: participant,
          LinkProfile(delayMicroseconds: delay * 1_000...(delay + 100) * 1_000)))
      let isBack = trial.choices.chance(partsPerMillion: 700_000)
      if isBack { try clients.wait(milliseconds: trial.choices.next(in: patience - 150...patience + 350)) }
      clients.run.strike(
        service, at: .sent, to: participant, occurrence: trial.choices.next(in: 1...(isBack ? 3 : 8)))
      try clients.wait(milliseconds: 1_000, untilServiceFalls: true)
      trial.setAllLinks(LinkProfile())
      try clients.run.raiseTheFallen()
      try clients.wait(milliseconds: trial.choices.next(in: 100...patience))
    }
    try clients.closeInCalm()
  }

  private static let lost = Scenario(
    "3D.lost", "messages are lost, doubled and late, and those who take part fall", points: 1,
    bound: settleBound, program: "saga", clusterSizes: [1]
  ) { trial in
    let clients = SagaClients(trial, isCalm: false)
    clients.trouble = .init(
      refusedPercent: 20, slowPercent: 20, mostTimesPutOff: 2, restMilliseconds: 0...300)
    try trial.start()
    for _ in 0..<4 {
      trial.setAllLinks(.harsh)
      try clients.work(milliseconds: trial.choices.next(in: 200...1_500))
      trial.crash(trial.choices.next(in: 1...4))
      try clients.work(milliseconds: trial.choices.next(in: 50...3_500))
      try clients.run.raiseTheFallen()
    }
    try clients.closeInCalm()
  }

  private static let chaos = Scenario(
    "3D.chaos", "everything at once", points: 3, bound: settleBound, program: "saga", clusterSizes: [1]
  ) { trial in
    let clients = SagaClients(trial, isCalm: false)
    clients.trouble = .init(
      refusedPercent: 25, slowPercent: 25, mostTimesPutOff: 3, repeatsPercent: 15, restMilliseconds: 0...120)
    try trial.start()
    for _ in 0..<12 {
      switch trial.choices.next(in: 0...6) {
      case 0, 1: clients.run.strikeService(within: 8)
      case 2: trial.setAllLinks(.harsh)
      case 3: trial.isolate([trial.choices.next(in: 1...4)])
      case 4: trial.crash(trial.choices.next(in: 1...4))
      default:
        trial.heal()
        trial.setAllLinks(LinkProfile())
        try clients.run.raiseTheFallen()
      }
      try clients.work(milliseconds: trial.choices.next(in: 50...800))
    }
    try clients.closeInCalm()
  }
}
