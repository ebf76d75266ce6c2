import LabKit
import Runner

extension Stage {
  /// 4A: a circuit breaker before each service (Nygard, "Release It!", 2nd edition, 2018, chapter 5).
  static let breaker = Stage(
    "4A", "Fail fast: the circuit breaker", needs: [], hours: 3,
    scenarios: [trip, probe, late, share, clock, chaos])

  private static let notes = BreakerSettings()

  private static let trip = Scenario(
    "4A.trip", "five failures in a row open it, and each service has its own", points: 2,
    bound: "a rejection at once, and a timeout after \(notes.timeoutMilliseconds) ms", program: "breaker",
    clusterSizes: [1]
  ) { trial in
    let clients = CallerClients(trial, notes)
    try clients.start()
    try clients.work(rounds: 60)
    try clients.close()
    try clients.requireOpenings()
  }

  private static let probe = Scenario(
    "4A.probe", "after 60 s one call goes through, and until it ends the others are rejected", points: 2,
    bound: "open for \(notes.openMilliseconds / 1_000) s, then one probe at a time", program: "breaker",
    clusterSizes: [1]
  ) { trial in
    let clients = CallerClients(trial, BreakerSettings(probes: trial.choices.next(in: 1...3)))
    clients.load = .init(failsPercent: (sick: 90, well: 30), burst: 1...8, longRestPercent: 20)
    try clients.start()
    try clients.work(rounds: 80)
    try clients.close()
    try clients.requireOpenings(2)
  }

  private static let late = Scenario(
    "4A.late", "calls end when the breaker has opened, and when it has closed again", points: 2,
    bound: "what ends in a later state counts for nothing", program: "breaker", clusterSizes: [1]
  ) { trial in
    let clients = CallerClients(
      trial,
      BreakerSettings(
        limit: .inARow(trial.choices.next(in: 3...5)), openMilliseconds: trial.choices.next(in: 200...600),
        probes: trial.choices.next(in: 1...2), timeoutMilliseconds: 3_000, slowMilliseconds: 3_000))
    clients.load = .init(
      failsPercent: (sick: 80, well: 25), lateFailurePercent: 10, burst: 2...8, longRestPercent: 5,
      quickMilliseconds: nil)
    try clients.start()
    try clients.work(rounds: 80)
    try clients.close()
    try clients.requireOpenings(lateOutcomes: 1)
  }

  private static let share = Scenario(
    "4A.share", "a share of the last calls opens it, and a slow call counts as one that failed", points: 2,
    bound: "as the settings say", program: "breaker", clusterSizes: [1]
  ) { trial in
    let clients = CallerClients(trial, settings(isShare: true, trial))
    clients.load = .init(failsPercent: (sick: 60, well: 15), slowPercent: 15, burst: 1...6)
    try clients.start()
    try clients.work(rounds: 100)
    try clients.close()
    try clients.requireOpenings()
  }

  private static let clock = Scenario(
    "4A.clock", "the wall clock jumps, forth and back", points: 1, bound: "by the monotonic clock",
    program: "breaker", clusterSizes: [1]
  ) { trial in
    let clients = CallerClients(trial, BreakerSettings(slowMilliseconds: 200))
    clients.load.longRestPercent = 10
    clients.load.slowPercent = 10
    try clients.start()
    try clients.work(rounds: 80) {
      let seconds = trial.choices.next(in: -200...200)
      guard trial.choices.chance(partsPerMillion: 300_000) else { return }
      trial.command(
        .setClock(
          node: CallerClients.caller, driftPartsPerMillion: 0, wallOffsetMicroseconds: seconds * 1_000_000))
    }
    try clients.close()
    try clients.requireOpenings()
  }

  private static let chaos = Scenario(
    "4A.chaos", "settings that change, and messages that are lost, doubled and late", points: 1,
    bound: "as the settings say", program: "breaker", clusterSizes: [1]
  ) { trial in
    let isShare = trial.choices.chance(partsPerMillion: 500_000)
    let clients = CallerClients(trial, settings(isShare: isShare, trial))
    clients.load = .init(
      failsPercent: (sick: 70, well: 15), slowPercent: 10, burst: 1...8, longRestPercent: 15,
      quickMilliseconds: nil)
    clients.areLinksOrdinary = false
    try clients.start()
    trial.setAllLinks(.harsh)
    for rounds in [5, 45, 50] {
      try clients.work(rounds: rounds)
      try clients.beginFailures()
      try clients.use(settings(isShare: trial.choices.chance(partsPerMillion: 500_000), trial))
    }
    try clients.work(rounds: 10)
    try clients.close()
  }

  /// Any settings of a kind.
  private static func settings(isShare: Bool, _ trial: Trial) -> BreakerSettings {
    let window = trial.choices.next(in: 4...16)
    let share = BreakerSettings.Limit.share(
      percent: trial.choices.next(in: 3...8) * 10, window: window, least: trial.choices.next(in: 2...window))
    let row = BreakerSettings.Limit.inARow(trial.choices.next(in: 1...6))
    let slow = trial.choices.next(in: 150...400)
    return BreakerSettings(
      limit: isShare ? share : row, openMilliseconds: trial.choices.next(in: 2...200) * 100,
      probes: trial.choices.next(in: 1...3), timeoutMilliseconds: slow * trial.choices.next(in: 1...4),
      slowMilliseconds: slow)
  }
}
