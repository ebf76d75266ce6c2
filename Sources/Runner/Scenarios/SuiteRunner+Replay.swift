/// Running a failure again, to see more of it.
extension SuiteRunner {
  /// Runs a recorded failure again: what it comes to now, and the whole trace of it.
  public func replay(
    _ scenario: Scenario, seed: UInt64, recorded: Outcome, alterations: Alterations = .none
  ) -> SeedResult {
    // The traces of a run that is not deterministic are compared.
    var result = run(
      scenario, seed, recording: recorded == .nonDeterministic ? .trace : .traceWithSources, alterations)
    if result.outcome.isEndOfProgram {
      if let end = lastHandler(of: scenario, seed: seed, outcome: result.outcome) {
        result.message = (result.message ?? "") + end.words
        result.trace = end.trace
      }
    } else if recorded == .nonDeterministic,
      case .nonDeterministic(let message, let parting)? = IsolationCheck(self).finding(
        for: scenario, seed: seed, digest: result.digest)
    {
      result.outcome = .nonDeterministic
      result.message = message
      result.parting = parting
    }
    return result
  }

  /// How often a scattered scenario is run, at most, until it fails: no two of its runs are alike.
  public static var triesOfScattered: Int { 20 }

  private func run(
    _ scenario: Scenario, _ seed: UInt64, recording: Recording, _ alterations: Alterations
  ) -> SeedResult {
    let pool = ProcessPool(program: program)
    var result = runSeed(scenario, seed, pool, recording: recording, alterations: alterations)
    guard scenario.isScattered else { return result }
    for _ in 1..<Self.triesOfScattered where result.outcome == .passed {
      // A process keeps the order that its sets have.
      pool.discard()
      result = runSeed(scenario, seed, pool, recording: recording, alterations: alterations)
    }
    return result
  }

  /// What a node was handling when a program ended, in a line of its own, and the trace up to there.
  ///
  /// A program that is gone has taken the end of its trace with it. With each node in a process of its own the trace
  /// is kept by `lab`, up to the very handler. Nil if the seed does not come to the same end that way.
  func lastHandler(of scenario: Scenario, seed: UInt64, outcome: Outcome) -> (words: String, trace: [UInt8])?
  {
    var runner = self
    runner.isApart = true
    let again = runner.runSeed(scenario, seed, ProcessPool(program: program), recording: .trace)
    guard again.outcome == outcome, let records = try? TraceText.records(again.trace),
      let last = records.last(where: \.isEvent)
    else { return nil }
    return ("\nThe handler: \(last.text), at \(last.time) of virtual time", again.trace)
  }
}
