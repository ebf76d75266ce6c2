import ArgumentParser
import Foundation
import Reports
import Runner

extension VerifyCommand {
  /// Shrinks the first failing run of each planted bug, and prints how far.
  func verifyShrinking(_ suite: Suite, _ base: UInt64) throws {
    Screen.say(
      "\(Screen.pad("mutant", 34)) by              events           since a fault    nodes  faults     requests   time   what broke"
    )
    var shares: [(run: ShrunkRun, milliseconds: Int)] = []
    for patch in try patches("Mutants", suite) {
      let course = try SolutionCourse.make(suite, named: "patched", patch: patch)
      let program = try SwiftBuild(suite, in: course).build()
      let runner = SuiteRunner(program: program, baseSeed: base)
      let name = Screen.pad(patch.deletingPathExtension().lastPathComponent, 34)
      guard let caught = try firstCatch(try scenarios(for: patch, suite), runner)?.result,
        let seed = caught.failingSeed
      else {
        Screen.say("\(name) survives")
        continue
      }
      let started = ContinuousClock.now
      guard
        let run = Shrinker(runner, caught.scenario, seed: seed, for: .seconds(Self.shrinkSeconds)).shrink()
      else {
        Screen.say("\(name) \(Screen.pad(caught.scenario.id, 15)) \(caught.outcome.words): not shrunk")
        continue
      }
      let wall = Int((ContinuousClock.now - started) / .milliseconds(1))
      func change(_ size: KeyPath<RunSize, Int>, _ width: Int) -> String {
        Screen.pad("\(run.before[keyPath: size]) → \(run.after[keyPath: size])", width)
      }
      shares.append((run, wall))
      Screen.say(
        [
          name, Screen.pad(caught.scenario.id, 15), change(\.events, 16), change(\.eventsSinceFault, 16),
          change(\.nodes, 6), change(\.faults, 10), change(\.requests, 10),
          Screen.pad(Screen.seconds(wall), 6), run.result.property ?? "",
        ].joined(separator: " "))
    }
    Screen.say()
    sayMedian("all", shares)
    sayMedian("those with a fault", shares.filter { $0.run.after.eventsSinceFault > 0 })
    // What is demanded after certain faults is broken only in a run that has them, and waits for so long.
    sayMedian("broken promises that always hold", shares.filter(\.run.result.isUnconditional))
  }

  private func sayMedian(_ name: String, _ shares: [(run: ShrunkRun, milliseconds: Int)]) {
    guard !shares.isEmpty else { return }
    func median(_ values: [Int]) -> Int { values.sorted()[(values.count - 1) / 2] }
    Screen.say(
      "median of \(name), \(shares.count): \(median(shares.map(\.run.before.events))) events → "
        + "\(median(shares.map(\.run.after.events))), \(median(shares.map(\.run.after.eventsSinceFault))) from the first "
        + "fault on, in \(Screen.seconds(median(shares.map(\.milliseconds))))")
  }

  private static var shrinkSeconds: Int { 5 }
}
