import Checkers
import LabKit
import Runner

/// Clients who let services be called through a circuit breaker each, while the judge plays the services' moods and watches what
/// is let through.
final class CallerClients {
  /// What the clients do, and how the services are.
  struct Load {
    /// Of a hundred calls to a service that is sick, so many fail; of the others, so many.
    var failsPercent = (sick: 80, well: 10)
    /// Of a hundred calls, so many are refused by a service that is well.
    var refusedPercent = 10
    /// Of a hundred calls, so many are not answered in time, by a service that is silent or late.
    var lateFailurePercent = 20
    /// Of a hundred answers, so many are slow, and in time.
    var slowPercent = 0
    /// How many calls there are at once.
    var burst = 1...3
    /// Of a hundred rests, so many are long enough for every call to end.
    var longRestPercent = 30
    /// How long an answer takes that is not slow; nil for whatever is in time.
    var quickMilliseconds: ClosedRange<Int>? = 0...60
  }

  private struct Call {
    let service: Int
    let question: String
    let startedAt: Int
    /// The settings that hold for it.
    let settings: BreakerSettings
    /// When it must have ended.
    var dueAt: Int
  }

  /// How a service deals with a question.
  private struct Plan {
    let outcome: Manner.Outcome
    let milliseconds: Int
  }

  static let services = [1, 2]
  static let names = ["users", "orders"]
  static let caller = 3
  /// A message on an ordinary link takes no longer.
  private static let delayMicroseconds = 10_000

  let trial: Trial
  var load = Load()
  private var settings: BreakerSettings
  /// Whether messages go over ordinary links only, so that what a service says is heard at once.
  var areLinksOrdinary = true
  private var rules: [BreakerRules]
  private var isSick = [false, false]
  private var count = 0
  /// The calls under way, by request.
  private var calls: [Int: Call] = [:]
  /// What was asked of the caller and has not reached it, by request.
  private var coming: [Int: Call] = [:]
  /// The request in hand: it must be let through or rejected before anything else happens.
  private var inHand: Int?
  private var endings: [String: Manner.Outcome] = [:]
  private var rejected: Set<String> = []
  /// The call that the handler in hand has rejected.
  private var justRejected: String?
  /// The request for other settings, and these.
  private var change: (request: Int, settings: BreakerSettings)?

  init(_ trial: Trial, _ settings: BreakerSettings) {
    self.trial = trial
    self.settings = settings
    rules = Self.rules(settings)
    trial.observe = { [unowned self] time, record in try observe(time, record) }
  }

  // MARK: Clients

  /// Boots all nodes, and tells the caller the settings.
  func start() throws {
    try trial.start()
    try use(settings)
  }

  /// Tells the caller that other settings hold.
  func use(_ settings: BreakerSettings) throws {
    try trial.always {
      // Whatever was asked before has reached the caller.
      try trial.advance(milliseconds: 1)
      let request = trial.request(CallerRequest.use(settings), to: Self.caller, isStep: false)
      change = (request, settings)
      try trial.advance(milliseconds: 1)
      guard let reply = trial.replies[request] else {
        throw broken("Answers come in time", "n3 was told which settings hold, and has not answered at once.")
      }
      guard try CallerReply(wireBytes: reply.body) == .inUse else {
        throw broken(
          "The answer fits the request",
          "n3 was told which settings hold, and answered \(try CallerReply(wireBytes: reply.body)).")
      }
    }
  }

  private static func rules(_ settings: BreakerSettings) -> [BreakerRules] {
    names.map { name in
      BreakerRules(
        service: name, limit: BreakerRules.Limit(settings.limit),
        openMicroseconds: settings.openMilliseconds * 1_000, probes: settings.probes)
    }
  }

  func work(rounds: Int, between event: () -> Void = {}) throws {
    for _ in 0..<rounds {
      let service = trial.choices.next(in: 0...1)
      if trial.choices.chance(partsPerMillion: 150_000) { isSick[service].toggle() }
      // Drawn in any case, so that a round that is left out changes none of the others.
      let plans = (0..<trial.choices.next(in: load.burst)).map { _ in plan(service) }
      if trial.takes(.request) {
        try keepClear(of: service)
        for plan in plans { call(service, plan) }
      }
      event()
      try rest(service)
    }
  }

  /// Calls both services, which fail after a while.
  func beginFailures() throws {
    let plan = Plan(outcome: .fails, milliseconds: settings.timeoutMilliseconds / 2)
    guard trial.takes(.request) else { return }
    for service in 0...1 {
      try keepClear(of: service)
      for _ in 0..<6 { call(service, plan) }
    }
  }

  /// Waits, and comes near the moments at which a breaker must change its mind, but not too near.
  private func rest(_ service: Int) throws {
    let choice = trial.choices.next(in: 0...99)
    let pause = trial.choices.next(in: 0...150)
    let isBefore = trial.choices.chance(partsPerMillion: 300_000)
    let near = trial.choices.next(in: 2...60)
    if choice < load.longRestPercent {
      return try trial.advance(milliseconds: settings.timeoutMilliseconds + 20)
    }
    if choice < 80, let end = rules[service].endOfPause {
      let milliseconds = end / 1_000 + (isBefore ? -near : near) - trial.nowMilliseconds
      if milliseconds > 0 { return try trial.advance(milliseconds: milliseconds) }
    }
    try trial.advance(milliseconds: pause)
  }

  /// Lets the moment pass at which a breaker becomes half-open, if that is close.
  private func keepClear(of service: Int) throws {
    guard let end = rules[service].endOfPause else { return }
    if abs(end - trial.nowMicroseconds) <= (BreakerBounds.marginMilliseconds + 1) * 1_000 {
      try trial.always { try trial.advance(milliseconds: 2 * BreakerBounds.marginMilliseconds + 3) }
    }
  }

  private func call(_ service: Int, _ plan: Plan) {
    count += 1
    let question = "c\(count)"
    // Both at one instant, so that what the service is told is there first.
    _ = trial.request(
      Manner(question: question, plan.outcome, milliseconds: plan.milliseconds), to: Self.services[service],
      client: 2, isStep: false)
    let request = trial.request(
      CallerRequest.call(service: NodeID(Self.services[service]), question: question), to: Self.caller,
      afterMicroseconds: 1, isStep: false)
    coming[request] = Call(
      service: service, question: question, startedAt: 0, settings: settings, dueAt: 0)
  }

  /// How a service deals with the next question. Whatever comes in time comes well before the timeout, and on one side of what
  /// is slow.
  private func plan(_ service: Int) -> Plan {
    let isFailure =
      trial.choices.next(in: 0...99) < (isSick[service] ? load.failsPercent.sick : load.failsPercent.well)
    let kind = trial.choices.next(in: 0...99)
    let isSlow = trial.choices.next(in: 0...99) < load.slowPercent
    let (timeout, slow) = (settings.timeoutMilliseconds, settings.slowMilliseconds)
    let roundTrip = 2 * Self.delayMicroseconds / 1_000
    let quick = trial.choices.next(in: load.quickMilliseconds ?? 0...max(0, slow - roundTrip - 2))
    let slowly = trial.choices.next(in: slow...max(slow, timeout - roundTrip - 2))
    let late = trial.choices.next(in: timeout...3 * timeout)
    if isFailure, kind < load.lateFailurePercent {
      return trial.choices.chance(partsPerMillion: 300_000)
        ? Plan(outcome: .isSilent, milliseconds: 0) : Plan(outcome: .answers, milliseconds: late)
    }
    let milliseconds = isSlow && slow + roundTrip + 2 < timeout ? slowly : quick
    return Plan(
      outcome: isFailure ? .fails : kind < load.refusedPercent ? .refuses : .answers,
      milliseconds: milliseconds)
  }

  // MARK: Watching

  private func observe(_ time: Int, _ record: TraceRecord) throws {
    if record.isEvent {
      try requireDecision(at: time)
      justRejected = nil
    }
    try requireEndings(at: time)
    switch record {
    case .requested(Self.caller, _, let request):
      if coming[request] != nil { inHand = request }
    case .sent(let service, _, _) where Self.services.contains(service):
      // Whoever sends it is the caller: services send nothing to each other.
      try noteAsk(of: service - 1, at: time)
    case .replied(Self.caller, _, let request, true, let body):
      try noteReply(CallerReply(wireBytes: body), to: request, at: time)
    case .output(let node, let body) where Self.services.contains(node):
      try note(ServiceNews(wireBytes: body), of: node, at: time)
    default: return
    }
  }

  private func noteAsk(of service: Int, at time: Int) throws {
    if let justRejected { throw reached(justRejected, service) }
    guard let request = inHand, let call = coming.removeValue(forKey: request) else {
      throw broken(
        "A call is one question",
        "n3 asked \(Self.names[service]) something at \(time / 1_000) ms, and no call that has just come is for that."
      )
    }
    inHand = nil
    guard call.service == service else {
      throw broken(
        "A call is one question",
        "n3 was to ask \(Self.names[call.service]) \(call.question), and asked \(Self.names[service]).")
    }
    try demand { () throws(Violation) in try rules[service].letThrough(call.question, at: time) }
    calls[request] = Call(
      service: service, question: call.question, startedAt: time, settings: settings,
      dueAt: time + settings.timeoutMilliseconds * 1_000)
  }

  private func noteReply(_ reply: CallerReply, to request: Int, at time: Int) throws {
    if let change, change.request == request {
      settings = change.settings
      rules = Self.rules(settings)
    }
    if request == inHand, let call = coming.removeValue(forKey: request) {
      inHand = nil
      guard reply == .rejected else {
        throw broken(
          "What the service said is what the client is told",
          "n3 answered \(call.question) at once with: \(reply). It had asked nobody.")
      }
      rejected.insert(call.question)
      justRejected = call.question
      return try demand { () throws(Violation) in try rules[call.service].rejected(call.question, at: time) }
    }
    guard let call = calls.removeValue(forKey: request) else { return }
    try require(reply, of: call, at: time)
    let isSlow = time - call.startedAt > call.settings.slowMilliseconds * 1_000
    rules[call.service].ended(
      call.question, isFailure: reply == .failed || reply == .timedOut || isSlow, at: time)
  }

  private func note(_ news: ServiceNews, of node: Int, at time: Int) throws {
    switch news {
    case .asked(let question):
      guard !rejected.contains(question) else { throw reached(question, node - 1) }
    case .passed: return
    case .ended(let question, let outcome):
      endings[question] = endings[question] ?? outcome
      guard areLinksOrdinary, outcome != .isSilent else { return }
      for (request, call) in calls where call.question == question {
        calls[request]?.dueAt = min(call.dueAt, time + Self.delayMicroseconds)
      }
    }
  }

  private func reached(_ question: String, _ service: Int) -> Violation {
    broken(
      "A rejected call reaches nobody", "n3 rejected \(question), and \(Self.names[service]) is asked it.",
      Self.services[service])
  }

  // MARK: Judging

  /// A reply must be what the service said, or the timeout.
  private func require(_ reply: CallerReply, of call: Call, at time: Int) throws {
    let service = NodeID(Self.services[call.service])
    let isTrue =
      switch reply {
      case .answered(let answer):
        endings[call.question] == .answers && answer == Manner.answer(to: call.question, of: service)
      case .refused: endings[call.question] == .refuses
      case .failed: endings[call.question] == .fails
      case .timedOut: time - call.startedAt >= call.settings.timeoutMilliseconds * 1_000
      case .rejected, .inUse: false
      }
    guard !isTrue else { return }
    let waited = (time - call.startedAt) / 1_000
    throw broken(
      "What the service said is what the client is told",
      "\(call.question) was answered with \(reply) after \(waited) ms of \(call.settings.timeoutMilliseconds), and \(words(of: call))."
    )
  }

  /// The request in hand must have been let through or rejected.
  private func requireDecision(at time: Int) throws {
    guard let request = inHand, let call = coming[request] else { return }
    inHand = nil
    throw broken(
      "A call is let through or rejected at once",
      "\(call.question) has reached n3, which neither asked \(Self.names[call.service]) nor rejected it.")
  }

  /// Whatever is due must have ended.
  private func requireEndings(at time: Int) throws {
    let margin = BreakerBounds.marginMilliseconds * 1_000
    let overdue = calls.values.filter { time > $0.dueAt + margin }
    guard let call = overdue.min(by: { $0.question < $1.question }) else { return }
    throw broken(
      "Answers come in time",
      "\(call.question) was let through at \(call.startedAt / 1_000) ms, \(words(of: call)), and its client has heard nothing by \(time / 1_000) ms. A call times out after \(call.settings.timeoutMilliseconds) ms."
    )
  }

  /// What the service has said to a call.
  private func words(of call: Call) -> String {
    let service = Self.names[call.service]
    return endings[call.question].map { "\(service) \(ServiceNews.ended(call.question, $0))" }
      ?? "\(service) had said nothing"
  }

  /// Waits until every call has ended.
  func close() throws {
    try trial.always {
      try trial.advance(milliseconds: settings.timeoutMilliseconds + 50)
      try requireDecision(at: trial.nowMicroseconds)
      try requireEndings(at: trial.nowMicroseconds)
    }
  }

  /// The seed shows nothing where no breaker has opened, or no call has ended late.
  func requireOpenings(_ least: Int = 1, lateOutcomes: Int = 0) throws {
    guard rules.reduce(0, { $0 + $1.openings }) >= least else {
      throw NotExercised("a breaker opened fewer than \(least) times")
    }
    guard rules.reduce(0, { $0 + $1.lateOutcomes }) >= lateOutcomes else {
      throw NotExercised("no call ended in a later state than the one that let it through")
    }
  }

  private func demand(_ body: () throws(Violation) -> Void) throws {
    do { try body() } catch {
      var violation = error
      violation.nodes = [Self.caller - 1]
      throw violation
    }
  }

  private func broken(_ property: String, _ evidence: String, _ nodes: Int...) -> Violation {
    Violation(
      property: property, section: "contract", evidence: evidence,
      nodes: [Self.caller - 1] + nodes.map { $0 - 1 })
  }
}

extension BreakerRules.Limit {
  fileprivate init(_ limit: BreakerSettings.Limit) {
    switch limit {
    case .inARow(let count): self = .inARow(count)
    case .share(let percent, let window, let least):
      self = .share(percent: percent, window: window, least: least)
    }
  }
}
