import LabKit

/// Looks for the run that is nearest to a failing one and keeps the promise: the same choices less one fault.
///
/// What it leaves out is what the failure needs. Of several faults without which the promise holds, it takes the one
/// after which the two runs are the same for longest.
public struct NearestPass: Sendable {
  public let runner: SuiteRunner
  public let scenario: Scenario
  public let seed: UInt64
  /// Those of the failing run.
  public let alterations: Alterations
  /// No try is begun later.
  public let deadline: ContinuousClock.Instant

  public init(
    _ runner: SuiteRunner, _ scenario: Scenario, seed: UInt64, _ alterations: Alterations,
    for duration: Duration = .seconds(5)
  ) {
    self.runner = runner
    self.scenario = scenario
    self.seed = seed
    self.alterations = alterations
    deadline = .now + duration
  }

  /// A run that keeps the promise.
  public struct Found: Sendable {
    public let alterations: Alterations
    /// What it came to, with its trace.
    public let result: SuiteRunner.SeedResult
    /// The message that fares as on an ordinary link in it, if that is the difference.
    public let message: LinkMessage?
  }

  /// - Parameter failing: what the failing run came to, with its trace.
  /// - Returns: nil if the promise is broken whatever fault is left out.
  public func find(_ failing: SuiteRunner.SeedResult) -> Found? {
    let pool = ProcessPool(program: runner.program)
    var nearest: (found: Found, common: Int)?
    for (candidate, message) in candidates(failing) where ContinuousClock.now < deadline {
      let result = runner.runSeed(
        scenario, seed, pool, recording: .traceWithSources, alterations: candidate)
      guard keepsPromise(result, failing) else { continue }
      let common = zip(failing.trace, result.trace).prefix { $0 == $1 }.count
      if common > nearest?.common ?? -1 {
        nearest = (Found(alterations: candidate, result: result, message: message), common)
      }
    }
    return nearest?.found
  }

  /// A shrunken run may end otherwise than its scenario wants, for most of that was left out: what counts is that nothing
  /// breaks that must always hold.
  private func keepsPromise(_ result: SuiteRunner.SeedResult, _ failing: SuiteRunner.SeedResult) -> Bool {
    switch result.outcome {
    case .passed: true
    case .failed, .notExercised:
      failing.isUnconditional && !result.isUnconditional && result.property != failing.property
    default: false
    }
  }

  private func candidates(_ failing: SuiteRunner.SeedResult) -> [(Alterations, LinkMessage?)] {
    let steps = failing.steps.indices.filter {
      failing.steps[$0] == .fault && !alterations.leftOut.contains($0)
    }
    let withoutStep = steps.map { step in
      var candidate = alterations
      candidate.leftOut.insert(step)
      return (candidate, LinkMessage?.none)
    }
    let messages = alterations.extraordinary ?? ExtraordinaryMessages.of(failing.trace)
    let withoutMessage = messages.map { message in
      var candidate = alterations
      candidate.extraordinary = messages.filter { $0 != message }
      return (candidate, LinkMessage?.some(message))
    }
    return withoutStep + withoutMessage
  }
}
