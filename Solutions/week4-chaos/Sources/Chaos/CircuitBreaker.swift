import LabKit

/// Keeps calls from a service that fails: after too many failures it rejects them for a while, then it lets a probe through at
/// a time, until it trusts the service again (Nygard, "Release It!", 2nd edition, 2018, chapter 5). Stage 4A.
///
/// Its times are those of a clock that never goes back.
struct CircuitBreaker: Hashable {
  /// The leave to make a call. How the call ends counts only as long as the breaker is in the state that gave it.
  struct Pass: Hashable {
    fileprivate let generation: Int
  }

  enum State: Hashable {
    case closed(RecentOutcomes)
    case open(since: Duration)
    case halfOpen(successes: Int, isProbing: Bool)
  }

  let settings: BreakerSettings
  private(set) var state: State
  /// How often the state has changed.
  private var generation = 0

  init(_ settings: BreakerSettings) {
    self.settings = settings
    state = .closed(RecentOutcomes(limit: settings.limit))
  }

  /// The leave to make a call now, or nil: it is rejected.
  mutating func admit(at now: Duration) -> Pass? {
    if case .open(let since) = state, now - since >= .milliseconds(settings.openMilliseconds) {
      change(to: .halfOpen(successes: 0, isProbing: false))
    }
    switch state {
    case .closed: break
    case .open, .halfOpen(_, isProbing: true): return nil
    case .halfOpen(let successes, isProbing: false):
      state = .halfOpen(successes: successes, isProbing: true)
    }
    return Pass(generation: generation)
  }

  /// Takes note of how a call ended that was let through.
  mutating func note(isFailure: Bool, of pass: Pass, at now: Duration) {
    guard pass.generation == generation else { return }
    switch state {
    case .closed(var outcomes):
      outcomes.append(isFailure: isFailure)
      state = .closed(outcomes)
      if outcomes.hasReachedLimit { change(to: .open(since: now)) }
    case .halfOpen where isFailure:
      change(to: .open(since: now))
    case .halfOpen(let successes, _) where successes + 1 < settings.probes:
      state = .halfOpen(successes: successes + 1, isProbing: false)
    case .halfOpen:
      change(to: .closed(RecentOutcomes(limit: settings.limit)))
    case .open: return
    }
  }

  private mutating func change(to state: State) {
    self.state = state
    generation += 1
  }
}
