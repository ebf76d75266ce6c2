import LabKit

/// Keeps calls from a service that fails. Stage 4A.
///
/// All of it is yours: change what it holds, what its functions take and what they are called. Nothing but `Caller` uses it.
struct CircuitBreaker: Hashable {
  enum State: Hashable {
    case closed, open, halfOpen
  }

  let settings: BreakerSettings
  var state = State.closed
  /// When it opened last.
  var openSince = Duration.zero
  /// How many calls have failed since the last success.
  var failures = 0

  init(_ settings: BreakerSettings) { self.settings = settings }

  /// Whether a call may go through now.
  mutating func admit(at now: Duration) -> Bool {
    notImplemented()
  }

  /// Takes note of how a call ended that was let through.
  mutating func note(isFailure: Bool, at now: Duration) {
    notImplemented()
  }
}
