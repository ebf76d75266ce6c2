import Foundation
import Runner
import Suites
import Testing

/// A document of `lab test --json`.
struct Document {
  let top: [String: Any]

  init(_ text: String) throws {
    top = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  var stages: [[String: Any]] { top["stages"] as? [[String: Any]] ?? [] }
  func points(isBonus: Bool) -> Int {
    stages.filter { $0["isBonus"] as? Bool == isBonus }.reduce(0) { $0 + ($1["points"] as? Int ?? 0) }
  }
  var scenarios: [[String: Any]] { stages.flatMap { $0["scenarios"] as? [[String: Any]] ?? [] } }
}

@Suite("The document of lab test --json")
struct DocumentTests {
  /// The keys that SCHEMA.md lists, by the heading of their table.
  private func documentedKeys() throws -> [String: Set<String>] {
    let file = LabProcess.repository.appendingPathComponent("Sources/Reports/SCHEMA.md")
    var keys: [String: Set<String>] = [:]
    var heading = ""
    for line in try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n") {
      if line.hasPrefix("## ") { heading = String(line.dropFirst(3)) }
      if line.hasPrefix("| `"), let key = line.split(separator: "`").dropFirst().first {
        keys[heading, default: []].insert(String(key))
      }
    }
    return keys
  }

  @Test(
    "what is printed has exactly the documented keys, and nothing else is on standard output",
    arguments: [PreparedCourse.Code.solution, .broken, .starter])
  func keys(code: PreparedCourse.Code) throws {
    let said = try LabProcess.run(
      "test", "--json", "--all", "--seeds", "1", in: try PreparedCourse.copy(code))
    #expect(said.status == (code == .solution ? 0 : 1))
    let document = try Document(said.output)
    let documented = try documentedKeys()
    #expect(Set(document.top.keys) == documented["The document"])
    #expect(document.stages.count == Suites.week1.stages.count)
    for stage in document.stages { #expect(Set(stage.keys) == documented["A stage"]) }
    #expect(document.scenarios.count == Suites.week1.stages.flatMap(\.scenarios).count)
    for scenario in document.scenarios { #expect(Set(scenario.keys) == documented["A scenario"]) }
    // The broken code elects without a majority, and a run that shows it is smaller than the one that was found.
    let shrunk = document.top["shrunk"] as? [String: Any]
    #expect((shrunk != nil) == (code == .broken))
    if let shrunk { #expect(Set(shrunk.keys) == documented["A smaller run"]) }
    #expect(document.top["schema"] as? Int == 1)
    #expect(document.top["maxPoints"] as? Int == Suites.week1.maxPoints)
    #expect(
      document.top["points"] as? Int
        == (code == .solution
          ? Suites.week1.maxPoints : document.points(isBonus: false)))
    #expect(document.top["maxBonusPoints"] as? Int == Suites.week1.maxBonusPoints)
    #expect(document.top["bonusPoints"] as? Int == document.points(isBonus: true))
    if code == .solution { #expect(document.points(isBonus: true) == Suites.week1.maxBonusPoints) }
  }

  @Test("the outcomes in the document are the documented ones")
  func outcomes() throws {
    let schema = try String(
      contentsOf: LabProcess.repository.appendingPathComponent("Sources/Reports/SCHEMA.md"), encoding: .utf8)
    let document = try Document(
      try LabProcess.run("test", "--json", in: try PreparedCourse.copy(.starter)).output)
    let outcomes = Set(document.scenarios.compactMap { $0["outcome"] as? String })
    #expect(outcomes == ["notImplemented", "skipped"])
    for outcome in outcomes { #expect(schema.contains("`\(outcome)`")) }
  }

  @Test("a report in JUnit's form is written beside what is on the screen")
  func junit() throws {
    let course = try PreparedCourse.copy(.broken)
    let said = try LabProcess.run("test", "1A", "--seed", "1", "--junit", "report.xml", in: course)
    #expect(said.output.contains("1A.elect"))
    let report = try String(contentsOf: course.appendingPathComponent("report.xml"), encoding: .utf8)
    #expect(report.contains("<testcase classname=\"week1.1A\" name=\"1A.elect\""))
    #expect(report.contains("<failure type=\"failed\" message=\"failed\">"))
  }
}
