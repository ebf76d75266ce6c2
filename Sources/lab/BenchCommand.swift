import ArgumentParser
import Foundation
import Reports
import Runner
import Suites

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Print how fast week 1's solution runs, together and apart.")

  @Option(help: "Runs of 11 virtual seconds, together.") var runs = 300
  @Option(help: "Runs of 11 virtual seconds, apart.") var apartRuns = 15

  func validate() throws {
    guard runs > 0, apartRuns > 0 else {
      throw ValidationError("--runs and --apart-runs take numbers from 1 on")
    }
  }

  func run() throws {
    let suite = Suites.week1
    let course = try SolutionCourse.make(suite, named: "solution")
    let program = try SwiftBuild(suite, in: course, .release).build()
    let together = try WorldBenchmark(Suites.raftLoad, program: program, seeds: runs, isApart: false)
    let apart = try WorldBenchmark(
      Suites.raftLoad, program: program, seeds: apartRuns, isApart: true, echoes: true)

    let operations = runs * Suites.raftLoadCommands
    Screen.say(
      "5 nodes, 20 commands a second, logs of 0 to \(Suites.raftLoadCommands) entries, "
        + "\(Self.ratio(together.persists, operations)) persists a command; optimised build")
    let both = together.programProcessorSeconds + together.labProcessorSeconds
    Self.row(
      "engine", together.calls, per: together.programProcessorSeconds,
      "handler calls a second of the program's processor time, full trace, \(together.calls) calls")
    Self.row(
      "lab test", together.calls, per: both,
      "calls a second of both processes' processor time, every property judged; "
        + "\(Int(Double(together.virtualMilliseconds) / 1_000 / both)) virtual seconds a second")
    Self.row(
      "apart", apart.calls, per: apart.wallSeconds, "calls a second of wall time, \(apart.calls) calls")
    Self.row(
      "echo", apart.echoes, per: apart.echoSeconds,
      "exchanges a second of wall time, frames of \(apart.frameBytes / max(1, apart.frames)) bytes, "
        + "by turns with the runs apart")
    let wall = Double(apart.calls) / apart.wallSeconds / (Double(apart.echoes) / apart.echoSeconds)
    let processor =
      Double(apart.calls) / (apart.programProcessorSeconds + apart.labProcessorSeconds)
      / (Double(apart.echoes) / apart.echoProcessorSeconds)
    Screen.say(
      "\(Screen.pad("apart/echo", 11)) \(Self.rounded(wall)) by wall time, \(Self.rounded(processor)) by processor time"
    )
  }

  private static func row(_ name: String, _ count: Int, per seconds: Double, _ words: String) {
    Screen.say("\(Screen.pad(name, 11)) \(Int(Double(count) / max(0.001, seconds))) \(words)")
  }

  private static func ratio(_ count: Int, _ other: Int) -> String {
    rounded(Double(count) / Double(max(1, other)))
  }

  private static func rounded(_ number: Double) -> String { String(format: "%.2f", number) }
}
