import Checkers
import LabKit
import Runner

extension Stage {
  /// 4B: timeouts, retries and bulkheads (Nygard, "Release It!", 2nd edition, 2018, chapter 5; Beyer and others, "Site
  /// Reliability Engineering", 2016, chapters 21 and 22).
  static let proxy = Stage(
    "4B", "Trouble stays where it is: timeouts, retries, bulkheads", needs: [], hours: 5,
    scenarios: [deadline, retry, jitter, budget, bulkhead, chaos])

  private static let direct = [ProxyClients.front]
  private static let chain = [ProxyClients.front, ProxyClients.back]

  private static let deadline = Scenario(
    "4B.deadline", "each client has its own time, and the services are told how much of it is left",
    points: 3,
    bound: "an answer before the time is over, or word of it within \(ProxyBounds.marginMilliseconds) ms",
    program: "proxy", clusterSizes: [2]
  ) { trial in
    var settings = ProxySettings(attemptMilliseconds: 10_000)
    settings.permits = trial.choices.next(in: 1...3)
    settings.places = trial.choices.next(in: 0...6)
    let clients = ProxyClients(trial, settings)
    try clients.start()
    for _ in 0..<60 {
      let service = trial.choices.next(in: 0...1)
      let route = trial.choices.chance(partsPerMillion: 500_000) ? direct : chain
      let (limit, takes) = (trial.choices.next(in: 40...1_500), trial.choices.next(in: 0...800))
      let outcome = trial.choices.element(
        of: [.isSilent, .refuses] + Array(repeating: Manner.Outcome.answers, count: 6))
      let repetition = clients.repetition()
      let rest = trial.choices.next(in: 0...250)
      // Several whose time is over at one instant.
      let count = trial.choices.chance(partsPerMillion: 200_000) ? 3 : 1
      if trial.takes(.request) {
        for _ in 0..<count {
          clients.ask(
            service, through: route, within: limit, repetition, manners: [(outcome, milliseconds: takes)])
        }
      }
      try trial.advance(milliseconds: rest)
    }
    try clients.closeInCalm()
  }

  private static let retry = Scenario(
    "4B.retry", "one attempt in ten fails, and what may have happened is not always to be repeated",
    points: 3,
    bound: "\(ProxyBounds.answeredPercent) in 100 are answered of what can be had by trying again",
    program: "proxy", clusterSizes: [2]
  ) { trial in
    let settings = ProxySettings()
    let clients = ProxyClients(trial, settings)
    try clients.start()
    // Two attempts that come to nothing, and the waits for them, take no longer than this.
    var allowance = RetryAllowance(
      reserve: settings.retryReserve, percent: settings.retryPercent, delay: 1_500_000)
    var attainable: [String] = []
    for _ in 0..<150 {
      let service = trial.choices.next(in: 0...1)
      let repetition = clients.repetition()
      let trouble: Manner.Outcome = trial.choices.element(of: [.fails, .isSilent, .isBusy])
      let kind = trial.choices.next(in: 0...99)
      let takes = trial.choices.next(in: 0...100)
      let rest = trial.choices.next(in: 20...200)
      guard trial.takes(.request) else {
        try trial.advance(milliseconds: rest)
        continue
      }
      let good = (kind >= 90 ? Manner.Outcome.refuses : .answers, milliseconds: takes)
      let bad = (trouble, milliseconds: trouble == .isSilent ? 0 : takes)
      let name = clients.ask(
        service, through: direct, within: 5_000, repetition,
        manners: kind < 2 ? [bad, bad, good] : kind < 10 ? [bad, good] : [good])
      let isRepeated = kind < 10 && (repetition != .never || trouble == .isBusy)
      allowance.asked(name, retries: isRepeated ? kind < 2 ? 2 : 1 : 0, at: trial.nowMicroseconds)
      if kind < 90, kind >= 10 || isRepeated { attainable.append(name) }
      try trial.advance(milliseconds: rest)
    }
    try clients.settle(milliseconds: 5_000)
    try trial.always {
      let attainable = attainable.filter(allowance.covers)
      let answered = attainable.count { clients.rules.ending(of: $0) == .answered }
      guard answered * 100 < attainable.count * ProxyBounds.answeredPercent else { return }
      let names = attainable.filter { clients.rules.ending(of: $0) != .answered }
      throw clients.broken(
        "What can be had by trying again is had",
        "\(answered) of \(attainable.count) calls were answered that a retry or none would have got an answer to; not \(names.prefix(3).joined(separator: ", ")), for instance.",
        ProxyClients.front)
    }
  }

  private static let jitter = Scenario(
    "4B.jitter", "fifty calls fail at one instant, and fail again", points: 2,
    bound: "any 100 ms hold at most \(ProxyBounds.busiestPercent) in 100 of the first retries",
    program: "proxy", clusterSizes: [2], isShrunk: false
  ) { trial in
    let settings = ProxySettings(
      backoffMilliseconds: 2_000, longestBackoffMilliseconds: 3_000, retryReserve: 200, permits: 15,
      places: 50)
    let clients = ProxyClients(trial, settings)
    try clients.start()
    let names = (0..<50).map { _ in
      clients.ask(
        0, through: direct, within: 60_000,
        manners: [(.fails, milliseconds: 0), (.fails, milliseconds: 0), (.answers, milliseconds: 0)])
    }
    try clients.settle(milliseconds: 20_000)
    let begun = clients.rules.arrivals(of: names, attempt: 1).filter { $0 < 500_000 }
    guard begun.count == names.count else {
      throw clients.broken(
        "Whoever waits for a retry holds nothing",
        "\(names.count) calls came at one instant and failed at once, and within 500 ms \(begun.count) of them have been tried. There are \(settings.permits) permits, and a call that waits for its retry should hold none.",
        ProxyClients.front)
    }
    let retries = clients.rules.arrivals(of: names, attempt: 2).sorted()
    guard retries.count == names.count else {
      throw clients.broken(
        "What can be had by trying again is had",
        "\(names.count) calls failed at one instant, and \(names.count - retries.count) of them were never tried again: there was time, and the reserve was for \(settings.retryReserve) retries.",
        ProxyClients.front)
    }
    let busiest = retries.map { first in retries.count { (first..<first + 100_000).contains($0) } }.max() ?? 0
    guard busiest * 100 <= ProxyBounds.busiestPercent * retries.count else {
      throw clients.broken(
        "Retries are spread",
        "\(names.count) calls failed at one instant, and \(busiest) of their first retries came within 100 ms: each waits for a random time of up to \(settings.backoffMilliseconds) ms.",
        ProxyClients.front)
    }
    let (first, second) = (clients.rules.waits(beforeRetry: 1), clients.rules.waits(beforeRetry: 2))
    // A message there and back, and the wait for a permit.
    let slack = 100_000
    guard let shortest = first.min(), shortest <= settings.backoffMilliseconds * 250 + slack else {
      throw clients.broken(
        "Retries are spread",
        "Of \(first.count) first retries the earliest came \((first.min() ?? 0) / 1_000) ms after its attempt had failed: each waits for a random time between 0 and \(settings.backoffMilliseconds) ms.",
        ProxyClients.front)
    }
    guard let longest = first.max(), longest <= settings.backoffMilliseconds * 1_000 + slack else {
      throw clients.broken(
        "Waits grow from one retry to the next",
        "A first retry came \((first.max() ?? 0) / 1_000) ms after its attempt had failed: the longest wait is \(settings.backoffMilliseconds) ms.",
        ProxyClients.front)
    }
    guard let longer = second.max(), longer > settings.backoffMilliseconds * 1_000 + slack,
      longer <= settings.longestBackoffMilliseconds * 1_000 + slack
    else {
      throw clients.broken(
        "Waits grow from one retry to the next",
        "Of \(second.count) second retries the last came \((second.max() ?? 0) / 1_000) ms after the attempt before it had failed: they wait for a random time of up to \(2 * settings.backoffMilliseconds) ms, and no wait is longer than \(settings.longestBackoffMilliseconds) ms.",
        ProxyClients.front)
    }
  }

  private static let budget = Scenario(
    "4B.budget", "a service is down altogether, behind two proxies, and comes back", points: 3,
    bound: "\(ProxyBounds.attemptsPercent) attempts for 100 calls, through both proxies", program: "proxy",
    clusterSizes: [2]
  ) { trial in
    let clients = ProxyClients(trial, ProxySettings())
    try clients.start(frontAttemptMilliseconds: 5_000)
    let outage = trial.choices.element(of: [Manner.Outcome.fails, .isSilent, .isBusy])
    try trial.always {
      // Good times save nothing beyond the reserve.
      for _ in 0..<150 {
        clients.ask(0, through: chain, within: 2_000)
        try trial.advance(milliseconds: 30)
      }
      try clients.settle(milliseconds: 2_000)
      let before = clients.rules.attempts
      clients.setMood(of: 0, outage)
      for _ in 0..<200 {
        clients.ask(0, through: chain, within: 2_000)
        try trial.advance(milliseconds: trial.choices.next(in: 60...120))
      }
      try clients.settle(milliseconds: 2_000)
      let attempts = clients.rules.attempts - before
      guard attempts <= 200 * ProxyBounds.attemptsPercent / 100 else {
        throw clients.broken(
          "Retries do not multiply",
          "In an outage users \(words(outage)), and was asked \(attempts) times for 200 calls, through two proxies.",
          ProxyClients.back)
      }
      clients.setMood(of: 0, .answers)
      let names = try (0..<20).map { _ in
        try trial.advance(milliseconds: 50)
        return clients.ask(0, through: chain, within: 2_000)
      }
      try clients.settle(milliseconds: 2_000)
      guard let name = names.first(where: { clients.rules.ending(of: $0) != .answered }) else { return }
      throw clients.broken(
        "A call without trouble is answered", "users is well again, and \(name) is not answered.",
        ProxyClients.front)
    }
  }

  private static func words(_ outage: Manner.Outcome) -> String {
    switch outage {
    case .isSilent: "said nothing"
    case .isBusy: "was too busy for everything"
    default: "failed at everything"
    }
  }

  private static let bulkhead = Scenario(
    "4B.bulkhead", "one service hangs, and the other is as quick as ever", points: 3,
    bound: "\(ProxySettings().permits) attempts under way at each, \(ProxySettings().places) calls wait",
    program: "proxy", clusterSizes: [2]
  ) { trial in
    let clients = ProxyClients(trial, ProxySettings(attemptMilliseconds: 1_000))
    try clients.start()
    for _ in 0..<6 {
      let sick = trial.choices.next(in: 0...1)
      let mood = trial.choices.element(of: [Manner.Outcome.isSilent, .answers, .fails])
      let takes = mood == .isSilent ? 0 : trial.choices.next(in: 200...1_500)
      clients.setMood(of: sick, mood, milliseconds: takes)
      clients.setMood(of: 1 - sick, .answers)
      for _ in 0..<12 {
        let burst = trial.choices.next(in: 1...8)
        let limit = trial.choices.next(in: 300...3_000)
        let repetition = clients.repetition()
        if trial.takes(.request) {
          for _ in 0..<burst { clients.ask(sick, through: direct, within: limit, repetition) }
        }
        let well = clients.ask(1 - sick, through: direct, within: 1_000)
        try trial.advance(milliseconds: 60)
        try trial.always {
          guard clients.rules.ending(of: well) != .answered else { return }
          throw clients.broken(
            "One service's trouble is not another's",
            "\(ProxyClients.names[1 - sick]) answers at once, and nobody else asks it: \(well) is not answered after 60 ms. \(ProxyClients.names[sick]) is in trouble.",
            ProxyClients.front)
        }
      }
      try clients.settle(milliseconds: 3_000)
    }
    try clients.closeInCalm()
  }

  private static let chaos = Scenario(
    "4B.chaos", "everything at once, and messages that are lost and late", points: 1,
    bound: "whatever was taken has its permit back in the end", program: "proxy", clusterSizes: [2]
  ) { trial in
    var settings = ProxySettings(
      attemptMilliseconds: trial.choices.next(in: 50...600),
      backoffMilliseconds: trial.choices.next(in: 10...300),
      retryReserve: trial.choices.next(in: 0...20), retryPercent: trial.choices.next(in: 0...50))
    settings.permits = trial.choices.next(in: 1...8)
    settings.places = trial.choices.next(in: 0...8)
    let clients = ProxyClients(trial, settings)
    try clients.start()
    clients.areLinksOrdinary = false
    trial.setAllLinks(
      LinkProfile(
        delayMicroseconds: 500...15_000, lossPartsPerMillion: 100_000,
        tailPartsPerMillion: 50_000, tailMicroseconds: 800_000))
    for _ in 0..<100 {
      let service = trial.choices.next(in: 0...1)
      let route = trial.choices.chance(partsPerMillion: 600_000) ? direct : chain
      let repetition = clients.repetition()
      let limit = trial.choices.next(in: 30...2_500)
      let outcomes = (0..<3).map { _ in
        trial.choices.element(of: [Manner.Outcome.answers, .answers, .refuses, .fails, .isSilent, .isBusy])
      }
      let takes = trial.choices.next(in: 0...700)
      let rest = trial.choices.next(in: 0...150)
      if trial.takes(.request) {
        clients.ask(
          service, through: route, within: limit, repetition,
          manners: outcomes.map { ($0, milliseconds: takes) })
      }
      try trial.advance(milliseconds: rest)
    }
    try clients.closeInCalm()
  }
}
