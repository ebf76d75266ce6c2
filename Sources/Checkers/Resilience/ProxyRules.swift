/// Whether proxies keep the promises by which the trouble of one service stays its own: deadlines that travel, nothing repeated
/// that may have happened, retries that are paid for, and a bulkhead before each service (Nygard, "Release It!", 2nd edition,
/// 2018, chapter 5; Beyer and others, "Site Reliability Engineering", 2016, chapters 21 and 22).
///
/// It is told, in their order, what clients ask, what reaches the services, what these say, and what clients are told. Times
/// are in microseconds.
public struct ProxyRules: Sendable {
  /// What a client asked for.
  public struct Call: Sendable {
    public enum Repetition: Hashable, Sendable {
      case freely, never
      case withKey(String)
    }

    public let name: String
    public let askedAt: Int
    /// How long after that it must have been answered.
    public let limit: Int
    public let repetition: Repetition
    /// The proxies on its way, by their numbers, and the service.
    public let proxies: [Int]
    public let service: String

    public init(
      name: String, askedAt: Int, limit: Int, repetition: Repetition, proxies: [Int], service: String
    ) {
      self.name = name
      self.askedAt = askedAt
      self.limit = limit
      self.repetition = repetition
      self.proxies = proxies
      self.service = service
    }
  }

  /// What a service says to an attempt.
  public enum Saying: Sendable {
    case answer, refusal, failure, busy
    /// Nothing, ever.
    case silence
  }

  /// What a client is told.
  public enum Ending: Sendable {
    case answered, refused, givenUp, overloaded
  }

  /// What the proxies were told to keep to.
  public struct Limits: Sendable {
    public var attempt: Int
    public var retryReserve: Int
    public var retryPercent: Int
    public var permits: Int
    public var places: Int

    public init(attempt: Int, retryReserve: Int, retryPercent: Int, permits: Int, places: Int) {
      self.attempt = attempt
      self.retryReserve = retryReserve
      self.retryPercent = retryPercent
      self.permits = permits
      self.places = places
    }
  }

  private struct Attempt: Sendable {
    let arrivedAt: Int
    var said: (saying: Saying, at: Int)?

    /// Whether an answer or a refusal has surely come back before the attempt was given up; `way` is how long messages take.
    func isHeard(_ limits: Limits, _ way: Int) -> Bool {
      guard let (saying, at) = said, saying == .answer || saying == .refusal else { return false }
      return at + way <= arrivedAt - way + limits.attempt
    }
  }

  private struct Entry: Sendable {
    let call: Call
    var attempts: [Attempt] = []
    var told: (ending: Ending, at: Int)?

    /// Whether an attempt has failed, or has been without an answer for so long at `time` that it may count as failed.
    func hasTrouble(at time: Int, _ limits: Limits, delay: Int) -> Bool {
      attempts.contains { attempt in
        switch attempt.said?.saying {
        case .failure, .busy: true
        // Whether it was heard before the attempt was given up nobody can say.
        case .answer, .refusal:
          time >= attempt.arrivedAt - delay + limits.attempt && !attempt.isHeard(limits, delay)
        case .silence, nil: time >= attempt.arrivedAt - delay + limits.attempt
        }
      }
    }
  }

  private let limits: Limits
  /// A message takes no longer on an ordinary link.
  private let delay: Int
  /// So late a client may be told.
  private let margin: Int
  /// Whether messages go over ordinary links only.
  public var areLinksOrdinary = true
  private var entries: [String: Entry] = [:]
  /// The calls whose clients have not been told.
  private var open: Set<String> = []
  private var callCounts: [Int: Int] = [:]
  private var retryCounts: [Int: Int] = [:]
  /// How often a service was asked.
  public private(set) var attempts = 0

  public init(_ limits: Limits, delay: Int, margin: Int) {
    self.limits = limits
    self.delay = delay
    self.margin = margin
  }

  // MARK: As it happens

  /// Takes note of what a client asks.
  ///
  /// - Throws: the rule that has been broken before.
  public mutating func asked(_ call: Call) throws(Violation) {
    try requirePlaces(at: call.askedAt)
    entries[call.name] = Entry(call: call)
    open.insert(call.name)
    if let proxy = call.proxies.first { callCounts[proxy, default: 0] += 1 }
  }

  /// Takes note of an attempt that reaches its service. `timeLeft` and `repetition` are what it says.
  ///
  /// - Throws: the rule that it breaks.
  public mutating func arrived(
    _ name: String, at time: Int, timeLeft: Int, _ repetition: Call.Repetition
  ) throws(Violation) {
    guard var entry = entries[name] else {
      throw violation(
        "A call is passed on as it came", "A service is asked \(name), and no client has asked that.")
    }
    let call = entry.call
    guard repetition == call.repetition else {
      throw violation(
        "A call is passed on as it came",
        "\(name) came \(words(call.repetition)), and reaches \(call.service) \(words(repetition)).")
    }
    try requireTimeLeft(timeLeft, call, at: time)
    if let told = entry.told, areLinksOrdinary, time > told.at + call.proxies.count * delay {
      throw violation(
        "What has ended is not asked again",
        "\(name) was \(words(told.ending)) at \(milliseconds(told.at)), and \(call.service) is asked it at \(milliseconds(time))."
      )
    }
    if !entry.attempts.isEmpty {
      try requireRepetition(entry, at: time)
      try pay(call)
    }
    entry.attempts.append(Attempt(arrivedAt: time))
    entries[name] = entry
    attempts += 1
    try requirePermits(of: call, at: time)
  }

  /// Takes note of what a service says to the earliest attempt at a call of which it is not known yet.
  public mutating func said(_ saying: Saying, to name: String, at time: Int) {
    guard let place = entries[name]?.attempts.firstIndex(where: { $0.said == nil }) else { return }
    entries[name]?.attempts[place].said = (saying, time)
  }

  /// Takes note of what a client is told.
  ///
  /// - Throws: the rule that it breaks.
  public mutating func told(_ ending: Ending, of name: String, at time: Int) throws(Violation) {
    guard var entry = entries[name] else { return }
    open.remove(name)
    let call = entry.call
    entry.told = (ending, time)
    entries[name] = entry
    switch ending {
    case .answered, .refused:
      let saying = ending == .answered ? Saying.answer : .refusal
      guard !entry.attempts.contains(where: { $0.said?.saying == saying }) else { return }
      throw violation(
        "What the service said is what the client is told",
        "\(name) was \(words(ending)), and \(call.service) has not said so.")
    case .overloaded: try requireNoRoom(entry, at: time)
    case .givenUp:
      let isOver = time >= call.askedAt + call.limit
      let way = call.proxies.count * delay
      // Only when the time is over may what the service said be still on its way.
      if areLinksOrdinary, let (saying, at) = entry.attempts.first(where: { $0.isHeard(limits, way) })?.said,
        at + (isOver ? way : 0) < time
      {
        throw violation(
          "What the service said is what the client is told",
          "\(name) was given up at \(milliseconds(time)), and \(call.service) had \(words(saying)) it at \(milliseconds(at))."
        )
      }
      // On a longer way trouble may be with a proxy, where nobody sees it.
      guard !isOver, !entry.hasTrouble(at: time, limits, delay: delay), areLinksOrdinary,
        call.proxies.count == 1
      else { return }
      throw violation(
        "A call without trouble is answered",
        "\(name) was given up after \(milliseconds(time - call.askedAt)) of \(milliseconds(call.limit)), and no attempt had failed."
      )
    }
  }

  /// Demands that every client has been told whose time was over before `time`.
  ///
  /// - Throws: the rule that is broken.
  public func requireEndings(at time: Int) throws(Violation) {
    let late = open.filter { name in
      entries[name].map { time > $0.call.askedAt + $0.call.limit + margin } ?? false
    }
    guard let name = late.min(), let call = entries[name]?.call else { return }
    throw violation(
      "A client is answered in time",
      "\(name) was asked at \(milliseconds(call.askedAt)) with \(milliseconds(call.limit)) to go, and its client has heard nothing by \(milliseconds(time))."
    )
  }

  // MARK: At the end

  /// When an attempt at each of some calls reached its service, if it was made: the first, the second, and so on.
  public func arrivals(of names: [String], attempt: Int) -> [Int] {
    names.compactMap { name in
      guard let attempts = entries[name]?.attempts, attempts.count >= attempt else { return nil }
      return attempts[attempt - 1].arrivedAt
    }
  }

  /// How long each retry came after the attempt before it had ended, if the service said how: the first retry of each call, the
  /// second, and so on.
  public func waits(beforeRetry retry: Int) -> [Int] {
    entries.values.compactMap { entry in
      guard entry.attempts.count > retry, let said = entry.attempts[retry - 1].said else { return nil }
      return entry.attempts[retry].arrivedAt - said.at
    }
  }

  public func ending(of name: String) -> Ending? { entries[name]?.told?.ending }

  // MARK: Rules

  private func requireTimeLeft(_ timeLeft: Int, _ call: Call, at time: Int) throws(Violation) {
    let left = call.askedAt + call.limit - time
    guard timeLeft > 0 else {
      throw violation(
        "Nothing is asked when the time is over",
        "\(call.name) had \(milliseconds(call.limit)) to go at \(milliseconds(call.askedAt)), and \(call.service) is asked it at \(milliseconds(time))."
      )
    }
    let longest = left + call.proxies.count * delay + margin
    guard timeLeft < left - call.proxies.count * delay - margin || timeLeft > longest && areLinksOrdinary
    else { return }
    throw violation(
      "The time left travels with the call",
      "\(call.name) reaches \(call.service) with \(milliseconds(timeLeft)) to go; it had \(milliseconds(call.limit)) when it was asked, \(milliseconds(time - call.askedAt)) ago."
    )
  }

  private func requireRepetition(_ entry: Entry, at time: Int) throws(Violation) {
    let call = entry.call
    if call.repetition == .never,
      let attempt = entry.attempts.first(where: { $0.said?.saying != .busy })
    {
      let words = attempt.said.map { "it has \(self.words($0.saying)) it" } ?? "it has said nothing yet"
      throw violation(
        "What may have happened is not repeated",
        "\(call.name) must not be repeated. \(call.service) was asked it at \(milliseconds(attempt.arrivedAt)), and is asked it again at \(milliseconds(time)): \(words)."
      )
    }
    let way = call.proxies.count * delay
    for attempt in entry.attempts {
      // It was heard long before this one was made.
      guard areLinksOrdinary, let (saying, at) = attempt.said, attempt.isHeard(limits, way),
        time > at + 2 * way
      else { continue }
      throw violation(
        "What has ended is not asked again",
        "\(call.service) has \(words(saying)) \(call.name) at \(milliseconds(at)), and is asked it again at \(milliseconds(time))."
      )
    }
  }

  /// Retries are a share of the calls, and a reserve. On a longer way nobody can see whose retry it was.
  private mutating func pay(_ call: Call) throws(Violation) {
    guard call.proxies.count == 1, let proxy = call.proxies.first else { return }
    retryCounts[proxy, default: 0] += 1
    let (calls, retries) = (callCounts[proxy, default: 0], retryCounts[proxy, default: 0])
    guard retries * 100 > limits.retryReserve * 100 + limits.retryPercent * calls else { return }
    throw violation(
      "A retry is paid for",
      "\(retries) attempts were retries of n\(proxy), which has had \(calls) calls: a reserve of \(limits.retryReserve), and \(limits.retryPercent) in a hundred, are fewer."
    )
  }

  private func requirePermits(of call: Call, at time: Int) throws(Violation) {
    let underWay = open.filter { name in
      guard let entry = entries[name], entry.call.service == call.service,
        entry.call.proxies.last == call.proxies.last
      else { return false }
      return entry.attempts.contains {
        ($0.said == nil || $0.said?.saying == .silence) && time < $0.arrivedAt - delay + limits.attempt
      }
    }
    guard underWay.count > limits.permits, areLinksOrdinary else { return }
    throw violation(
      "No more attempts are under way than there are permits",
      "\(underWay.sorted().joined(separator: ", ")) are under way at \(call.service), by n\(call.proxies.last ?? 0), at \(milliseconds(time)): \(underWay.count), and there are \(limits.permits) permits."
    )
  }

  /// The calls at a proxy for a service whose clients have not been told, but for those that were asked just now.
  private func held(_ proxy: Int?, _ service: String, before time: Int) -> [Entry] {
    open.compactMap { entries[$0] }.filter {
      $0.call.proxies.first == proxy && $0.call.service == service && $0.call.proxies.count == 1
        && $0.call.askedAt <= time
    }
  }

  private func requireNoRoom(_ entry: Entry, at time: Int) throws(Violation) {
    let call = entry.call
    guard time <= call.askedAt + margin, entry.attempts.isEmpty else {
      throw violation(
        "Nobody is turned away who was let in",
        "\(call.name) was told that there is no room after \(milliseconds(time - call.askedAt)), and \(call.service) had been asked it \(entry.attempts.count) times."
      )
    }
    guard call.proxies.count == 1 else { return }
    let held = held(call.proxies.first, call.service, before: time).count
    guard held < limits.permits + limits.places else { return }
    throw violation(
      "Nobody is turned away while there is room",
      "\(call.name) was turned away at \(milliseconds(time)), and n\(call.proxies.first ?? 0) had \(held) calls to \(call.service) in hand: there are \(limits.permits) permits and \(limits.places) places."
    )
  }

  private func requirePlaces(at time: Int) throws(Violation) {
    guard areLinksOrdinary else { return }
    for (proxy, service) in Set(
      open.compactMap { entries[$0]?.call }.map { Way(proxy: $0.proxies.first, service: $0.service) }
    )
    .map({ ($0.proxy, $0.service) }) {
      let untroubled = held(proxy, service, before: time - margin).filter {
        !$0.hasTrouble(at: time, limits, delay: delay)
      }
      guard untroubled.count > limits.permits + limits.places else { continue }
      throw violation(
        "No more wait than there are places",
        "n\(proxy ?? 0) has \(untroubled.count) calls to \(service) in hand at \(milliseconds(time)): there are \(limits.permits) permits and \(limits.places) places."
      )
    }
  }

  private struct Way: Hashable {
    let proxy: Int?
    let service: String
  }

  // MARK: Words

  private func words(_ saying: Saying) -> String {
    switch saying {
    case .answer: "answered"
    case .refusal: "refused"
    case .failure: "failed at"
    case .busy: "been too busy for"
    case .silence: "said nothing to"
    }
  }

  private func words(_ repetition: Call.Repetition) -> String {
    switch repetition {
    case .freely: "as one that may be repeated"
    case .never: "as one that must not be repeated"
    case .withKey(let key): "with the key \(key)"
    }
  }

  private func words(_ ending: Ending) -> String {
    switch ending {
    case .answered: "answered"
    case .refused: "refused"
    case .givenUp: "given up"
    case .overloaded: "turned away"
    }
  }

  private func milliseconds(_ microseconds: Int) -> String { "\(microseconds / 1_000) ms" }

  private func violation(_ property: String, _ evidence: String) -> Violation {
    Violation(property: property, section: "contract", evidence: evidence, nodes: [])
  }
}
