import Foundation
import Reports
import Runner

/// The pictures of failing runs, in `.lab/failures/` of a course folder: `12-1C.churn.html` is that of failure 12.
struct FailurePictures {
  let course: Course
  private static let mostKept = 40
  /// A run of more handlers makes a page that no browser likes to open.
  private static let mostHandlers = 50_000

  private var folder: URL { course.hidden.appendingPathComponent("failures") }

  /// Draws a run, and returns the picture's path as seen from the course folder; nil for a run that is too long.
  func draw(
    _ result: SuiteRunner.SeedResult, of scenario: Scenario, in suite: Suite, seed: UInt64,
    _ alterations: Alterations, failure: Int64
  ) throws -> String? {
    guard result.calls <= Self.mostHandlers else { return nil }
    let facts = RunFacts(
      week: suite.week, scenario: scenario, seed: seed, alterations: alterations, result: result)
    let page = try SpaceTimeDiagram.html(RunPicture(trace: result.trace, about: facts))
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let name = "\(failure)-\(scenario.id).html"
    try page.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
    try clean()
    return ".lab/failures/\(name)"
  }

  /// Removes the oldest, but never the newest of its scenario.
  private func clean() throws {
    let pictures = try FileManager.default.contentsOfDirectory(atPath: folder.path).compactMap {
      name -> (number: Int, scenario: Substring, name: String)? in
      let parts = name.split(separator: "-", maxSplits: 1)
      guard parts.count == 2, let number = Int(parts[0]), name.hasSuffix(".html") else { return nil }
      return (number, parts[1], name)
    }.sorted { $0.number > $1.number }
    var seen: Set<Substring> = []
    for (position, picture) in pictures.enumerated()
    where !seen.insert(picture.scenario).inserted && position >= Self.mostKept {
      try FileManager.default.removeItem(at: folder.appendingPathComponent(picture.name))
    }
  }
}
