import Reports
import Testing

@Suite("Markdown on a terminal")
struct MarkdownTests {
  private func lines(_ text: String, columns: Int = 30, hasColour: Bool = false) -> [String] {
    Markdown.lines(text, columns: columns, hasColour: hasColour)
  }

  @Test("a paragraph is broken between words, an item's lines hang under its text")
  func wrapping() {
    #expect(
      lines("one two three four five six seven eight") == ["one two three four five six", "seven eight"])
    #expect(lines("- one two three four five six seven") == ["- one two three four five six", "  seven"])
    #expect(lines("1. a\n2. b") == ["1. a", "2. b"])
  }

  @Test("a mark may reach over a line's end, code is not broken")
  func marks() {
    #expect(
      lines("**one two three four five six seven**", hasColour: true).allSatisfy { $0.hasPrefix("\u{1B}[1m") }
    )
    #expect(
      lines("so it is `2 * voters.count > peers.count`") == ["so it is", "2 * voters.count > peers.count"])
    #expect(lines("2 * 3 and a* b") == ["2 * 3 and a* b"])
  }

  @Test("a table's columns stand under each other, Korean ones too")
  func tables() {
    #expect(lines("| 이름 | b |\n| --- | --- |\n| `a` | c |") == ["이름  b", "a     c"])
    let wide = lines("| a | one two three four five six seven eight |\n| - | - |")
    #expect(wide.count == 2)
    #expect(wide.allSatisfy { $0.count <= 30 })
  }

  @Test("code stays as it is, without what could steer a terminal")
  func code() {
    #expect(lines("```\na   *b*  \u{1B}[2J\n```") == ["a   *b*  \u{FFFD}[2J"])
  }
}
