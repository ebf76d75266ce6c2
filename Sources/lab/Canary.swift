import Checkers
import Foundation
import Records
import Reports
import Runner

/// A scenario that fails on every program. If its failure did not reach the screen, the records and the exit code, no
/// other verdict could be believed.
enum Canary {
  private static let property = "Canary"

  /// `program` is any of the week's.
  private static func stage(_ program: String) -> Stage {
    Stage(
      "0", "Canary", needs: [], hours: 0,
      scenarios: [
        Scenario(
          "0.canary", "fails whatever the nodes do", points: 1, seeds: 2, program: program, clusterSizes: [3]
        ) { trial in
          trial.boot(trial.nodes)
          try trial.advance(milliseconds: 100)
          throw Violation(property: property, section: "none", evidence: "it is there to fail")
        }
      ])
  }

  /// Throws if the canary's failure got lost on its way.
  static func check(_ suite: Suite, program: String, baseSeed: UInt64) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lab-canary-\(UUID())")
    try FileManager.default.createDirectory(
      at: folder.appendingPathComponent(".lab"), withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let course = Course(folder: folder)
    guard let anyScenario = suite.stages.flatMap(\.scenarios).first else {
      throw LabError("\(suite.week) has no scenario")
    }
    let cage = Suite(
      week: suite.week, folder: suite.folder, title: suite.title, product: suite.product,
      modules: suite.modules, stages: [stage(anyScenario.program)])
    let recorder = try RunRecorder(
      course: course, suite: cage, names: [], seed: baseSeed, isApart: false, sourceDigest: "")
    var lines: [String] = []
    let results = try SuiteSession(suite: cage, runner: SuiteRunner(program: program, baseSeed: baseSeed)) {
      event in
      guard case .scenarioEnded(let stage, let result) = event else { return }
      try recorder.record(result, in: stage)
      lines.append(TestScreen().line(for: result))
    }.run()
    var report = recorder.report(of: results)
    try recorder.finish(&report)

    func require(_ holds: Bool, _ what: String) throws {
      guard holds else { throw LabError("the canary lives: its failure did not reach \(what)") }
    }
    try require(report.outcome == .failed && report.points == 0, "the verdict")
    try require(lines.count == 1 && lines[0].contains("✘"), "the screen")
    try require(ExitCodes.code(for: report.outcome) == ExitCodes.failed, "the exit code")
    let store = try ProgressStore(file: course.database)
    try require(store.latestFailure()?.message.hasPrefix(property) == true, "the records of failures")
    try require(store.recentRuns(limit: 1).first?.outcome == Outcome.failed.rawValue, "the records of runs")
  }
}
