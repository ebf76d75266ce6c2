import Dispatch
import Foundation

/// Runs one seed in other ways than the suite did, and says what differs and why.
///
/// The same seed must give the same trace in one process and in several, in a fresh process and in a used one. Where
/// it does not, a node reads a clock or the system's random source, or shares state with another node or with an
/// earlier run. The order of sets and dictionaries is told apart from these: it differs between processes for a
/// correct node as well, and costs no points.
public struct IsolationCheck: Sendable {
  /// What a check found.
  public enum Finding: Sendable, Equatable {
    /// Two runs of one seed differ through the node's own fault.
    case nonDeterministic(String, parting: TraceDivergence?)
    /// Two runs differ by the order in which a set or dictionary is gone through.
    case hashOrder(String)
  }

  private let runner: SuiteRunner

  /// `runner` has the program, and says whether the ordinary runs were together or apart.
  public init(_ runner: SuiteRunner) { self.runner = runner }

  private enum Way: String {
    case together = "in one process"
    case apart = "apart"
    case scattered = "apart, with random hashing"
  }

  private func run(_ scenario: Scenario, _ seed: UInt64, _ way: Way, recording: Recording = .nothing)
    -> SuiteRunner.SeedResult
  {
    var runner = runner
    runner.isApart = way != .together
    let pool = ProcessPool(program: runner.program, usesRandomHashing: way == .scattered)
    return runner.runSeed(scenario, seed, pool, recording: recording)
  }

  /// Checks a seed that passed, with the digest that its trace had then. Nil if all is well.
  public func finding(for scenario: Scenario, seed: UInt64, digest: UInt64) -> Finding? {
    let others = Results(2)
    // What the suite ran together is run apart, and the other way round.
    let other: Way = runner.isApart ? .together : .apart
    DispatchQueue.concurrentPerform(iterations: 2) { number in
      others[number] = run(scenario, seed, number == 0 ? other : .scattered)
    }
    guard let way = others[0], let scattered = others[1] else { return nil }
    // An error in lab is no evidence against anyone.
    guard way.outcome != .labError, scattered.outcome != .labError else { return nil }
    if way.digest == digest && scattered.digest == digest { return nil }
    return cause(scenario, seed, digest)
  }

  /// Checks that a seed that failed fails again in the same way. Nil if it does.
  public func findingOfRepetition(of scenario: Scenario, seed: UInt64, digest: UInt64) -> Finding? {
    let way: Way = runner.isApart ? .apart : .together
    let again = run(scenario, seed, way)
    if again.digest == digest || again.outcome == .labError { return nil }
    return cause(scenario, seed, digest)
  }

  // MARK: Causes

  /// Finds out why runs of one seed differ, by running it again in each way.
  private func cause(_ scenario: Scenario, _ seed: UInt64, _ digest: UInt64) -> Finding? {
    let ordinary: Way = runner.isApart ? .apart : .together
    let once = run(scenario, seed, ordinary, recording: .trace)
    let twice = run(scenario, seed, ordinary, recording: .trace)
    if once.digest != twice.digest {
      let parting = parting(once, "first", twice, "second")
      return .nonDeterministic(
        """
        Two runs of this seed differ, although nothing in their world does. Does a node read the clock, or \
        random numbers of the system's? The context has both.
        \(words(parting, once, twice))
        """, parting: parting)
    }
    let apart = ordinary == .apart ? once : run(scenario, seed, .apart, recording: .trace)
    // A set of two has few orders: one run may well hit the same one.
    let scattered = (0..<4).lazy.map { _ in run(scenario, seed, .scattered, recording: .trace) }
      .first { $0.digest != apart.digest }
    let together = ordinary == .together ? once : run(scenario, seed, .together, recording: .trace)
    if scattered == nil, together.digest != apart.digest {
      let parting = parting(together, "one process", apart, "a process each")
      return .nonDeterministic(
        """
        The nodes share something: in one process they do not do what they do in a process each. Keep all that \
        a node knows in stored properties of its own, without globals, locks and shared classes.
        \(words(parting, together, apart))
        """, parting: parting)
    }
    if once.digest != digest { return remembering(scenario, seed, once, ordinary) }
    guard let scattered else { return nil }
    return .hashOrder(
      """
      The order of a set or dictionary decides what a node does; it is another one in every process. Sort before \
      you go through it.
      \(words(parting(apart, "one order", scattered, "another"), apart, scattered))
      """)
  }

  /// A fresh process repeats itself, a used one did something else: the program remembers an earlier run.
  private func remembering(
    _ scenario: Scenario, _ seed: UInt64, _ fresh: SuiteRunner.SeedResult, _ way: Way
  ) -> Finding {
    var runner = runner
    runner.isApart = way != .together
    let pool = ProcessPool(program: runner.program)
    var used = fresh
    for number in 1...3 where used.digest == fresh.digest {
      _ = runner.runSeed(scenario, SuiteRunner.seed(number, base: ~seed), pool)
      used = runner.runSeed(scenario, seed, pool, recording: .trace)
    }
    let parting = used.digest == fresh.digest ? nil : parting(fresh, "fresh", used, "used")
    let end = used.digest == fresh.digest ? "" : "\n" + words(parting, fresh, used)
    return .nonDeterministic(
      """
      The program remembers earlier runs: this seed does something else in a process that has run other seeds. \
      Keep all that a node knows in its stored properties, without globals.\(end)
      """, parting: parting)
  }

  private func parting(
    _ first: SuiteRunner.SeedResult, _ firstName: String, _ second: SuiteRunner.SeedResult,
    _ secondName: String
  ) -> TraceDivergence? {
    try? TraceDivergence(
      between: first.trace, named: firstName, and: second.trace, named: secondName)
  }

  private func words(
    _ parting: TraceDivergence?, _ first: SuiteRunner.SeedResult, _ second: SuiteRunner.SeedResult
  ) -> String {
    parting?.description
      ?? "Their traces are the same; their ends are not: \(end(first)); \(end(second))"
  }

  private func end(_ result: SuiteRunner.SeedResult) -> String { result.message ?? result.outcome.words }

  /// Results of runs at once, each written by one of them.
  private final class Results: @unchecked Sendable {
    // Every access holds the lock.
    private let lock = NSLock()
    private var results: [SuiteRunner.SeedResult?]
    init(_ count: Int) { results = Array(repeating: nil, count: count) }
    subscript(number: Int) -> SuiteRunner.SeedResult? {
      get { lock.withLock { results[number] } }
      set { lock.withLock { results[number] = newValue } }
    }
  }
}
