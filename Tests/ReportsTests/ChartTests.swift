import LabKit
import Reports
import Runner
import Suites
import Testing

@Suite("Charts")
struct ChartTests {
  private func chart(_ panels: Chart.Panel...) -> Chart {
    Chart(title: "9Z A chart", setting: "Three things were weighed.", panels: panels)
  }

  private func text(_ chart: Chart, columns: Int? = nil) -> [String] {
    ChartScreen.lines(chart, columns: columns).map(\.text)
  }

  private var weights: Chart.Panel {
    Chart.Panel(
      title: "Weights", remark: "The second is the heaviest.", columns: ["today", "tomorrow"],
      rows: [
        Chart.Row("one", [.bar(1, words: "1"), .bar(100, words: "100")]),
        Chart.Row("two", [.bar(4, words: "4"), .bar(0, words: "0")]),
        Chart.Row("sum", [.words("5 in all"), .words("100 in all")]),
      ])
  }

  private var afternoon: Chart.Timeline {
    Chart.Timeline(
      title: "An afternoon", remark: "When does it rain?", seconds: 4,
      lanes: [Chart.Lane("rain", [Chart.Span(start: 1.5, end: 2.5, words: "it <pours>")])],
      curves: [
        Chart.Curve("light, %", [100, 50, nil, 0], scale: 100, isLowBad: true),
        Chart.Curve("noise", [0, 1, 8, 20], scale: 7),
      ])
  }

  // MARK: On a terminal

  @Test("a timeline has a line for each lane and curve, and a column for each second")
  func timeline() {
    let chart = Chart(title: "9Z A chart", setting: "It was looked at.", timelines: [afternoon])
    #expect(
      text(chart) == [
        "9Z A chart", "It was looked at.", "", "An afternoon", "When does it rain?", "  rain      ·██·",
        "  light, %  █▅ ▁", "  noise     ▁▂██", "  seconds   0",
      ])
  }

  @Test("where there is no room for every second the worst is shown")
  func longTimeline() {
    let values = (0..<120).map { Double($0 == 70 ? 0 : $0 == 90 ? 200 : 100) }
    let timeline = Chart.Timeline(
      title: "", remark: "", seconds: 120, lanes: [],
      curves: [
        Chart.Curve("a", values, scale: 100, isLowBad: true), Chart.Curve("b", values, scale: 200),
      ])
    let lines = text(Chart(title: "", setting: "", timelines: [timeline]), columns: 72)
    #expect(lines.allSatisfy { $0.count <= 72 })
    #expect(lines.contains { $0.hasPrefix("  a") && $0.contains("▁") })
    #expect(lines.contains { $0.hasPrefix("  b") && $0.contains("█") })
  }

  @Test("a bar's length is its share of the longest in its column, to an eighth of a letter")
  func bars() {
    func line(_ title: String, _ first: String, _ second: String) -> String {
      "  \(title)  \(first + String(repeating: " ", count: 35 - first.count))  \(second)"
    }
    func bar(_ text: String, of columns: Int, _ figure: String) -> String {
      text + String(repeating: " ", count: columns - text.count) + " " + figure
    }
    func full(_ count: Int) -> String { String(repeating: "█", count: count) }
    #expect(
      text(chart(weights)) == [
        "9Z A chart", "Three things were weighed.", "", "Weights", "The second is the heaviest.",
        line("   ", "today", "tomorrow"),
        line("one", bar(full(8) + "▎", of: 33, "1"), bar(full(31), of: 31, "100")),
        line("two", bar(full(33), of: 33, "4"), bar("", of: 31, "  0")),
        line("sum", "5 in all", "100 in all"),
      ])
  }

  @Test("the columns of a panel may share a scale")
  func sharedScale() throws {
    let rows = [Chart.Row("one", [.bar(50, words: "50"), .bar(100, words: "100")])]
    func length(sharesScale: Bool) throws -> Int {
      let panel = Chart.Panel(
        title: "", remark: "", columns: ["a", "b"], rows: rows, sharesScale: sharesScale)
      let line = try #require(text(chart(panel)).last)
      return try #require(line.split(separator: " ").dropFirst().first).count
    }
    #expect(try length(sharesScale: true) * 2 <= length(sharesScale: false) + 1)
  }

  @Test("both parts of a bar are seen, however small one is, and named")
  func parts() throws {
    let panel = Chart.Panel(
      title: "", remark: "", parts: ["old", "new"], columns: ["a"],
      rows: [
        Chart.Row("much", [.bar(1_000, 1, words: "1,001")]),
        Chart.Row("little", [.bar(1, 1_000, words: "1,001")]),
      ])
    let lines = text(chart(panel))
    #expect(lines.contains("█ old   ▒ new"))
    for line in lines.suffix(2) {
      #expect(line.contains("█") && line.contains("▒"))
      #expect(line.count { $0 == "█" || $0 == "▒" } == 80 - 2 - 6 - 2 - 1 - 5)
    }
  }

  @Test(
    "no line is wider than the terminal, and a wide one gets no longer lines than one reads",
    arguments: [60, 72, 80, 100, 300])
  func width(columns: Int) {
    for line in text(Self.sharding, columns: columns) { #expect(line.count <= min(100, columns)) }
  }

  // MARK: As a page

  @Test(
    "no words of a chart become part of its page",
    arguments: ["</script><b>", "<img src=x onerror=alert(1)>", "\"><script>", "'&lt;", "</style></svg>"])
  func markup(_ words: String) {
    func page(_ words: String) -> String {
      let panel = Chart.Panel(
        title: words, remark: words, parts: [words], columns: [words],
        rows: [Chart.Row(words, [.bar(1, words: words)]), Chart.Row(words, [.words(words)])])
      let timeline = Chart.Timeline(
        title: words, remark: words, seconds: 3,
        lanes: [Chart.Lane(words, [Chart.Span(start: 1, end: 2, words: words)])],
        curves: [Chart.Curve(words, [1, 2, 3], scale: 3)])
      return ChartPage.html(Chart(title: words, setting: words, timelines: [timeline], panels: [panel]))
    }
    let (plain, attacked) = (page("name"), page(words))
    for letter in "<>\"'" { #expect(attacked.count { $0 == letter } == plain.count { $0 == letter }) }
    #expect(!attacked.contains(words))
  }

  @Test("a page fetches nothing and runs nothing")
  func alone() {
    let page = ChartPage.html(Self.sharding)
    #expect(page.contains("default-src 'none'"))
    let found = ["://", "<script", "<link", "src=", "@import", "url("].filter(page.contains)
    #expect(found == [])
  }

  @Test("a page has a drawing a column, with every figure in it and in words")
  func drawings() {
    let page = ChartPage.html(chart(weights))
    #expect(page.components(separatedBy: "<figure>").count == 3)
    #expect(page.contains("aria-label=\"today: one: 1; two: 4; sum: 5 in all\""))
    #expect(page.contains(">100 in all</text>"))
    // Nothing is drawn for nothing: three bars of four have a length.
    #expect(page.components(separatedBy: "<rect").count - 1 == 3)
  }

  @Test("a timeline is drawn with its spans in words, and its curves break off where nothing was measured")
  func timelineDrawing() {
    let page = ChartPage.html(Chart(title: "", setting: "", timelines: [afternoon]))
    #expect(page.components(separatedBy: "<polyline").count - 1 == 3)
    #expect(page.components(separatedBy: "class=\"second\"").count - 1 == 1)
    #expect(page.contains("<title>it &lt;pours&gt;</title>"))
    #expect(page.contains("<title>second 3: 20</title>"))
  }

  // MARK: The chart of 2B

  /// The chart of a ring that deals the keys out in turn.
  private static let sharding = ShardingChart.chart(
    ring: ShardingChart.Owners(
      before: (0..<10_000).map { $0 % 10 + 1 },
      afterComing: (0..<10_000).map { $0 % 11 == 10 ? 11 : $0 % 10 + 1 },
      afterGoing: (0..<10_000).map { $0 % 11 == 10 ? 11 : $0 % 10 == 2 ? 4 : $0 % 10 + 1 }))

  private func cells(_ panel: Int, _ row: String) throws -> [String] {
    try #require(Self.sharding.panels[panel].rows.first { $0.title == row }).cells.map(\.words)
  }

  @Test("ranges hold the newest keys on one node, a directory deals them out")
  func held() throws {
    #expect(try cells(0, "n1") == ["1,000", "500", "1,000"])
    #expect(try cells(0, "n10") == ["1,000", "1,999", "1,000"])
    #expect(try cells(0, "fullest") == ["100 % of the mean", "200 % of the mean", "100 % of the mean"])
    #expect(try cells(0, "newest") == ["10 % on one node", "100 % on one node", "10 % on one node"])
  }

  @Test("what moves is told apart from what had to, and modulo moves nearly everything")
  func moved() throws {
    #expect(try cells(1, "your ring") == ["909", "909", "182 % of the mean"])
    #expect(try cells(1, "ranges") == ["1,000", "875", "163 % of the mean"])
    #expect(try cells(1, "directory") == ["909", "909", "100 % of the mean"])
    for row in Self.sharding.panels[1].rows {
      let idle = row.cells.prefix(2).map { $0.parts.last ?? 0 }
      if row.title == "hash % nodes" {
        #expect(idle.allSatisfy { $0 > 7_500 })
      } else {
        #expect(idle == [0, 0])
      }
    }
  }

  @Test("a scan asks one range and every node of the others; a directory has an entry a key")
  func asked() throws {
    #expect(try cells(2, "your ring") == ["10.0", "10"])
    #expect(try cells(2, "ranges") == ["1.1", "10"])
    #expect(try cells(2, "directory")[1] == "10,000")
    #expect(try cells(2, "hash % nodes")[1] == "10")
  }

  // MARK: Trade-offs

  @Test("a mode of the store is drawn as it was measured, and one that is not written yet is said to be so")
  func tradeOffs() throws {
    var figures = TradeOffChart.Figures()
    (figures.getMilliseconds, figures.manyPercent, figures.fewPercent) = (12, 100, 50)
    (figures.reads, figures.stale, figures.backward) = (400, 3, 1)
    let chart = TradeOffChart.chart([("R = 2, W = 2", figures), ("linearizable", nil)])
    #expect(
      chart.panels.map { $0.rows[0].cells.map(\.words) } == [
        ["12 ms", "no answer"], ["100 %", "50 %"], ["3 of 400", "1 of 400"],
      ])
    #expect(chart.panels.allSatisfy { $0.rows[1].cells.map(\.words) == ["not yet", "not yet"] })
  }
}
