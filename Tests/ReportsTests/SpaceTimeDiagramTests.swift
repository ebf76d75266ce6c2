import Checkers
import Foundation
import Reports
import Testing

@Suite("The space-time diagram's page")
struct SpaceTimeDiagramTests {
  private func page(_ text: String) throws -> String {
    let facts = RunFacts(
      week: "week1", scenario: text, title: text, seed: 1, nodeCount: 1, program: "raft", property: text,
      section: text, evidence: text, concernedNodes: [1])
    return try SpaceTimeDiagram.html(
      RunPicture(trace: PictureWorld.trace(named: text), about: facts))
  }

  /// The JSON in the page, as the browser finds it: up to the first end of a script element.
  private func picture(in page: String) throws -> RunPicture {
    let start = try #require(page.range(of: #"id="picture">"#))
    let end = try #require(page.range(of: "</script", range: start.upperBound..<page.endIndex))
    return try JSONDecoder().decode(RunPicture.self, from: Data(page[start.upperBound..<end.lowerBound].utf8))
  }

  @Test(
    "no words of a student's code become part of the page",
    arguments: [
      "</script><script>alert(1)</script>", "<!--<script>", "<img src=x onerror=alert(1)>", "\"'`${x}\\",
      "&lt;b&gt;",
      "]]>", "</title></style><body onload=alert(1)>", "\\u003c/script>", "\\", "\\\"",
    ])
  func markup(_ text: String) throws {
    let plain = try page("name")
    let attacked = try page(text)
    // As many tags as without the attack.
    #expect(attacked.count { $0 == "<" } == plain.count { $0 == "<" })
    let picture = try picture(in: attacked)
    #expect(picture.facts.property == text)
    #expect(picture.messages.first?.label == text)
  }

  @Test("control characters and turns of direction are shown by their numbers")
  func hidden() throws {
    let text = "a\u{1B}[2J\u{0}\u{7}\u{202E}b\u{2066}c\u{200F}d\u{2028}e\u{FEFF}f\u{9B}"
    let page = try page(text)
    let allowed: (Unicode.Scalar) -> Bool = { scalar in
      if scalar == "\n" { return true }
      return ![.control, .format, .lineSeparator, .paragraphSeparator].contains(
        scalar.properties.generalCategory)
    }
    #expect(page.unicodeScalars.allSatisfy(allowed))
    let visible =
      #"a\u{1b}[2J\u{0}\u{7}\u{202e}b\u{2066}c\u{200f}d\u{2028}e\u{feff}f\u{9b}"#
    #expect(page.contains("</span> \(visible)"))
    #expect(try picture(in: page).messages.first?.label == visible)
  }

  @Test("a text of 100 kB is cut, and says so")
  func long() throws {
    let page = try page(String(repeating: "<é", count: 50_000))
    #expect(page.utf8.count < 250_000)
    let label = try #require(try picture(in: page).messages.first?.label)
    #expect(label.hasPrefix("<é<é") && label.hasSuffix("… (98000 characters more)"))
    #expect(label.count < 2_100)
  }

  @Test("the page fetches nothing: it names no address, and forbids what it does not hold")
  func selfContained() throws {
    let page = try page("name")
    #expect(page.contains("default-src 'none'"))
    for word in ["http://", "https://", "//cdn", "@import", "url(", "innerHTML", "document.write", "eval("] {
      // The one address is the name of SVG's elements.
      #expect(!page.replacing("http://www.w3.org/2000/svg", with: "").contains(word), "\(word)")
    }
  }

  @Test("what broke is there before any script runs")
  func headline() throws {
    let page = try page("Election safety")
    let head = try #require(page.range(of: "<h1>"))
    #expect(page[head.upperBound...].contains("Election safety"))
    #expect(page.contains("seed 0x1"))
  }
}

@Suite("The picture of a history")
struct HistoryDiagramTests {
  private typealias Call = Contradiction.Operation

  private func page(words: String = "get(\"x\") → \"1\"") throws -> String {
    var facts = RunFacts(
      week: "week1", scenario: "1E.toy", title: "a toy", seed: 1, nodeCount: 3, program: "raft",
      property: "Linearizability", evidence: "no order fits")
    facts.contradiction = Contradiction(
      key: "x", returned: [1, 2], order: [1, 2], culprit: 3, open: [4],
      operations: [
        Call(
          id: 1, client: 1, callMicroseconds: 0, returnMicroseconds: 10, words: "put 1", stateAfter: "\"1\""),
        Call(
          id: 2, client: 2, callMicroseconds: 20, returnMicroseconds: 20, words: "put 2", stateAfter: "\"2\""),
        Call(id: 3, client: 1, callMicroseconds: 30, returnMicroseconds: 40, words: words),
        Call(id: 4, client: 3, callMicroseconds: 5, returnMicroseconds: nil, words: "put 3"),
      ])
    return try SpaceTimeDiagram.html(RunPicture(trace: PictureWorld.trace(), about: facts))
  }

  @Test("a history's contradiction is drawn: a line a client, the order in numbers, and what fits nowhere")
  func drawn() throws {
    let page = try page()
    for part in [
      ">client 1</text>", ">client 2</text>", ">client 3</text>", ">1</text>", ">2</text>",
      "class=\"bar culprit\"",
      "class=\"bar open\"", "put 2 by client 2; then the value is &quot;2&quot;",
      "fits neither here nor anywhere before",
    ] {
      #expect(page.contains(part), "\(part)")
    }
    // A bar that begins and ends at one instant is as wide as its words.
    let widths = page.matches(of: /<rect class="bar[^>]*width="(\d+)"/).compactMap { Int($0.1) }
    #expect(widths.count == 4 && widths.allSatisfy { $0 > 60 }, "\(widths)")
  }

  @Test("a client's words cannot break out of the picture of a history")
  func harmless() throws {
    let page = try page(words: "</svg><script>alert(1)</script>\u{202E}")
    #expect(!page.contains("<script>alert"))
    #expect(!page.contains("\u{202E}"))
  }
}
