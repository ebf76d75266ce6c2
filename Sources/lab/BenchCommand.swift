import ArgumentParser
import Foundation
import LabKit
import Reports
import Runner

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Print how fast a week's solution runs, together and apart.")

  @Argument(help: "The week.") var week = "week1"
  @Option(help: "Virtual seconds to run.") var seconds = 2_000

  func run() throws {
    let suite = try Lab.suite(week)
    let course = try SolutionCourse.make(suite, named: "solution")
    let program = try SwiftBuild(suite, in: course, .release).build()
    let scenario = Scenario(
      "bench", "an idle cluster of five", points: 0, seeds: 1, program: "raft", clusterSizes: [5]
    ) {
      trial in
      trial.boot(trial.nodes)
      try trial.advance(milliseconds: seconds * 1_000)
    }
    for isApart in [false, true] {
      var runner = SuiteRunner(program: program, baseSeed: 1)
      runner.isApart = isApart
      let result = runner.run(scenario, seeds: 1)
      let wall = max(1, result.wallMilliseconds)
      Screen.say(
        "\(Screen.pad(isApart ? "apart" : "together", 9)) \(result.calls * 1_000 / wall) calls/s, "
          + "\(result.virtualMilliseconds / wall) virtual s/s (\(result.calls) calls, logs empty, trace read by lab)"
      )
    }
  }
}
