import Foundation
import Reports
import Runner
import Testing

@Suite("Reports of a run")
struct RunReportTests {
  private func result(_ id: String, _ outcome: Outcome, message: String? = nil) -> ScenarioResult {
    let scenario = Scenario(id, "title of \(id)", points: 3, program: "p", clusterSizes: [3]) { _ in }
    var result = ScenarioResult(scenario: scenario, outcome: outcome)
    result.message = message
    if outcome != .passed && outcome != .skipped {
      result.failingSeed = 0xAB
      result.nodeCount = 3
      result.seedsFailed = 1
    }
    result.seedsRun = 7
    result.wallMilliseconds = 1_005
    return result
  }

  private func report(_ results: [ScenarioResult]) -> RunReport {
    let stage = Stage("1A", "First", needs: [], hours: 1, scenarios: results.map(\.scenario))
    return RunReport(
      week: "week1", labVersion: "0", run: 1, seed: .max, isApart: false,
      results: [StageResult(stage: stage, scenarios: results)], failures: ["1A.bad": 9])
  }

  @Test("JUnit counts failures, errors and skipped cases apart, and is well-formed whatever a student writes")
  func junit() throws {
    let text = report([
      result("1A.good", .passed), result("1A.bad", .failed, message: "<n1> & \"n2\" \u{1B}[2J]]>"),
      result("1A.lab", .labError, message: "oh"), result("1A.later", .skipped),
    ]).junit()
    #expect(text.contains(#"tests="4" failures="1" errors="1" skipped="1""#))
    #expect(text.contains("&lt;n1&gt; &amp; &quot;n2&quot; \u{FFFD}[2J]]&gt;"))
    #expect(text.contains("lab test 1A.bad --seed 0xab --seeds 1"))
    #expect(text.contains(#"time="1.005""#))
    #expect(try XML.isWellFormed(text))
  }

  @Test("code that did not build is one case with the compiler's words")
  func didNotBuild() throws {
    var report = report([])
    report.outcome = .didNotBuild
    report.buildErrors = ["Raft.swift:1:1: error: expected '<'"]
    #expect(report.junit().contains("expected '&lt;'"))
    #expect(report.junit().contains(#"tests="1" failures="0" errors="1" skipped="0""#))
    #expect(try XML.isWellFormed(report.junit()))
  }

  @Test("an error in lab comes before a failure, a failure before what is undecided")
  func combined() {
    #expect(Outcome.combined([.failed, .passed, .labError]) == .labError)
    #expect(Outcome.combined([.passed, .undecided, .hung, .failed]) == .hung)
    #expect(Outcome.combined([.passed, .notExercised, .undecided]) == .undecided)
    #expect(Outcome.combined([.passed, .passed]) == .passed)
    #expect(Outcome.combined([]) == .notExercised)
  }

  @Test("JSON writes what has no value as null")
  func nulls() throws {
    let data = Data(try report([result("1A.good", .passed)]).json().utf8)
    let document = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let stages = try #require(document["stages"] as? [[String: Any]])
    let scenario = try #require((stages[0]["scenarios"] as? [[String: Any]])?.first)
    #expect(scenario["violation"] is NSNull)
    #expect(scenario["failingSeed"] is NSNull)
    #expect(document["seed"] as? String == "0xffffffffffffffff")
    #expect(scenario["bands"] is NSNull)
  }

  @Test("JSON tells what all seeds came to together, and which bands that reaches")
  func bands() throws {
    let pool = Pool(
      property: "It is quick", leastSeeds: 1,
      quantities: [Pool.Quantity("answers", isToBeGreat: true) { $0.count("answers") }],
      bands: [Pool.Band(points: 1, [10]), Pool.Band(points: 2, [20])])
    let scenario = Scenario(
      "1A.promise", "", points: 3, program: "p", clusterSizes: [1], pool: pool
    ) { _ in }
    var result = ScenarioResult(scenario: scenario, outcome: .failed)
    var tally = Tally()
    tally.add("answers", 15)
    result.pooled = pool.judge(tally)
    let data = Data(try report([result]).json().utf8)
    let document = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let stages = try #require(document["stages"] as? [[String: Any]])
    let written = try #require((stages[0]["scenarios"] as? [[String: Any]])?.first)
    #expect(written["points"] as? Int == 1)
    let bands = try #require(written["bands"] as? [String: Any])
    #expect(bands["reached"] as? Int == 1)
    #expect(bands["of"] as? Int == 2)
    #expect((bands["values"] as? [String: Int]) == ["answers": 15])
  }
}

/// Enough of XML's grammar to see whether tags close and text is escaped.
private enum XML {
  static func isWellFormed(_ text: String) throws -> Bool {
    var open: [Substring] = []
    var rest = text[...]
    guard rest.hasPrefix("<?xml ") else { return false }
    rest = rest.drop { $0 != ">" }.dropFirst()
    while let start = rest.firstIndex(of: "<") {
      guard !rest[..<start].contains(">") else { return false }
      guard let end = rest[start...].firstIndex(of: ">") else { return false }
      let tag = rest[rest.index(after: start)..<end]
      guard !tag.contains("<"), tag.count(where: { $0 == "\"" }).isMultiple(of: 2) else { return false }
      if tag.hasPrefix("/") {
        guard open.popLast() == tag.dropFirst() else { return false }
      } else if !tag.hasSuffix("/") {
        open.append(tag.prefix { $0 != " " })
      }
      rest = rest[rest.index(after: end)...]
    }
    return open.isEmpty && rest == "\n"
  }
}
