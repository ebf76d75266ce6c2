import Checkers
import Foundation
import Histories
import Reports
import Runner

/// Failing runs as files, in `.lab/failures/` of a course folder: `12-1C.churn.html` is the picture of failure 12, and the
/// `.json` beside it holds what it takes to run it again. A run with clients whose operations make a history adds it as
/// `.jsonl`, and `lab replay --debug` adds `.replay` and `.lldb`.
struct FailurePictures {
  let course: Course
  private static let mostKept = 40
  /// Of a long run, a picture shows the end; of one with more handlers than these, it would take too long to find.
  private static let mostHandlers = 1_000_000

  var folder: URL { course.hidden.appendingPathComponent("failures") }

  /// The picture of a run; nil for a run that is too long.
  func picture(
    of result: SuiteRunner.SeedResult, _ scenario: Scenario, in suite: Suite, seed: UInt64,
    _ alterations: Alterations
  ) throws -> RunPicture? {
    guard result.calls <= Self.mostHandlers else { return nil }
    let facts = RunFacts(
      suite: suite, scenario: scenario, seed: seed, alterations: alterations, result: result)
    return try RunPicture(trace: result.trace, about: facts)
  }

  /// Writes a failure's page and the file beside it. Returns the page's path as seen from the course folder.
  func keep(
    _ picture: RunPicture, _ result: SuiteRunner.SeedResult, _ alterations: Alterations, failure: Int64
  ) throws -> String {
    let page = try SpaceTimeDiagram.html(picture)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let name = "\(failure)-\(picture.facts.scenario)"
    let trace = FailureTrace(
      picture, alterations, outcome: result.outcome, message: result.message ?? "",
      labVersion: CourseVersion.lab)
    try trace.json().write(to: folder.appendingPathComponent(name + ".json"), options: .atomic)
    try page.write(to: folder.appendingPathComponent(name + ".html"), atomically: true, encoding: .utf8)
    try clean()
    return ".lab/failures/\(name).html"
  }

  /// Writes down what the clients of a run did, for `lab check-history`. The file's path is as seen from the course folder.
  /// Nil for a run whose clients leave no such history.
  func keepHistory(
    of result: SuiteRunner.SeedResult, _ scenario: Scenario, failure: Int64
  ) throws -> String? {
    guard !result.clientOperations.isEmpty else { return nil }
    let history = RecordedHistory.keyValue(try KeyValueHistory(result.clientOperations), absent: nil)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let name = "\(failure)-\(scenario.id).jsonl"
    try history.jsonLines().write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
    return ".lab/failures/\(name)"
  }

  /// Removes the oldest failures, but never the newest of its scenario.
  private func clean() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).compactMap {
      name -> (number: Int, scenario: Substring, name: String)? in
      let parts = name.split(separator: "-", maxSplits: 1)
      guard parts.count == 2, let number = Int(parts[0]), let end = parts[1].lastIndex(of: "."),
        [".html", ".json", ".jsonl", ".replay", ".lldb"].contains(parts[1][end...])
      else { return nil }
      return (number, parts[1][..<end], name)
    }
    var seen: Set<Substring> = []
    var kept: Set<Int> = []
    let failures = Dictionary(files.map { ($0.number, $0.scenario) }) { first, _ in first }
    for (number, scenario) in failures.sorted(by: { $0.key > $1.key })
    where seen.insert(scenario).inserted || kept.count < Self.mostKept {
      kept.insert(number)
    }
    for file in files where !kept.contains(file.number) {
      try FileManager.default.removeItem(at: folder.appendingPathComponent(file.name))
    }
  }
}
