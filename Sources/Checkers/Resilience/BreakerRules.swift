/// Whether a circuit breaker lets through what it must and rejects what it must (Nygard, "Release It!", 2nd edition, 2018,
/// chapter 5): an automaton that is told, in their order, which calls of one service were let through or rejected, and how
/// those that were let through have ended.
///
/// Times are in microseconds.
public struct BreakerRules: Sendable {
  /// Which failures open a closed breaker.
  public enum Limit: Hashable, Sendable {
    /// So many failures, and no success between them.
    case inARow(Int)
    /// At least so many in a hundred of the last `window` outcomes, once there are `least`.
    case share(percent: Int, window: Int, least: Int)
  }

  private enum State: Sendable {
    /// The outcomes that count, the oldest first.
    case closed([Outcome])
    case open(since: Int, why: String)
    /// What the probes that succeeded were, and the one that is under way.
    case halfOpen(since: Int, succeeded: [String], probe: String?)
  }

  private struct Outcome: Sendable {
    let call: String
    let isFailure: Bool
  }

  /// The service's name.
  public let service: String
  private let limit: Limit
  private let openMicroseconds: Int
  private let probes: Int
  private var state = State.closed([])
  /// How often the state has changed: a call counts only in the state that let it through.
  private var generation = 0
  /// The calls under way, with the state that let them through.
  private var calls: [String: Int] = [:]
  /// How many calls have ended in a later state than the one that let them through.
  public private(set) var lateOutcomes = 0
  /// How often the breaker has opened.
  public private(set) var openings = 0

  public init(service: String, limit: Limit, openMicroseconds: Int, probes: Int) {
    self.service = service
    self.limit = limit
    self.openMicroseconds = openMicroseconds
    self.probes = probes
  }

  /// When an open breaker becomes half-open; nil if it is not open.
  public var endOfPause: Int? {
    if case .open(let since, _) = state { since + openMicroseconds } else { nil }
  }

  // MARK: As it happens

  /// Takes note of a call that was let through.
  ///
  /// - Throws: the rule that it breaks.
  public mutating func letThrough(_ call: String, at time: Int) throws(Violation) {
    halfOpenIfDue(at: time)
    switch state {
    case .closed: break
    case .open(let since, let why):
      throw violation(
        "An open breaker lets nothing through",
        "\(call) was let through to \(service) at \(words(time)). Its breaker has been open since \(words(since)), because \(why), and stays so until \(words(since + openMicroseconds))."
      )
    case .halfOpen(_, _, let probe?):
      throw violation(
        "One probe at a time",
        "\(call) was let through to \(service) at \(words(time)). Its breaker is half-open, and \(probe), the probe, has not ended."
      )
    case .halfOpen(let since, let succeeded, nil):
      state = .halfOpen(since: since, succeeded: succeeded, probe: call)
    }
    calls[call] = generation
  }

  /// Takes note of a call that was rejected.
  ///
  /// - Throws: the rule that it breaks.
  public mutating func rejected(_ call: String, at time: Int) throws(Violation) {
    halfOpenIfDue(at: time)
    switch state {
    case .open, .halfOpen(_, _, _?): return
    case .closed(let outcomes):
      throw violation(
        "A closed breaker lets everything through",
        "\(call) to \(service) was rejected at \(words(time)). Its breaker is closed: \(words(outcomes)).")
    case .halfOpen(let since, let succeeded, nil):
      let words =
        succeeded.isEmpty
        ? "and no probe is under way"
        : "\(succeeded.joined(separator: ", ")) succeeded, of \(probes) probes that must, and none is under way"
      throw violation(
        "A half-open breaker lets a probe through",
        "\(call) to \(service) was rejected at \(self.words(time)). Its breaker has been half-open since \(self.words(since)), \(words)."
      )
    }
  }

  /// Takes note of how a call ended that was let through.
  public mutating func ended(_ call: String, isFailure: Bool, at time: Int) {
    halfOpenIfDue(at: time)
    guard let generation = calls.removeValue(forKey: call) else { return }
    guard generation == self.generation else {
      lateOutcomes += 1
      return
    }
    switch state {
    case .closed(let outcomes):
      let outcomes = recent(outcomes + [Outcome(call: call, isFailure: isFailure)])
      state = .closed(outcomes)
      if let why = reasonToOpen(outcomes) { open(at: time, why) }
    case .open: return
    case .halfOpen where isFailure: open(at: time, "\(call), the probe, failed")
    case .halfOpen(let since, let succeeded, _) where succeeded.count + 1 < probes:
      state = .halfOpen(since: since, succeeded: succeeded + [call], probe: nil)
    case .halfOpen: change(to: .closed([]))
    }
  }

  // MARK: The automaton

  private mutating func change(to state: State) {
    self.state = state
    generation += 1
  }

  private mutating func open(at time: Int, _ why: String) {
    change(to: .open(since: time, why: why))
    openings += 1
  }

  private mutating func halfOpenIfDue(at time: Int) {
    guard let end = endOfPause, time >= end else { return }
    change(to: .halfOpen(since: end, succeeded: [], probe: nil))
  }

  /// Those outcomes that still count.
  private func recent(_ outcomes: [Outcome]) -> [Outcome] {
    switch limit {
    case .inARow: Array(outcomes.suffix(while: \.isFailure))
    case .share(_, let window, _): outcomes.suffix(window)
    }
  }

  private func reasonToOpen(_ outcomes: [Outcome]) -> String? {
    let failed = outcomes.filter(\.isFailure)
    switch limit {
    case .inARow(let count):
      guard failed.count >= count else { return nil }
      return count == 1 ? "\(names(failed)) failed" : "\(names(failed)) failed in a row"
    case .share(let percent, _, let least):
      guard outcomes.count >= least, failed.count * 100 >= percent * outcomes.count else { return nil }
      return "\(failed.count) of the last \(outcomes.count) calls failed"
    }
  }

  // MARK: Words

  private func words(_ outcomes: [Outcome]) -> String {
    let failed = outcomes.filter(\.isFailure)
    switch limit {
    case .inARow(let count):
      return
        "\(failed.isEmpty ? "nothing" : names(failed)) failed since the last success, and it takes \(count) to open it"
    case .share(let percent, _, let least):
      let limit =
        outcomes.count < least ? "\(least) are the least to judge by" : "it takes \(percent) in a hundred"
      return "\(failed.count) of the last \(outcomes.count) calls failed, and \(limit)"
    }
  }

  private func names(_ outcomes: [Outcome]) -> String {
    let names = outcomes.map(\.call)
    guard let last = names.last, names.count > 1 else { return names.first ?? "" }
    return "\(names.dropLast().joined(separator: ", ")) and \(last)"
  }

  private func words(_ microseconds: Int) -> String {
    "\(microseconds / 1_000).\(microseconds / 100 % 10) ms"
  }

  private func violation(_ property: String, _ evidence: String) -> Violation {
    Violation(property: property, section: "Nygard, 2018, chapter 5", evidence: evidence, nodes: [])
  }
}

extension Array {
  /// The longest end of the array whose elements all satisfy a condition.
  fileprivate func suffix(while condition: (Element) -> Bool) -> ArraySlice<Element> {
    self[(lastIndex { !condition($0) }.map { $0 + 1 } ?? startIndex)...]
  }
}
