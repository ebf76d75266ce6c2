import Runner
import Suites
import Testing

@Suite("Levels of maturity")
struct MaturityTests {
  private func reached(_ passed: [String], _ partly: [String] = []) -> (level: Int?, missing: [String]) {
    let found = MaturityLevel.reached(Suites.maturityLevels) { stage in
      passed.contains(stage.id) ? stage.maxPoints : partly.contains(stage.id) ? stage.maxPoints - 1 : 0
    }
    return (found?.level.number, found?.missing.map(\.id) ?? [])
  }

  @Test("everybody begins on the first level, and a level is reached with all of its stages in full")
  func levels() {
    #expect(reached([]) == (1, ["3B", "3C", "4A", "4B"]))
    #expect(reached(["3B", "4A", "4B"], ["3C"]) == (1, ["3C"]))
    #expect(reached(["3B", "3C", "4A", "4B", "2E"], ["4C"]) == (2, ["1B", "4C"]))
    #expect(reached(["1B", "2E", "4C", "3B", "3C", "4A", "4B"]) == (3, []))
  }

  @Test("no level is reached over one that is not")
  func order() {
    #expect(reached(["1B", "2E", "4C"]) == (1, ["3B", "3C", "4A", "4B"]))
  }

  @Test("every essay is there, in both languages, and the one on maturity names the stages of each level")
  func essays() throws {
    for suite in Suites.all {
      for essay in suite.essays {
        for language in CourseLanguage.allCases {
          let text = try Handout(suite, language).essay(essay)
          #expect(text.hasPrefix("# "))
          #expect(text.split(whereSeparator: \.isWhitespace).count < 600, "\(essay) is half a page")
          guard essay == "maturity" else { continue }
          for level in Suites.maturityLevels {
            let row = text.split(separator: "\n").first { $0.hasPrefix("| \(level.number) ") }
            for stage in level.stages { #expect(row?.contains(stage.id) == true, "\(language): \(stage.id)") }
          }
        }
      }
    }
    let (english, korean) = (try essay("cap", .english), try essay("cap", .korean))
    #expect(english != korean)
  }

  private func essay(_ name: String, _ language: CourseLanguage) throws -> String {
    try Handout(Suites.week4, language).essay(name)
  }
}
