import Foundation
import LabKit
import Runner
import Suites
import Testing

/// Whether tables that the suite prescribes are written into the pages instead of compared with them.
private let isUpdating = ProcessInfo.processInfo.environment["LAB_UPDATE_HANDOUTS"] == "1"

@Suite("Handouts", .serialized)
struct HandoutTests {
  private static let pages = Suites.all.flatMap(\.stages).flatMap { stage in
    CourseLanguage.allCases.map { (stage.id, $0) }
  }
  private static let weeks = Suites.all.map(\.week)
  private static let weeksInEveryLanguage = weeks.flatMap { week in
    CourseLanguage.allCases.map { (week, $0) }
  }
  /// Every page of every week.
  private static let names = Suites.all.flatMap { suite in
    HandoutPage.names(of: suite).map { (suite.week, $0) }
  }

  /// A stage with its week.
  private func find(_ id: String) throws -> (suite: Suite, stage: Stage) {
    let suite = try #require(Suites.all.first { $0.stages.contains { $0.id == id } })
    return (suite, try suite.stage(named: id))
  }

  private func suite(_ week: String) throws -> Suite {
    try #require(Suites.all.first { $0.week == week })
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

  private func page(_ id: String, _ language: CourseLanguage) throws -> HandoutPage {
    let (suite, stage) = try find(id)
    return try HandoutPage(stage, of: suite, language)
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
    let stage = try find(id).stage
    let page = try page(id, language)
    let heading = try #require(Self.headings[language])[3]
    let present = try #require(page.section(heading)).rows
    let expected = rows(stage, language, present: present)
    if isUpdating { return try page.replaceRows(under: heading, with: expected) }
    #expect(present == expected, "LAB_UPDATE_HANDOUTS=1 swift test --filter Handouts writes the tables")
  }

  @Test(
    "Korean tables are in Korean and give the same numbers",
    arguments: Suites.all.flatMap(\.stages).map(\.id))
  func koreanTables(id: String) throws {
    let stage = try find(id).stage
    let rows = try section(3, of: page(id, .korean), .korean).rows
    try #require(rows.count == stage.scenarios.count)
    for (row, scenario) in zip(rows, stage.scenarios) {
      #expect(row[1].contains(/\p{Hangul}/) && row[2].contains(/\p{Hangul}/), "\(scenario.id)")
      let bound = scenario.bound ?? progress(.english)
      #expect(numbers(in: row[2]) == numbers(in: bound), "\(scenario.id)")
    }
  }

  @Test("a scenario that is judged over all seeds together has its bands on the page", arguments: pages)
  func bands(id: String, language: CourseLanguage) throws {
    let text = try page(id, language).text
    for scenario in try find(id).stage.scenarios {
      guard let pool = scenario.pool else { continue }
      #expect(pool.points == scenario.points)
      #expect(pool.bands.allSatisfy { $0.limits.count == pool.quantities.count })
      let rows = pool.quantities.enumerated().map { position, quantity in
        let limits = pool.bands.map { band in
          band.limits[position].map { "\(quantity.isToBeGreat ? "≥" : "≤") \($0)" } ?? "–"
        }
        return "| \(([quantity.name] + limits).joined(separator: " | ")) |"
      }
      for row in rows { #expect(text.contains(row), "\(row)") }
      #expect(text.contains("| \(pool.bands.map { "\($0.points)" }.joined(separator: " | ")) |"))
      #expect(
        text.contains(language == .english ? "than \(pool.leastSeeds) seeds" : "시드가 \(pool.leastSeeds)개"))
    }
  }

  @Test("a stage's hours are those of the suite", arguments: pages)
  func hours(id: String, language: CourseLanguage) throws {
    let hours = try section(7, of: page(id, language), language)
    #expect(numbers(in: hours.text) == [try find(id).stage.hours])
  }

  @Test(
    "the week's page lists every stage with what it needs, its points and hours",
    arguments: weeksInEveryLanguage)
  func stages(week: String, language: CourseLanguage) throws {
    let suite = try suite(week)
    let page = try HandoutPage("README", of: suite, language)
    let rows = page.rows.filter { $0.count == 5 }
    let expected = suite.stages.map {
      [$0.id, $0.needs.joined(separator: ", "), "\($0.maxPoints)", "\($0.hours)"]
    }
    #expect(rows.map { [$0[0], $0[2], $0[3], $0[4]] } == expected)
    for (row, stage) in zip(rows, suite.stages) {
      let title = try HandoutPage(stage, of: suite, language).headings(ofLevel: 1).first
      #expect(title == "\(stage.id) \(row[1])")
      if language == .english { #expect(row[1] == stage.title) }
    }
  }

  /// The numbers of each row of the table of the world's numbers.
  private static let worldNumbers: [String: [[Int]]] = {
    let delay = RaftBounds.ordinaryDelayMilliseconds
    let heartbeat = RaftBounds.heartbeatMilliseconds
    return [
      "week1": [
        [delay.lowerBound, delay.upperBound], [heartbeat.lowerBound, heartbeat.upperBound],
        [RaftBounds.longestElectionTimeoutMilliseconds], [RaftBounds.compactionEntries],
        [RaftBounds.progressSeconds],
      ],
      "week2": [
        [delay.lowerBound, delay.upperBound],
        ClockBounds.serverOffsetsMilliseconds.filter { $0 != 0 }.map(abs),
        [ClockBounds.synchronisedMilliseconds], [ClockBounds.jumpMilliseconds],
        [PlacementBounds.balancedKeys, PlacementBounds.balancedNodes],
        [PlacementBounds.leastVirtualNodes], [PlacementBounds.collidingBits],
        [StoreBounds.replicas], [StoreBounds.answerMilliseconds], [StoreBounds.successMilliseconds],
        [StoreBounds.slowMilliseconds.lowerBound, StoreBounds.slowMilliseconds.upperBound],
        [StoreBounds.repairMilliseconds], [StoreBounds.agreementMilliseconds],
        [StoreBounds.manyKeys, StoreBounds.valueBytes, StoreBounds.differingKeys],
        [StoreBounds.exchangedPercent], [StoreBounds.settleMilliseconds], [StoreBounds.manyNodes],
        [StoreBounds.diskPercent.lowerBound, StoreBounds.diskPercent.upperBound],
      ],
      "week3": [
        [delay.lowerBound, delay.upperBound], [LogBounds.partitions], [LogBounds.answerMilliseconds],
        [LogBounds.successMilliseconds], [LogBounds.sessionMilliseconds], [LogBounds.expiryMilliseconds],
      ],
      "week4": [
        [delay.lowerBound, delay.upperBound], [BreakerSettings().timeoutMilliseconds],
        [BreakerSettings().openMilliseconds],
      ],
    ]
  }()

  @Test("the world's numbers are those of LabKit", arguments: weeksInEveryLanguage)
  func worldNumbers(week: String, language: CourseLanguage) throws {
    let page = try HandoutPage("README", of: suite(week), language)
    let heading = language == .english ? "The world's numbers" : "이 세계의 수"
    let rows = try #require(page.section(heading)).rows
    #expect(rows.map { numbers(in: $0[1].components(separatedBy: "(")[0]) } == Self.worldNumbers[week])
  }

  @Test("the text of the pages gives LabKit's numbers", arguments: CourseLanguage.allCases)
  func numbersInProse(language: CourseLanguage) throws {
    #expect(numbers(in: try page("1D", language).prose).contains(RaftBounds.compactionEntries))
    let drift = KeyValueBounds.clockDriftPartsPerMillion / 10_000
    #expect(try page("1E", language).prose.contains("\(drift) %"))
  }

  // MARK: Words

  private func glossary(_ week: String, _ language: CourseLanguage) throws -> [[String]] {
    let page = try HandoutPage("README", of: suite(week), language)
    return try #require(page.section(language == .english ? "Words" : "용어")).rows
  }

  @Test("both languages have the same glossary, in which no word has two translations", arguments: weeks)
  func sameGlossary(week: String) throws {
    let words = try glossary(week, .english)
    #expect(try glossary(week, .korean) == words)
    #expect(words.count >= 12)
    #expect(Set(words.map { $0[0] }).count == words.count)
    #expect(Set(words.map { $0[1] }).count == words.count)
  }

  @Test("every word of the glossary is used in both languages", arguments: weeks)
  func usedWords(week: String) throws {
    let suite = try suite(week)
    for (column, language) in CourseLanguage.allCases.enumerated() {
      let prose = try HandoutPage.names(of: suite)
        .map { try HandoutPage($0, of: suite, language).prose.lowercased() }.joined()
      for word in try glossary(week, language) {
        #expect(prose.contains(word[column].lowercased()), "\(word[column])")
      }
    }
  }

  @Test(
    "a Korean page gives a word of the glossary in both scripts where it first uses it",
    arguments: names)
  func bothScripts(week: String, name: String) throws {
    let prose = try HandoutPage(name, of: suite(week), .korean).prose
    let words = try glossary(week, .korean)
    for word in words {
      // "커밋 인덱스" is two words; "로그인" is none.
      guard let first = prose.range(of: word[1]) else { continue }
      #expect(
        prose[first.upperBound...].hasPrefix("(\(word[0])"),
        "\(word[1]) first stands without (\(word[0])): …\(prose[first.lowerBound...].prefix(30))")
    }
  }

  @Test("the code in both languages is the same", arguments: names)
  func sameCode(week: String, name: String) throws {
    let suite = try suite(week)
    let code = try CourseLanguage.allCases.map { language in
      try HandoutPage(name, of: suite, language).fences.filter { !$0.language.isEmpty }
    }
    #expect(code[0] == code[1])
    let pictures = try CourseLanguage.allCases.map { language in
      try HandoutPage(name, of: suite, language).fences.count { $0.language.isEmpty }
    }
    #expect(pictures[0] == pictures[1])
  }

  @Test("nothing in a handout needs the network", arguments: weeksInEveryLanguage)
  func noNetwork(week: String, language: CourseLanguage) throws {
    let suite = try suite(week)
    for name in HandoutPage.names(of: suite) {
      #expect(!(try HandoutPage(name, of: suite, language).text.contains("http")), "\(name)")
    }
  }
}
