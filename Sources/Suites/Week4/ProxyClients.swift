import Checkers
import LabKit
import Runner

/// Clients of proxies, while the judge plays the services' moods and watches what reaches them.
final class ProxyClients {
  static let services = [1, 2]
  static let names = ["users", "orders"]
  /// The proxy in front, and the one behind it.
  static let front = 3
  static let back = 4
  /// A message on an ordinary link takes no longer.
  static let delayMicroseconds = 10_000

  let trial: Trial
  private(set) var rules: ProxyRules
  private let settings: ProxySettings
  private var count = 0
  /// What clients have asked, by request.
  private var calls: [Int: ProxyRules.Call] = [:]

  init(_ trial: Trial, _ settings: ProxySettings) {
    self.trial = trial
    self.settings = settings
    rules = ProxyRules(
      ProxyRules.Limits(
        attempt: settings.attemptMilliseconds * 1_000, retryReserve: settings.retryReserve,
        retryPercent: settings.retryPercent, permits: settings.permits, places: settings.places),
      delay: Self.delayMicroseconds, margin: ProxyBounds.marginMilliseconds * 1_000)
    trial.observe = { [unowned self] time, record in try observe(time, record) }
  }

  /// Whether messages go over ordinary links only.
  var areLinksOrdinary: Bool {
    get { rules.areLinksOrdinary }
    set { rules.areLinksOrdinary = newValue }
  }

  // MARK: Clients

  /// Boots all nodes, and tells both proxies their settings. The one in front waits for the one behind it as long as it takes.
  func start(frontAttemptMilliseconds: Int? = nil) throws {
    try trial.start()
    var front = settings
    front.attemptMilliseconds = frontAttemptMilliseconds ?? settings.attemptMilliseconds
    try trial.always {
      for (proxy, settings) in [(Self.front, front), (Self.back, settings)] {
        let request = trial.request(ProxyRequest.use(settings), to: proxy, isStep: false)
        try trial.advance(milliseconds: 1)
        guard let reply = trial.replies[request] else {
          throw broken(
            "A client is answered in time",
            "n\(proxy) was told which settings hold, and has not answered at once.", proxy)
        }
        guard try ProxyReply(wireBytes: reply.body) == .inUse else {
          throw broken(
            "The answer fits the request",
            "n\(proxy) was told which settings hold, and answered \(try ProxyReply(wireBytes: reply.body)).",
            proxy)
        }
      }
    }
  }

  /// Tells a service how it is to be with all that it is told nothing else of.
  func setMood(of service: Int, _ outcome: Manner.Outcome, milliseconds: Int = 0) {
    _ = trial.request(
      Manner(question: "", outcome, milliseconds: milliseconds), to: Self.services[service], client: 2,
      isStep: false)
  }

  /// Asks something of a service, through some proxies, now. `manners` is how the service is to deal with it, each time that it
  /// is asked. Returns the call's name.
  @discardableResult
  func ask(
    _ service: Int, through proxies: [Int], within milliseconds: Int,
    _ repetition: ProxyCall.Repetition = .freely, manners: [(Manner.Outcome, milliseconds: Int)] = []
  ) -> String {
    count += 1
    let name = "c\(count)"
    for (place, manner) in manners.enumerated() {
      _ = trial.request(
        Manner(question: name, manner.0, milliseconds: manner.milliseconds, ask: place + 1),
        to: Self.services[service], client: 2, isStep: false)
    }
    let route = proxies.dropFirst() + [Self.services[service]]
    let call = ProxyCall(
      question: name, route: route.map { NodeID($0) }, timeLeft: .milliseconds(milliseconds),
      repetition: repetition)
    let request = trial.request(
      ProxyRequest.call(call), to: proxies[0], client: 1, afterMicroseconds: 1, isStep: false)
    calls[request] = ProxyRules.Call(
      name: name, askedAt: trial.nowMicroseconds + 1, limit: milliseconds * 1_000,
      repetition: ProxyRules.Call.Repetition(repetition), proxies: proxies, service: Self.names[service])
    return name
  }

  /// Any repetition.
  func repetition() -> ProxyCall.Repetition {
    switch trial.choices.next(in: 0...2) {
    case 0: .freely
    case 1: .withKey("k\(count + 1)")
    default: .never
    }
  }

  /// Waits until the time of every call is over.
  func settle(milliseconds: Int) throws {
    try trial.always {
      try trial.advance(milliseconds: milliseconds + ProxyBounds.marginMilliseconds + 1)
      try demand { () throws(Violation) in try rules.requireEndings(at: trial.nowMicroseconds) }
    }
  }

  /// Both services are well: as many calls at once as there are permits and places are answered, all of them.
  func closeInCalm() throws {
    try trial.always {
      trial.heal()
      trial.setAllLinks(LinkProfile())
      for service in Self.services.indices { setMood(of: service, .answers) }
      // Whatever was under way is over.
      try settle(milliseconds: 5_000)
      for (service, proxies) in [(0, [Self.front]), (1, [Self.front]), (0, [Self.front, Self.back])] {
        let names = (0..<settings.permits + settings.places).map { _ in
          ask(service, through: proxies, within: 5_000)
        }
        try trial.advance(milliseconds: 4_000)
        guard let name = names.first(where: { rules.ending(of: $0) != .answered }) else { continue }
        throw broken(
          "Permits come back",
          "Both services are well, and nothing else is under way; \(name), one of \(names.count) calls to \(Self.names[service]) at once, is not answered within 4000 ms: there are \(settings.permits) permits and \(settings.places) places.",
          Self.front)
      }
    }
  }

  // MARK: Watching

  private func observe(_ time: Int, _ record: TraceRecord) throws {
    try demand { () throws(Violation) in try rules.requireEndings(at: time) }
    switch record {
    case .requested(_, _, let request):
      guard let call = calls[request] else { return }
      try demand { () throws(Violation) in try rules.asked(call) }
    case .replied(let node, _, let request, true, let body):
      guard let call = calls[request] else { return }
      try note(ProxyReply(wireBytes: body), of: call, node, at: time)
    case .output(let node, let body) where Self.services.contains(node):
      try note(ServiceNews(wireBytes: body), at: time)
    default: return
    }
  }

  private func note(_ news: ServiceNews, at time: Int) throws {
    switch news {
    case .passed(let call):
      guard call.route.isEmpty else {
        throw broken(
          "A call is passed on as it came",
          "\(call.question) reaches its service with a route to go: it should end there.", Self.front)
      }
      try demand { () throws(Violation) in
        try rules.arrived(
          call.question, at: time, timeLeft: Int(call.timeLeft / .microseconds(1)),
          ProxyRules.Call.Repetition(call.repetition))
      }
    case .ended(let question, let outcome):
      rules.said(ProxyRules.Saying(outcome), to: question, at: time)
    case .asked(let question):
      throw broken(
        "A call is passed on as it came", "A service is asked \(question) without the time that is left.",
        Self.front)
    }
  }

  private func note(_ reply: ProxyReply, of call: ProxyRules.Call, _ node: Int, at time: Int) throws {
    guard let ending = ProxyRules.Ending(reply) else {
      throw broken(
        "The answer fits the request", "n\(node) was to get an answer to \(call.name), and said: \(reply).",
        node)
    }
    if case .answered(let answer) = reply {
      let service = Self.names.firstIndex(of: call.service).map { Self.services[$0] } ?? 0
      let expected = Manner.answer(to: call.name, of: NodeID(service))
      guard answer == expected else {
        throw broken(
          "What the service said is what the client is told",
          "\(call.name) was answered with \"\(answer)\", and \(call.service) says \"\(expected)\".",
          node)
      }
    }
    try demand { () throws(Violation) in try rules.told(ending, of: call.name, at: time) }
  }

  func demand(_ body: () throws(Violation) -> Void) throws {
    do { try body() } catch {
      var violation = error
      violation.nodes = [Self.front - 1, Self.back - 1]
      throw violation
    }
  }

  func broken(_ property: String, _ evidence: String, _ node: Int) -> Violation {
    Violation(property: property, section: "contract", evidence: evidence, nodes: [node - 1])
  }
}

extension ProxyRules.Call.Repetition {
  fileprivate init(_ repetition: ProxyCall.Repetition) {
    switch repetition {
    case .freely: self = .freely
    case .withKey(let key): self = .withKey(key)
    case .never: self = .never
    }
  }
}

extension ProxyRules.Saying {
  fileprivate init(_ outcome: Manner.Outcome) {
    switch outcome {
    case .answers: self = .answer
    case .refuses: self = .refusal
    case .fails: self = .failure
    case .isBusy: self = .busy
    case .isSilent: self = .silence
    }
  }
}

extension ProxyRules.Ending {
  fileprivate init?(_ reply: ProxyReply) {
    switch reply {
    case .answered: self = .answered
    case .refused: self = .refused
    case .givenUp: self = .givenUp
    case .overloaded: self = .overloaded
    case .inUse: return nil
    }
  }
}
