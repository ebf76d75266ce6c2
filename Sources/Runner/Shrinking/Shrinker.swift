import Dispatch
import Foundation
import LabKit

/// Looks for a smaller run that breaks the same property as a failing one.
///
/// It leaves out what the scenario did, by Zeller and Hildebrandt's delta debugging (IEEE Transactions on Software
/// Engineering, 2002), takes fewer nodes, and treats messages as on ordinary links. Every try is a run, so that what is
/// found does fail. One seed's run may be long whatever is left out of it: as long as the best is more than one takes in
/// at a glance, other seeds that fail in the same way are made smaller, too. What broke decides what may be left out: a property that must always hold is broken in any run; one
/// that a scenario demands after certain faults is broken only in a run that has them.
public struct Shrinker: Sendable {
  public let runner: SuiteRunner
  public let scenario: Scenario
  public let seed: UInt64
  /// No try is begun later.
  public let deadline: ContinuousClock.Instant

  public init(_ runner: SuiteRunner, _ scenario: Scenario, seed: UInt64, for duration: Duration) {
    self.runner = runner
    self.scenario = scenario
    self.seed = seed
    deadline = .now + duration
  }

  /// The smallest failing run found in the time, or nil if the run does not fail now, or in no way that can be shrunk.
  public func shrink() -> ShrunkRun? {
    guard deadline > .now else { return nil }
    let search = Search(self)
    guard let first = search.begin() else { return nil }
    search.judgeEarly()
    search.takeFewerNodes()
    search.descend()
    search.tryOtherSeeds()
    return search.found(from: first)
  }
}

/// A smaller run that fails like the one it was made from.
public struct ShrunkRun: Sendable {
  public let alterations: Alterations
  /// What the smaller run came to, with its trace.
  public let result: SuiteRunner.SeedResult
  public let before: RunSize
  public let after: RunSize
  public let tries: Int
}

private final class Search {
  private let shrinker: Shrinker
  private let workshop: Workshop
  private var best = Alterations.none
  private var result = SuiteRunner.SeedResult(outcome: .passed)
  private var tries = 0
  /// How many messages were lost, doubled or late before anything was changed.
  private var extraordinaryAtFirst = 0

  init(_ shrinker: Shrinker) {
    self.shrinker = shrinker
    workshop = Workshop(shrinker)
  }

  private var scenario: Scenario { shrinker.scenario }
  private var isOver: Bool { ContinuousClock.now >= shrinker.deadline }

  private func run(_ alterations: Alterations, recording: Recording = .nothing) -> SuiteRunner.SeedResult {
    workshop.run(alterations, on: 0, recording: recording)
  }

  func begin() -> SuiteRunner.SeedResult? {
    result = run(.none, recording: .traceWithSources)
    extraordinaryAtFirst = ExtraordinaryMessages.of(result.trace).count
    return result.outcome == .failed && result.property != nil ? result : nil
  }

  func found(from first: SuiteRunner.SeedResult) -> ShrunkRun? {
    let last = best == .none ? first : run(best, recording: .traceWithSources)
    guard isSame(last) else { return nil }
    return ShrunkRun(
      alterations: best, result: last, before: RunSize(first, .none, nodes: nodes(.none)),
      after: RunSize(last, best, nodes: nodes(best)), tries: tries)
  }

  private func nodes(_ alterations: Alterations) -> Int {
    SuiteRunner.configuration(scenario, seed: shrinker.seed, alterations: alterations).nodes
  }

  private func isSame(_ other: SuiteRunner.SeedResult) -> Bool {
    other.outcome == result.outcome && other.property == result.property
      && other.isUnconditional == result.isUnconditional
  }

  /// How much there is to look at in a run: a fault or a request less is worth some more events, and events since the
  /// first fault are those that one has to understand.
  private func cost(_ alterations: Alterations, _ result: SuiteRunner.SeedResult) -> Int {
    var cost =
      result.eventsSeen + 2 * result.eventsSinceFault + 5
      * (alterations.extraordinary?.count ?? extraordinaryAtFirst)
    for (number, step) in result.steps.enumerated() where !alterations.leftOut.contains(number) {
      switch step {
      case .fault, .request: cost += 10
      case .boot, .wait: cost += 1
      }
    }
    return cost
  }

  /// Tries all of them, as many at once as there are processes, until one fails in the same way and is no bigger. True if
  /// there was one.
  private func adopt(first candidates: [Alterations]) -> Bool {
    let limit = cost(best, result)
    for start in stride(from: 0, to: candidates.count, by: workshop.size) {
      guard !isOver else { return false }
      let batch = Array(candidates[start..<min(start + workshop.size, candidates.count)])
      tries += batch.count
      for (candidate, result) in zip(batch, workshop.run(batch)) {
        guard isSame(result), cost(candidate, result) <= limit else { continue }
        best = candidate
        self.result = result
        return true
      }
    }
    return false
  }

  /// Leaves out of the present run what it can.
  func descend() {
    makeMessagesOrdinary()
    leaveOutSteps()
    makeSomeMessagesOrdinary()
    shortenWaits()
    leaveOutSteps()
  }

  /// So many events since the first fault are taken in at a glance, and so many others are tried.
  private static let eventsAtAGlance = 40
  private static let mostSeeds = 400

  /// Begins anew with other seeds, as long as the best run is long, and keeps the smallest.
  func tryOtherSeeds() {
    var numbers = (16..<Self.mostSeeds)[...]
    while !isOver, result.eventsSinceFault > Self.eventsAtAGlance, !numbers.isEmpty {
      let batch = numbers.prefix(workshop.size).map { number in
        var start = Alterations()
        start.seed = SuiteRunner.seed(number, base: shrinker.seed)
        start.nodes = scenario.clusterSizes.min()
        start.judgesEarly = best.judgesEarly
        return start
      }
      numbers = numbers.dropFirst(batch.count)
      tries += batch.count
      for (start, startResult) in zip(batch, workshop.run(batch)) where isSame(startResult) {
        let (champion, championResult) = (best, result)
        (best, result) = (start, startResult)
        descend()
        if cost(best, result) >= cost(champion, championResult) {
          (best, result) = (champion, championResult)
        }
      }
    }
  }

  // MARK: What may be left out

  /// Ends the run where its history first contradicts itself.
  func judgeEarly() {
    var candidate = best
    candidate.judgesEarly = true
    _ = adopt(first: [candidate])
  }

  /// Another seed may do it with fewer nodes.
  func takeFewerNodes() {
    for size in scenario.clusterSizes.sorted() where size + scenario.spareNodes < nodes(best) {
      let candidates = (0..<16).map { number in
        var candidate = best
        candidate.nodes = size
        candidate.seed = number == 0 ? nil : SuiteRunner.seed(number, base: shrinker.seed)
        return candidate
      }
      if adopt(first: candidates) { return }
    }
  }

  func makeMessagesOrdinary() {
    var candidate = best
    candidate.extraordinary = []
    _ = adopt(first: [candidate])
  }

  func leaveOutSteps() {
    guard result.isUnconditional else { return }
    reduce { [self] in
      result.steps.indices.filter { !best.leftOut.contains($0) }
    } without: { part, best in
      best.leftOut.formUnion(part)
    }
  }

  private static let mostShortening = 256

  /// Lets what must be waited for take a part of its time.
  func shortenWaits() {
    guard result.isUnconditional else { return }
    for divisor in [16, 4, 2] {
      reduce { [self] in
        result.steps.indices.filter {
          result.steps[$0] == .wait && !best.leftOut.contains($0)
            && best.shortened[$0, default: 1] < Self.mostShortening
        }
      } without: { part, best in
        for step in part { best.shortened[step, default: 1] *= divisor }
      }
    }
  }

  /// Keeps of the lost, doubled and late messages only those that it takes.
  func makeSomeMessagesOrdinary() {
    guard best.extraordinary?.isEmpty != true else { return }
    var candidate = best
    candidate.extraordinary = ExtraordinaryMessages.of(run(best, recording: .trace).trace)
    guard adopt(first: [candidate]) else { return }
    reduce { [self] in
      best.extraordinary ?? []
    } without: { part, best in
      let gone = Set(part)
      best.extraordinary?.removeAll(where: gone.contains)
    }
  }

  /// Leaves out as many of the parts of a run as it can: halves first, then smaller shares, then one after another. The
  /// latest come first, for what they are does not depend on the others.
  private func reduce<Part>(_ parts: () -> [Part], without: ([Part], inout Alterations) -> Void) {
    var size = max(1, parts().count / 2)
    while !isOver {
      var hasFound = false
      var end = parts().count
      while end > 0, !isOver {
        let all = parts()
        end = min(end, all.count)
        let candidates = stride(from: end, to: max(0, end - size * workshop.size), by: -size).map { upper in
          var candidate = best
          without(Array(all[max(0, upper - size)..<upper]), &candidate)
          return candidate
        }
        if adopt(first: candidates) { hasFound = true } else { end -= size * workshop.size }
      }
      if size > 1 { size /= 2 } else if !hasFound { return }
    }
  }
}

/// Runs tries, several at once.
private final class Workshop: @unchecked Sendable {
  // A pool is used by one try at a time: the n-th of those that run at once, or the only one. Every access to the results
  // holds the lock.
  private let pools: [ProcessPool]
  private let shrinker: Shrinker
  private let lock = NSLock()
  private var results: [SuiteRunner.SeedResult] = []

  init(_ shrinker: Shrinker) {
    self.shrinker = shrinker
    pools = (0..<max(1, shrinker.runner.workers)).map {
      ProcessPool(program: shrinker.runner.program, worker: $0)
    }
  }

  /// How many tries run at once.
  var size: Int { pools.count }

  func run(_ alterations: Alterations, on pool: Int, recording: Recording = .nothing)
    -> SuiteRunner.SeedResult
  {
    shrinker.runner.runSeed(
      shrinker.scenario, shrinker.seed, pools[pool], recording: recording, alterations: alterations)
  }

  /// Runs as many tries at once as there are processes. At most `size`.
  func run(_ batch: [Alterations]) -> [SuiteRunner.SeedResult] {
    lock.withLock {
      results = Array(repeating: SuiteRunner.SeedResult(outcome: .labError), count: batch.count)
    }
    DispatchQueue.concurrentPerform(iterations: batch.count) { number in
      let result = run(batch[number], on: number)
      lock.withLock { results[number] = result }
    }
    return lock.withLock { results }
  }
}
