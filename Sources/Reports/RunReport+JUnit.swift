import Runner

/// The report in JUnit's XML: a suite a stage, a case a scenario.
extension RunReport {
  public func junit() -> String {
    var lines = [#"<?xml version="1.0" encoding="UTF-8"?>"#]
    let all = stages.map(\.result).flatMap(\.scenarios)
    let head = counts(of: all, milliseconds: wallMilliseconds)
    lines.append("<testsuites name=\"\(escaped("lab \(week)"))\"\(head)>")
    if !buildErrors.isEmpty {
      lines.append(
        "  <testsuite name=\"\(escaped(week))\" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\">")
      lines.append("    <testcase classname=\"\(escaped(week))\" name=\"build\">")
      lines.append(
        "      <error message=\"did not build\">\(escaped(buildErrors.joined(separator: "\n")))</error>")
      lines += ["    </testcase>", "  </testsuite>"]
    }
    for stage in stages {
      let results = stage.result.scenarios
      let milliseconds = results.reduce(0) { $0 + $1.wallMilliseconds }
      let name = escaped("\(stage.result.stage.id) \(stage.result.stage.title)")
      lines.append("  <testsuite name=\"\(name)\"\(counts(of: results, milliseconds: milliseconds))>")
      for scenario in stage.scenarios { lines += testCase(scenario, in: stage.result.stage) }
      lines.append("  </testsuite>")
    }
    lines.append("</testsuites>")
    return lines.joined(separator: "\n") + "\n"
  }

  private func testCase(_ scenario: ScenarioReport, in stage: Stage) -> [String] {
    let result = scenario.result
    let start =
      "    <testcase classname=\"\(escaped("\(week).\(stage.id)"))\" name=\"\(escaped(result.scenario.id))\" "
      + "time=\"\(seconds(result.wallMilliseconds))\""
    guard result.outcome != .passed else { return [start + "/>"] }
    guard let element = result.outcome.junitElement else {
      return [start + ">", "      <skipped message=\"\(result.outcome.words)\"/>", "    </testcase>"]
    }
    let words = [result.message, scenario.commandAgain.map { "again: \($0)" }].compactMap { $0 }
    let text = escaped(words.joined(separator: "\n"))
    return [
      start + ">",
      "      <\(element) type=\"\(result.outcome.rawValue)\" message=\"\(result.outcome.words)\">\(text)</\(element)>",
      "    </testcase>",
    ]
  }

  private func counts(of results: [ScenarioResult], milliseconds: Int) -> String {
    func count(_ element: String?) -> Int {
      results.count { $0.outcome != .passed && $0.outcome.junitElement == element }
    }
    let errors = count("error") + (buildErrors.isEmpty ? 0 : 1)
    let tests = results.count + (buildErrors.isEmpty ? 0 : 1)
    return
      " tests=\"\(tests)\" failures=\"\(count("failure"))\" errors=\"\(errors)\" skipped=\"\(count(nil))\" "
      + "time=\"\(seconds(milliseconds))\""
  }

  private func seconds(_ milliseconds: Int) -> String {
    "\(milliseconds / 1_000).\(String(1_000 + milliseconds % 1_000).dropFirst())"
  }

  /// Text as XML takes it, control characters replaced.
  private func escaped(_ text: String) -> String {
    var result = ""
    for character in Screen.harmless(text) {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
    return result
  }
}

extension Outcome {
  /// JUnit's word for an outcome that did not pass: none for a case that was not tried.
  fileprivate var junitElement: String? {
    switch self {
    case .skipped, .notExercised: nil
    case .labError, .undecided: "error"
    default: "failure"
    }
  }
}
