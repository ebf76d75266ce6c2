import Foundation
import LabKit
import Runner
import Suites
import Testing

/// Whether tables that the suite prescribes are written into the pages instead of compared with them.
private let isUpdating = ProcessInfo.processInfo.environment["LAB_UPDATE_HANDOUTS"] == "1"

@Suite("Handouts", .serialized)
struct HandoutTests {
  private static let pages = Suites.week1.stages.flatMap { stage in
    CourseLanguage.allCases.map { (stage.id, $0) }
  }

  private static let headings: [CourseLanguage: [String]] = [
    .english: [
      "The story", "The rule", "The contract", "What you will meet", "The first half hour", "Five mistakes",
      "Two questions", "Hours",
    ],
    .korean: ["이야기", "규칙", "계약", "만나게 될 것", "처음 30분", "다섯 가지 실수", "두 가지 질문", "시간"],
  ]

  private func section(_ number: Int, of page: HandoutPage, _ language: CourseLanguage) throws -> HandoutPage
  {
    let heading = try #require(Self.headings[language]?[number])
    return try #require(page.section(heading), "\(page)")
  }

  private func page(_ stage: String, _ language: CourseLanguage) throws -> HandoutPage {
    try HandoutPage(Suites.week1.stage(named: stage), language)
  }

  // MARK: Form

  @Test("a stage's page has at most 1,500 words", arguments: pages)
  func length(stage: String, language: CourseLanguage) throws {
    let words = try page(stage, language).text.split(whereSeparator: \.isWhitespace).count
    #expect(words <= 1_500)
    #expect(words > 400)
  }

  @Test("a stage's page has its parts in their order", arguments: pages)
  func order(stage: String, language: CourseLanguage) throws {
    let page = try page(stage, language)
    #expect(page.headings(ofLevel: 1).count == 1)
    #expect(page.headings(ofLevel: 1).first?.hasPrefix("\(stage) ") == true)
    #expect(page.headings(ofLevel: 2) == Self.headings[language])
  }

  @Test("each of the five mistakes has its picture, and the story opens with one", arguments: pages)
  func pictures(stage: String, language: CourseLanguage) throws {
    let page = try page(stage, language)
    #expect(try section(0, of: page, language).fences.count == 1)
    let mistakes = try section(5, of: page, language)
    let names = mistakes.headings(ofLevel: 3)
    #expect(names.count == 5)
    for name in names {
      #expect(mistakes.section(name, level: 3)?.fences.count == 1, "\(name)")
    }
  }

  @Test("every rule names its section, and there are two questions", arguments: pages)
  func sources(stage: String, language: CourseLanguage) throws {
    let page = try page(stage, language)
    let rules = try section(1, of: page, language).text.components(separatedBy: "\n- ")
    #expect(rules.count >= 5)
    for rule in rules.dropFirst() {
      #expect(rule.contains(/\d+(\.\d+)*\)|Figure \d+|\(\d|[(;,] ?(thesis|학위 논문)/), "no source: \(rule)")
    }
    let questions = try section(6, of: page, language).lines.filter {
      $0.hasPrefix("1. ") || $0.hasPrefix("2. ")
    }
    #expect(questions.count == 2)
  }

  // MARK: What the suite prescribes

  private func progress(_ language: CourseLanguage) -> String {
    switch language {
    case .english: "progress within \(RaftBounds.progressSeconds) s"
    case .korean: "\(RaftBounds.progressSeconds)초 안에 진행"
    }
  }

  /// A stage's rows. In Korean the titles and particular bounds are those that the page has.
  private func rows(_ stage: Stage, _ language: CourseLanguage, present: [[String]]) -> [[String]] {
    stage.scenarios.map { scenario in
      var title = scenario.title
      var bound = scenario.bound ?? progress(language)
      if language != .english, let row = present.first(where: { $0[0] == "`\(scenario.id)`" }), row.count == 4
      {
        title = row[1]
        if scenario.bound != nil { bound = row[2] }
      }
      return ["`\(scenario.id)`", title, bound, "\(scenario.points)"]
    }
  }

  @Test("the table lists every scenario of the stage with its bound and points", arguments: pages)
  func scenarios(id: String, language: CourseLanguage) throws {
    let stage = try Suites.week1.stage(named: id)
    let page = try HandoutPage(stage, language)
    let heading = try #require(Self.headings[language])[3]
    let present = try #require(page.section(heading)).rows
    let expected = rows(stage, language, present: present)
    if isUpdating { return try page.replaceRows(under: heading, with: expected) }
    #expect(present == expected, "LAB_UPDATE_HANDOUTS=1 swift test --filter Handouts writes the tables")
  }

  @Test("Korean tables are in Korean and give the same numbers", arguments: Suites.week1.stages.map(\.id))
  func koreanTables(id: String) throws {
    let stage = try Suites.week1.stage(named: id)
    let rows = try section(3, of: HandoutPage(stage, .korean), .korean).rows
    try #require(rows.count == stage.scenarios.count)
    for (row, scenario) in zip(rows, stage.scenarios) {
      #expect(row[1].contains(/\p{Hangul}/) && row[2].contains(/\p{Hangul}/), "\(scenario.id)")
      let bound = scenario.bound ?? progress(.english)
      #expect(numbers(in: row[2]) == numbers(in: bound), "\(scenario.id)")
    }
  }

  @Test("a stage's hours are those of the suite", arguments: pages)
  func hours(id: String, language: CourseLanguage) throws {
    let stage = try Suites.week1.stage(named: id)
    let hours = try section(7, of: HandoutPage(stage, language), language)
    #expect(numbers(in: hours.text) == [stage.hours])
  }

  @Test(
    "the week's page lists every stage with what it needs, its points and hours",
    arguments: CourseLanguage.allCases)
  func stages(language: CourseLanguage) throws {
    let page = try HandoutPage("README", language)
    let rows = page.rows.filter { $0.count == 5 }
    let expected = Suites.week1.stages.map {
      [$0.id, $0.needs.joined(separator: ", "), "\($0.maxPoints)", "\($0.hours)"]
    }
    #expect(rows.map { [$0[0], $0[2], $0[3], $0[4]] } == expected)
    for (row, stage) in zip(rows, Suites.week1.stages) {
      let title = try HandoutPage(stage, language).headings(ofLevel: 1).first
      #expect(title == "\(stage.id) \(row[1])")
      if language == .english { #expect(row[1] == stage.title) }
    }
  }

  @Test("the world's numbers are those of LabKit", arguments: CourseLanguage.allCases)
  func worldNumbers(language: CourseLanguage) throws {
    let page = try HandoutPage("README", language)
    let heading = language == .english ? "The world's numbers" : "이 세계의 수"
    let rows = try #require(page.section(heading)).rows
    let delay = RaftBounds.ordinaryDelayMilliseconds
    let heartbeat = RaftBounds.heartbeatMilliseconds
    let expected = [
      [delay.lowerBound, delay.upperBound], [heartbeat.lowerBound, heartbeat.upperBound],
      [RaftBounds.longestElectionTimeoutMilliseconds], [RaftBounds.compactionEntries],
      [RaftBounds.progressSeconds],
    ]
    #expect(rows.map { numbers(in: $0[1].components(separatedBy: "(")[0]) } == expected)
  }

  @Test("the text of the pages gives LabKit's numbers", arguments: CourseLanguage.allCases)
  func numbersInProse(language: CourseLanguage) throws {
    #expect(numbers(in: try page("1D", language).prose).contains(RaftBounds.compactionEntries))
    let drift = KeyValueBounds.clockDriftPartsPerMillion / 10_000
    #expect(try page("1E", language).prose.contains("\(drift) %"))
  }

  // MARK: Words

  private func glossary(_ language: CourseLanguage) throws -> [[String]] {
    let page = try HandoutPage("README", language)
    return try #require(page.section(language == .english ? "Words" : "용어")).rows
  }

  @Test("both languages have the same glossary, in which no word has two translations")
  func sameGlossary() throws {
    let words = try glossary(.english)
    #expect(try glossary(.korean) == words)
    #expect(words.count > 12)
    #expect(Set(words.map { $0[0] }).count == words.count)
    #expect(Set(words.map { $0[1] }).count == words.count)
  }

  @Test("every word of the glossary is used in both languages")
  func usedWords() throws {
    for (column, language) in CourseLanguage.allCases.enumerated() {
      let names = ["README"] + Suites.week1.stages.map { "Handout/\($0.id)" }
      let prose = try names.map { try HandoutPage($0, language).prose.lowercased() }.joined()
      for word in try glossary(language) {
        #expect(prose.contains(word[column].lowercased()), "\(word[column])")
      }
    }
  }

  @Test(
    "a Korean page gives a word of the glossary in both scripts where it first uses it",
    arguments: ["README"] + Suites.week1.stages.map { "Handout/\($0.id)" })
  func bothScripts(name: String) throws {
    let prose = try HandoutPage(name, .korean).prose
    let words = try glossary(.korean)
    for word in words {
      // "커밋 인덱스" is two words; "로그인" is none.
      guard let first = prose.range(of: word[1]) else { continue }
      #expect(
        prose[first.upperBound...].hasPrefix("(\(word[0])"),
        "\(word[1]) first stands without (\(word[0])): …\(prose[first.lowerBound...].prefix(30))")
    }
  }

  @Test(
    "the code in both languages is the same",
    arguments: ["README"] + Suites.week1.stages.map { "Handout/\($0.id)" })
  func sameCode(name: String) throws {
    let code = try CourseLanguage.allCases.map { language in
      try HandoutPage(name, language).fences.filter { !$0.language.isEmpty }
    }
    #expect(code[0] == code[1])
    let pictures = try CourseLanguage.allCases.map { language in
      try HandoutPage(name, language).fences.count { $0.language.isEmpty }
    }
    #expect(pictures[0] == pictures[1])
  }

  @Test("nothing in a handout needs the network", arguments: CourseLanguage.allCases)
  func noNetwork(language: CourseLanguage) throws {
    for name in ["README"] + Suites.week1.stages.map({ "Handout/\($0.id)" }) {
      #expect(!(try HandoutPage(name, language).text.contains("http")), "\(name)")
    }
  }
}
