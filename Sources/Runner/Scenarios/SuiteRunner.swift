import Checkers
import Foundation
import LabKit

/// What became of one scenario over its seeds.
public struct ScenarioResult: Sendable {
  public let scenario: Scenario
  public var outcome: Outcome
  public var seedsRun = 0
  public var seedsFailed = 0
  public var failingSeed: UInt64?
  public var nodeCount = 0
  public var message: String?
  public var virtualMilliseconds = 0
  public var wallMilliseconds = 0
  public var calls = 0
  /// A seed that passed, with its trace's digest: the last one, whose process had run others before.
  public var sample: (seed: UInt64, digest: UInt64)?
  /// The worst of what was measured against a bound, where the runner keeps it.
  public var measurements: [BoundedQuantity] = []
  /// The digest of the failing seed's trace.
  public var failingDigest: UInt64 = 0
  /// Where two runs of the failing seed part, if it is not deterministic.
  public var parting: TraceDivergence?
  /// What costs no points and should be known: a hint at the order of a set.
  public var remark: String?
  /// The remark with the scenario that it came up in.
  public var namedRemark: String? { remark.map { "\(scenario.id): \($0)" } }

  /// What all seeds came to together, if they were judged together.
  public var pooled: Pool.Verdict?

  public var points: Int { outcome == .passed ? scenario.points : pooled?.points ?? 0 }

  public init(scenario: Scenario, outcome: Outcome) {
    self.scenario = scenario
    self.outcome = outcome
  }
}

/// Runs scenarios over seeds, on all cores, against a built program.
public struct SuiteRunner: Sendable {
  public let program: String
  public var baseSeed: UInt64
  public var workers = max(1, ProcessInfo.processInfo.activeProcessorCount)
  public var isApart = false
  /// Told, on any thread, how many seeds of the running scenario have ended.
  public var seedEnded: (@Sendable (_ count: Int) -> Void)?
  /// Whether results hold what the scenarios measured.
  public var keepsMeasurements = false
  /// No seed is begun after this instant.
  public var deadline: ContinuousClock.Instant?

  public init(program: String, baseSeed: UInt64) {
    self.program = program
    self.baseSeed = baseSeed
  }

  /// The first seed is the base itself, so that `--seed S --seeds 1` runs exactly S.
  public static func seed(_ number: Int, base: UInt64) -> UInt64 {
    number == 0 ? base : Mixing.combine(base, UInt64(number))
  }

  /// The world that a seed stands for.
  public static func configuration(
    _ scenario: Scenario, seed: UInt64, alterations: Alterations = .none
  ) -> WorldConfiguration {
    let seed = alterations.seed ?? seed
    var stream = RandomStream(seed: Mixing.combine(seed, 0x73697A65))
    let members = alterations.nodes ?? stream.element(of: scenario.clusterSizes)
    return WorldConfiguration(
      seed: seed, nodes: GivenNodes.beside(scenario.program).count + members + scenario.spareNodes,
      firstMembers: members, program: scenario.program)
  }

  /// What one seed came to.
  public struct SeedResult: Sendable {
    public var outcome: Outcome
    public var message: String?
    public var virtualMilliseconds = 0
    public var calls = 0
    public var digest: UInt64 = 0
    public var trace: [UInt8] = []
    /// The property that broke, if one did.
    public var violation: Violation?
    /// How many records of the trace the judge had seen when the seed ended.
    public var recordsSeen = 0
    /// How many of them are something that happened to a node.
    public var eventsSeen = 0
    /// How many of these came after the first fault, the fault itself among them.
    public var eventsSinceFault = 0
    /// What the clients asked for, by the number of the request, if the trace was recorded.
    public var requestBodies: [Int: [UInt8]] = [:]
    public var measurements: [BoundedQuantity] = []
    /// What it adds to the sum over all seeds.
    public var tally = Tally()
    /// Whether it had to hold whatever the scenario did or left out.
    public var isUnconditional = false
    /// What the scenario did that a smaller run may do without.
    public var steps: [Step] = []
    /// All that was sent to the program, if the trace was recorded and the nodes ran together.
    public var framesSent: [[UInt8]]?
    /// Where two runs of the seed part, if it is not deterministic.
    public var parting: TraceDivergence?
    /// What the clients of a key-value service did, if the seed did not pass; empty if there were none.
    public var clientOperations: [Checkers.Operation<KeyValueInput, KeyValueOutput>] = []

    /// The name of the property that broke.
    public var property: String? { violation?.property }
  }

  /// Runs a scenario over seeds; stops at the first seed that does not pass, unless told to keep going.
  ///
  /// For an inconclusive seed another is drawn. After ten of them, and more of them than others, the scenario is not
  /// exercised.
  public func run(_ scenario: Scenario, seeds: Int? = nil, keepsGoing: Bool = false) -> ScenarioResult {
    let count = seeds ?? scenario.seeds
    let shared = Shared(count: count, keepsGoing: keepsGoing)
    let started = ContinuousClock.now
    DispatchQueue.concurrentPerform(iterations: min(workers, count)) { worker in
      let pool = ProcessPool(program: program, worker: worker)
      while deadline.map({ ContinuousClock.now < $0 }) ?? true, let number = shared.next() {
        let seed = Self.seed(number, base: baseSeed)
        let result = runSeed(scenario, seed, pool)
        let ended = shared.add(result, number, seed, Self.configuration(scenario, seed: seed).nodes)
        seedEnded?(ended)
      }
    }
    return shared.result(of: scenario, wall: ContinuousClock.now - started)
  }

  /// Runs one seed, in processes of a pool.
  public func runSeed(
    _ scenario: Scenario, _ seed: UInt64, _ pool: ProcessPool, recording: Recording = .nothing,
    alterations: Alterations = .none
  ) -> SeedResult {
    guard isApart || scenario.isScattered else {
      return runSeedHere(scenario, seed, pool, recording, alterations)
    }
    return OneProcessor.keep(number: pool.worker) {
      runSeedHere(scenario, seed, pool, recording, alterations)
    }
  }

  private func runSeedHere(
    _ scenario: Scenario, _ seed: UInt64, _ pool: ProcessPool, _ recording: Recording,
    _ alterations: Alterations
  ) -> SeedResult {
    let configuration = Self.configuration(scenario, seed: seed, alterations: alterations)
    let isApart = isApart || scenario.isScattered
    var trial: Trial?
    var together: TogetherWorld?
    func result(_ outcome: Outcome, _ message: String? = nil, _ violation: Violation? = nil) -> SeedResult {
      SeedResult(
        outcome: outcome, message: message, virtualMilliseconds: trial?.nowMilliseconds ?? 0,
        calls: trial?.calls ?? 0, digest: trial?.digest.final ?? 0, trace: trial?.recording ?? [],
        violation: violation, recordsSeen: trial?.recordsSeen ?? 0,
        eventsSeen: trial?.eventsSeen ?? 0, eventsSinceFault: trial?.eventsSinceFault ?? 0,
        requestBodies: trial?.requestBodies ?? [:],
        measurements: keepsMeasurements ? trial?.measurements ?? [] : [], tally: trial?.tally ?? Tally(),
        isUnconditional: trial?.isUnconditional ?? false, steps: outcome == .passed ? [] : trial?.steps ?? [],
        framesSent: together?.framesSent,
        clientOperations: outcome == .passed ? [] : trial?.clientOperations ?? [])
    }
    do {
      let processes = try pool.processes(
        isApart ? configuration.nodes - configuration.givenNodes : 1, areScattered: scenario.isScattered)
      let world: any SimulatedWorld
      if isApart {
        world = try ApartWorld(processes, configuration)
      } else {
        let beside = try TogetherWorld(
          processes[0], configuration, keepsFrames: recording != .nothing)
        together = beside
        world = beside
      }
      let running = Trial(
        world: world, configuration: configuration, recording: recording, alterations: alterations)
      trial = running
      try scenario.run(running)
      return result(.passed)
    } catch let violation as Violation {
      pool.discard()
      return result(.failed, violation.description, violation)
    } catch let reason as NotExercised {
      return result(.notExercised, reason.reason)
    } catch let reason as Undecided {
      return result(.undecided, reason.reason)
    } catch let trouble as ProgramTrouble {
      pool.discard()
      return result(trouble.outcome, trouble.message)
    } catch let error as WireError {
      pool.discard()
      return result(.exited, "the program sent what is no trace: \(error)")
    } catch {
      pool.discard()
      return result(.labError, "\(error)")
    }
  }

  /// What the workers of one scenario share, behind a lock.
  private final class Shared: @unchecked Sendable {
    // Every access to the fields below holds the lock.
    private let lock = NSLock()
    private var count: Int
    private let keepsGoing: Bool
    private var taken = 0
    private var isStopped = false
    private var inconclusive = 0
    private var results: [(number: Int, seed: UInt64, nodes: Int, result: SeedResult)] = []

    init(count: Int, keepsGoing: Bool) {
      self.count = count
      self.keepsGoing = keepsGoing
    }

    func next() -> Int? {
      lock.withLock {
        guard taken < count, !isStopped else { return nil }
        defer { taken += 1 }
        return taken
      }
    }

    /// Seeds that came to something are rarer than those that did not.
    private var isHopeless: Bool { inconclusive >= 10 && inconclusive > results.count - inconclusive }

    /// Returns how many there are now.
    func add(_ result: SeedResult, _ number: Int, _ seed: UInt64, _ nodes: Int) -> Int {
      lock.withLock {
        results.append((number, seed, nodes, result))
        switch result.outcome {
        case .passed: break
        case .notExercised:
          inconclusive += 1
          count += 1
          isStopped = isStopped || isHopeless
        default: isStopped = isStopped || !keepsGoing
        }
        return results.count
      }
    }

    func result(of scenario: Scenario, wall: Duration) -> ScenarioResult {
      lock.withLock {
        let ordered = results.sorted { $0.number < $1.number }
        var summary = ScenarioResult(scenario: scenario, outcome: .passed)
        summary.seedsRun = ordered.count
        summary.virtualMilliseconds = ordered.reduce(0) { $0 + $1.result.virtualMilliseconds }
        summary.measurements = ordered.flatMap(\.result.measurements).worst
        summary.calls = ordered.reduce(0) { $0 + $1.result.calls }
        summary.wallMilliseconds = Int(wall / .milliseconds(1))
        summary.sample = ordered.last { $0.result.outcome == .passed }.map { ($0.seed, $0.result.digest) }
        let failed = ordered.filter { $0.result.outcome != .passed && $0.result.outcome != .notExercised }
        summary.seedsFailed = failed.count
        if let first = failed.first {
          summary.outcome = first.result.outcome
          summary.message = first.result.message
          summary.failingSeed = first.seed
          summary.failingDigest = first.result.digest
          summary.nodeCount = first.nodes
        } else if let idle = ordered.first(where: { $0.result.outcome == .notExercised }), isHopeless {
          summary.outcome = .notExercised
          summary.message = idle.result.message
        } else if ordered.isEmpty {
          summary.outcome = .notExercised
          summary.message = "no seed was run"
        } else if let pool = scenario.pool {
          summary.judgeTogether(ordered.map(\.result.tally), by: pool)
        }
        return summary
      }
    }
  }
}

/// The running programs of one worker, used again from seed to seed. Used by one thread.
public final class ProcessPool {
  private let program: String
  private let usesRandomHashing: Bool
  private let tunables: String?
  /// Tells the workers that run at one time from each other.
  let worker: Int
  private var running: [HostedProcess] = []
  /// Those with random hashing, for scenarios that ask for it.
  private var scattered: [HostedProcess] = []

  /// With `usesRandomHashing`, sets and dictionaries have another order in every process, as outside `lab`.
  /// `tunables` is what the C library is told in `GLIBC_TUNABLES`, instead of what `lab` was told itself.
  public init(
    program: String, usesRandomHashing: Bool = false, tunables: String? = nil, worker: Int = 0
  ) {
    self.program = program
    self.worker = worker
    self.usesRandomHashing = usesRandomHashing
    self.tunables = tunables
  }

  func processes(_ count: Int, areScattered: Bool = false) throws -> [HostedProcess] {
    let list = areScattered ? \ProcessPool.scattered : \ProcessPool.running
    while self[keyPath: list].count < count {
      self[keyPath: list].append(
        try HostedProcess(
          program: program, usesRandomHashing: usesRandomHashing || areScattered, tunables: tunables))
    }
    return self[keyPath: list]
  }

  /// Ends the processes: after a failure, nothing of theirs is used again.
  func discard() {
    running = []
    scattered = []
  }
}
