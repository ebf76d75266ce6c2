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
