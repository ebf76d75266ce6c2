import Foundation
import LabKit

/// Runs the same seeds over and over, in fresh processes, together and apart, with and without some of the
/// processor's instructions, and counts how many traces differ.
public struct DeterminismSurvey: Sendable {
  /// A way to run a seed.
  public struct Way: Sendable, Hashable, CustomStringConvertible {
    public let isApart: Bool
    /// Whether the C library may use fused multiply-add and what comes with it.
    public let usesEveryInstruction: Bool

    public var description: String {
      (isApart ? "apart" : "together") + (usesEveryInstruction ? "" : ", without FMA and AVX2")
    }
  }

  /// What became of the runs in one way.
  public struct Row: Sendable {
    public let way: Way
    public var runs = 0
    public var calls = 0
    /// Seeds whose trace differed from that of their first run, with what ran then.
    public var differing: [(scenario: String, seed: UInt64)] = []
  }

  /// What the dynamic loader of this C library is told, to leave out the variants of `libm` and `string` functions
  /// that use these instructions. Names that it does not know it passes over.
  public static let withoutFusedMultiplyAdd =
    "glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2,-AVX2_Usable,-FMA_Usable,-FMA4_Usable,-AVX512F,-AVX512VL,-AVX512BW,-ERMS"

  public static let ways = [true, false].flatMap { every in
    [false, true].map { Way(isApart: $0, usesEveryInstruction: every) }
  }

  private let program: String
  private let baseSeed: UInt64

  public init(program: String, baseSeed: UInt64) {
    self.program = program
    self.baseSeed = baseSeed
  }

  /// Runs `runs` seeds in all, dealt out over the scenarios and the four ways; every run in fresh processes.
  ///
  /// A seed is run in all ways, so that each way is compared with every other. `progress` is told how many runs have
  /// ended.
  public func rows(
    of scenarios: [Scenario], runs: Int, progress: @Sendable @escaping (Int) -> Void = { _ in }
  ) -> [Row] {
    let tally = Tally()
    let rounds = max(1, (runs + Self.ways.count - 1) / Self.ways.count)
    DispatchQueue.concurrentPerform(iterations: rounds) { round in
      let scenario = scenarios[round % scenarios.count]
      // Four seeds a scenario, again and again: a trace must be the same on any day of the process's life.
      let seed = SuiteRunner.seed(round / scenarios.count % 4, base: baseSeed)
      for way in Self.ways {
        var runner = SuiteRunner(program: program, baseSeed: seed)
        runner.isApart = way.isApart
        let tunables = way.usesEveryInstruction ? nil : Self.withoutFusedMultiplyAdd
        let pool = ProcessPool(program: program, tunables: tunables, worker: round)
        let result = runner.runSeed(scenario, seed, pool)
        progress(tally.add(result, way, scenario, seed))
      }
    }
    return Self.ways.map { tally.row($0) }
  }

  /// What the runs have come to, behind a lock.
  private final class Tally: @unchecked Sendable {
    // Every access to the fields below holds the lock.
    private let lock = NSLock()
    private var expected: [String: (digest: UInt64, outcome: Outcome)] = [:]
    private var rows: [Way: Row] = [:]
    private var count = 0

    func add(_ result: SuiteRunner.SeedResult, _ way: Way, _ scenario: Scenario, _ seed: UInt64) -> Int {
      lock.withLock {
        let key = "\(scenario.id) \(seed)"
        var row = rows[way] ?? Row(way: way)
        row.runs += 1
        row.calls += result.calls
        if let (digest, outcome) = expected[key] {
          if result.digest != digest || result.outcome != outcome {
            row.differing.append((scenario.id, seed))
          }
        } else {
          expected[key] = (result.digest, result.outcome)
        }
        rows[way] = row
        count += 1
        return count
      }
    }

    func row(_ way: Way) -> Row { lock.withLock { rows[way] ?? Row(way: way) } }
  }
}
