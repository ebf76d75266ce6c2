import ArgumentParser
import Foundation
import Records
import Reports
import Runner
import Suites

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show where you stand and what comes next.")

  func run() throws {
    let course = try Course.containing(Lab.currentFolder)
    let store = try ProgressStore(file: course.database)
    for suite in Suites.all {
      let progress = try store.progress(week: suite.week)
      Screen.say(Screen.paint("\(suite.week) \(suite.title)", .bold))
      var next: Stage?
      for stage in suite.stages {
        let seen = progress.stages.first { $0.stage == stage.id }
        let best = seen?.bestPoints ?? 0
        if next == nil && best < stage.maxPoints { next = stage }
        let state = Outcome(rawValue: seen?.latestOutcome ?? "")?.words ?? "not begun"
        let attempts = seen.map { "\($0.attempts) runs" } ?? ""
        Screen.say(
          "  \(Screen.pad(stage.id, 3)) \(Screen.pad(stage.title, 22)) "
            + "\(Screen.pad("\(best)/\(stage.maxPoints)", 6)) \(Screen.pad(state, 16)) "
            + "\(Screen.pad(attempts, 10)) about \(stage.hours) h")
      }
      if let next {
        Screen.say(
          "\nNext: \(next.id) \(next.title). Read \(suite.week)/README.md, then type: lab test \(next.id)")
      } else {
        Screen.say("\nEvery stage of \(suite.week) is done.")
      }
    }
    let runs = try store.recentRuns(limit: 5)
    guard !runs.isEmpty else { return }
    Screen.say("\nLast runs")
    for run in runs {
      let points = run.points.flatMap { points in run.maxPoints.map { "\(points)/\($0) points" } } ?? ""
      let outcome = run.outcome.flatMap { Outcome(rawValue: $0)?.words } ?? run.state
      Screen.say(
        "  #\(run.id) \(Screen.pad(outcome, 16)) \(Screen.pad(points, 14)) seed \(Screen.seed(run.seed))")
    }
  }
}
