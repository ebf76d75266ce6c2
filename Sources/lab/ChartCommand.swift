import ArgumentParser
import Foundation
import Reports
import Runner
import Suites

struct ChartCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chart", abstract: "Draw figures of your code beside others.",
    discussion: """
      A chart is no test: it gives no points, and nothing is recorded. It comes on the terminal, and as a page in \
      .lab/charts.
      """)

  @Argument(help: "A stage that has a chart, such as 2B; the charts there are if none is named.") var stage:
    String?
  @Option(help: "Another hash function, or other choices: a hexadecimal number.") var seed = "1"

  func run() throws {
    guard let typed = stage else { return Self.list() }
    let (suite, stage, plan) = try Self.chart(typed)
    guard let seed = try Lab.parse(seed: seed) else { return }
    let course = try Course.containing(Lab.currentFolder)
    _ = try Lab.suite(in: course, named: suite.week)
    Interrupt.catchAll()
    switch try draw(plan, suite, course, seed: seed) {
    case .made(let chart):
      Screen.say(ChartScreen.lines(chart, columns: Screen.columns()))
      Screen.say("\nsee:    \(try Self.keep(chart, stage, in: course)), in a browser")
    case .prevented(let outcome, let message):
      var story = FailureStory(scenario: "\(stage.id).chart", outcome: outcome, message: message)
      story.nodeCount = 0
      let columns = Screen.storyColumns()
      Screen.say(story.lines(columns: columns))
      Screen.say("\nNext: the chart comes once the code works. Type: lab test \(stage.id)")
      throw ExitCodes.code(for: outcome)
    }
  }

  private func draw(
    _ plan: ChartPlan, _ suite: Suite, _ course: Course, seed: UInt64
  ) throws -> Observation<Chart> {
    for line in try course.bringUpToDate() { Screen.note(line) }
    let progress = ProgressLine()
    defer { progress.erase() }
    Interrupt.beforeEnding { progress.erase() }
    progress.begin("building \(suite.week)")
    let program = try SwiftBuild(suite, in: course).build {
      Screen.note("waiting for another build in this course folder")
    }
    progress.begin("drawing")
    let chart = plan.make(SuiteRunner(program: program, baseSeed: seed))
    Interrupt.stopHereIfPending()
    return chart
  }

  /// Writes the page. Returns its path as seen from the course folder.
  private static func keep(_ chart: Chart, _ stage: Stage, in course: Course) throws -> String {
    let folder = course.hidden.appendingPathComponent("charts")
    let name = "\(stage.id).html"
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try ChartPage.html(chart).write(
        to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
    } catch {
      throw LabError("cannot write .lab/charts/\(name): \(error.localizedDescription)")
    }
    return ".lab/charts/\(name)"
  }

  // MARK: The charts there are

  private static let all = Suites.all.flatMap { suite in
    suite.stages.compactMap { stage in stage.chart.map { (suite: suite, stage: stage, plan: $0) } }
  }

  private static func list() {
    for (_, stage, plan) in all {
      Screen.say("lab chart \(Screen.pad(stage.id, 3)) \(stage.title): \(plan.summary)")
    }
  }

  private static func chart(_ name: String) throws -> (Suite, Stage, ChartPlan) {
    if let found = all.first(where: { $0.stage.id.lowercased() == name.lowercased() }) { return found }
    let known = all.map { "\($0.stage.id) (\($0.plan.summary))" }.joined(separator: ", ")
    throw UsageError("there is no chart \"\(name)\". There is: \(known)")
  }
}
