import Synchronization

/// What a program showed in a run that is not judged, or why it showed nothing.
public enum Observation<Value: Sendable>: Sendable {
  case made(Value)
  case prevented(Outcome, message: String)

  public func map<Other: Sendable>(_ transform: (Value) -> Other) -> Observation<Other> {
    switch self {
    case .made(let value): .made(transform(value))
    case .prevented(let outcome, let message): .prevented(outcome, message: message)
    }
  }
}

extension SuiteRunner {
  /// Runs a program's nodes once, with the base seed, and hands over what was seen.
  ///
  /// - Parameter name: what the run is called, such as "2B.chart".
  public func observe<Value: Sendable>(
    _ name: String, program: String, nodes: Int = 1, _ look: @escaping @Sendable (Trial) throws -> Value
  ) -> Observation<Value> {
    let seen = Seen<Value>()
    let scenario = Scenario(name, name, points: 0, seeds: 1, program: program, clusterSizes: [nodes]) {
      trial in
      let value = try look(trial)
      seen.value.withLock { $0 = value }
    }
    let result = runSeed(scenario, baseSeed, ProcessPool(program: self.program))
    if let value = seen.value.withLock({ $0 }) { return .made(value) }
    return .prevented(result.outcome, message: result.message ?? result.outcome.words)
  }

  private final class Seen<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
  }
}
