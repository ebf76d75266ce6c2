import Checkers
import LabKit
import Runner

extension Stage {
  /// 4C: the gateway keeps its promise (Nygard, "Release It!", 2nd edition, 2018, chapters 4 and 5; Dean and Barroso, "The Tail
  /// at Scale", Communications of the ACM, 2013).
  static let gateway = Stage(
    "4C", "The gateway keeps its promise", needs: [], hours: 6,
    scenarios: [page, other, kept, promise], chart: PromiseChart.plan)

  private static let page = Scenario(
    "4C.page", "the services are well, and take their time", points: 3,
    bound: "a page takes as long as its slowest part", program: "gateway", clusterSizes: [1]
  ) { trial in
    let clients = GatewayClients(trial)
    try clients.start()
    for _ in 0..<40 {
      let users = (0..<trial.choices.next(in: 1...3)).map { _ in trial.choices.next(in: 1...9) }
      let times = PagePart.allCases.map { _ in trial.choices.next(in: 1...GatewayBounds.wellMilliseconds) }
      try trial.always {
        for (part, time) in zip(PagePart.allCases, times) {
          clients.setMood(
            of: part.instances.map(\.number), InstanceMood(takesMilliseconds: time...time))
        }
        try trial.advance(milliseconds: 1)
      }
      let requests = users.map { clients.ask(for: $0) }
      try clients.settle()
      try trial.always {
        for request in requests {
          guard let told = clients.told[request] else { continue }
          if let part = PagePart.allCases.first(where: { !told.page[$0].isFresh }) {
            throw clients.broken(
              "What can be had is fresh",
              "All services are well, and a page shows as its \(part): \(told.page[part]).")
          }
          // A gateway may look at its clock once a millisecond.
          let longest = (times.max() ?? 0) * 1_000 + GatewayClients.wayMicroseconds + 1_000
          guard told.at - told.askedAt > longest else { continue }
          throw clients.broken(
            "Parts are asked for at one time",
            "The services take \(list(times.map { "\($0)" })) ms, and messages at most \(GatewayClients.wayMicroseconds / 1_000) ms there and back. A page came after \((told.at - told.askedAt) / 1_000) ms: whoever asks for all parts at once waits for the slowest alone."
          )
        }
      }
    }
  }

  private static let other = Scenario(
    "4C.other", "one instance of each service is in trouble: dead, silent, slow, failing or damaged",
    points: 4,
    bound: "\(GatewayBounds.freshPercent) in 100 sections are fresh", program: "gateway", clusterSizes: [1]
  ) { trial in
    let clients = GatewayClients(trial)
    try clients.start()
    var sections: [(section: Section, part: PagePart, sick: Int)] = []
    for _ in 0..<6 {
      let sick = PagePart.allCases.map { trial.choices.element(of: $0.instances).number }
      let moods = sick.map { _ in trial.choices.element(of: troubles) }
      let deaths = sick.map { _ in trial.choices.chance(partsPerMillion: 200_000) }
      for (instance, (mood, dies)) in zip(sick, zip(moods, deaths)) {
        if dies { trial.crash(instance) } else { clients.setMood(of: [instance], mood) }
      }
      try trial.advance(milliseconds: 1)
      var requests: [Int] = []
      for _ in 0..<15 {
        let user = trial.choices.next(in: 1...9)
        let rest = trial.choices.next(in: 20...300)
        requests.append(clients.ask(for: user))
        try trial.advance(milliseconds: rest)
      }
      try clients.settle()
      for told in requests.compactMap({ clients.told[$0] }) {
        for (part, sick) in zip(PagePart.allCases, sick) { sections.append((told.page[part], part, sick)) }
      }
      try trial.always {
        try healAll(clients)
        // Whoever was left alone is asked again.
        try trial.advance(milliseconds: GatewayBounds.restMilliseconds)
        for user in 0..<20 {
          clients.ask(for: user % 9 + 1)
          try trial.advance(milliseconds: 100)
        }
        try clients.settle()
      }
    }
    let fresh = sections.count(where: \.section.isFresh)
    guard fresh * 100 < sections.count * GatewayBounds.freshPercent,
      let (section, part, sick) = sections.first(where: { !$0.section.isFresh })
    else { return }
    let well = part.instances.filter { $0.number != sick }
    throw clients.broken(
      "Who is well is asked",
      "One instance of each service was in trouble and the other one was not; \(fresh) of \(sections.count) sections were fresh. One page shows as its \(part): \(section); n\(sick) was in trouble then, and \(names(well)) was not."
    )
  }

  private static let troubles = [
    InstanceMood(.isSilent), InstanceMood(.fails), InstanceMood(.damages), InstanceMood(.damages),
    InstanceMood(takesMilliseconds: 90...200), InstanceMood(takesMilliseconds: 400...1_000),
  ]

  private static func healAll(_ clients: GatewayClients) throws {
    for instance in GatewayClients.instances where !clients.trial.isUp[instance] {
      clients.trial.boot(instance)
    }
    try clients.trial.advance(milliseconds: 1)
    clients.setMood(of: GatewayClients.instances, InstanceMood())
  }

  private static let kept = Scenario(
    "4C.kept", "a service is down altogether, and comes back", points: 3,
    bound:
      "what was answered last is shown, marked; \(GatewayBounds.restMilliseconds) ms after a service is well its part is fresh",
    program: "gateway", clusterSizes: [1]
  ) { trial in
    let clients = GatewayClients(trial)
    try clients.start()
    for _ in 0..<5 {
      // What is known of some users, and not of others.
      for _ in 0..<6 {
        let user = trial.choices.next(in: 1...6)
        clients.ask(for: user)
        try trial.advance(milliseconds: trial.choices.next(in: 1...200))
      }
      try clients.settle()
      let down = trial.choices.element(of: PagePart.allCases)
      let (mood, dies) = (trial.choices.element(of: downs), trial.choices.chance(partsPerMillion: 300_000))
      let instances = down.instances.map(\.number)
      try trial.always {
        if dies {
          for instance in instances { trial.crash(instance) }
        } else {
          clients.setMood(of: instances, mood)
        }
        try trial.advance(milliseconds: 1)
      }
      let isLong = trial.choices.chance(partsPerMillion: 200_000)
      for _ in 0..<12 {
        let (user, rest) = (
          trial.choices.next(in: 1...9), trial.choices.next(in: 0...(isLong ? 15_000 : 400))
        )
        let shown = clients.rules.shown("\(down)", of: GatewayClients.name(of: user))
        let request = clients.ask(for: user)
        try clients.settle()
        try trial.always {
          guard let told = clients.told[request] else { return }
          try requireKept(told, down, shown, clients)
        }
        try trial.advance(milliseconds: rest)
      }
      try trial.always {
        try healAll(clients)
        try trial.advance(milliseconds: GatewayBounds.restMilliseconds)
        // Whoever has left an instance alone may try it with the first of these.
        for _ in 0..<4 {
          clients.ask(for: 1)
          try trial.advance(milliseconds: 100)
        }
        let request = clients.ask(for: 2)
        try clients.settle()
        guard let told = clients.told[request],
          let part = PagePart.allCases.first(where: { !told.page[$0].isFresh })
        else { return }
        throw clients.broken(
          "Who is well again is asked again",
          "All services have been well for more than \(GatewayBounds.restMilliseconds) ms, and four pages were asked for meanwhile; a page shows as its \(part): \(told.page[part])."
        )
      }
    }
  }

  private static let downs = [InstanceMood(.isSilent), InstanceMood(.fails), InstanceMood(.damages)]

  private static func requireKept(
    _ told: GatewayClients.Told, _ down: PagePart, _ shown: GatewayRules.Shown?, _ clients: GatewayClients
  ) throws {
    if let part = PagePart.allCases.first(where: { $0 != down && !told.page[$0].isFresh }) {
      throw clients.broken(
        "One part's trouble is not another's",
        "Nothing is to be had of \(down), and a page shows as its \(part): \(told.page[part]), which could be had."
      )
    }
    guard let shown else { return }
    switch told.page[down] {
    case .fresh: return
    case .kept(let text):
      guard let time = clients.rules.time(of: text), time < shown.askedAt else { return }
      throw clients.broken(
        "The newest piece is kept",
        "Nothing is to be had of \(down). A page shows \"\(text)\", which is older than what the last page showed: \"\(shown.text)\"."
      )
    case .missing:
      let age = told.at - shown.askedAt
      guard age < (GatewayBounds.keptSeconds - 1) * 1_000_000 else { return }
      throw clients.broken(
        "What was answered is kept",
        "Nothing is to be had of \(down), and a page shows nothing: one that was asked for \(age / 1_000) ms before has shown \"\(shown.text)\"."
      )
    }
  }

  private static let promise = Scenario(
    "4C.promise", "a monkey kills, slows, cuts off and damages instances", points: 10,
    bound: "the bands below, over all seeds together", program: "gateway", clusterSizes: [1],
    isShrunk: false, pool: GatewayPromise.pool
  ) { trial in
    var promise = GatewayPromise(trial)
    try promise.run()
  }

  private static func names(_ nodes: [NodeID]) -> String { list(nodes.map { "n\($0.number)" }) }
}
