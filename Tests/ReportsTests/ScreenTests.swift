import Reports
import Testing

@Suite("The screen")
struct ScreenTests {
  @Test(
    "colour needs a terminal that is not dumb, unless it is forced; NO_COLOR forbids it in any case",
    arguments: [
      ([:], true, true), ([:], false, false), (["TERM": "dumb"], true, false),
      (["NO_COLOR": "1"], true, false), (["NO_COLOR": ""], true, true),
      (["CLICOLOR_FORCE": "1"], false, true), (["CLICOLOR_FORCE": "0"], false, false),
      (["CLICOLOR_FORCE": "1", "TERM": "dumb"], true, true),
      (["CLICOLOR_FORCE": "1", "NO_COLOR": "1"], true, false),
    ] as [([String: String], Bool, Bool)])
  func colour(environment: [String: String], isTerminal: Bool, expected: Bool) {
    #expect(Screen.hasColour(environment: environment, isTerminal: isTerminal) == expected)
  }

  @Test("control characters and turns of direction are taken out of a student's words, line ends are not")
  func harmless() {
    let text = "a\u{1B}[2J\u{7}\r\u{9B}\u{202E}\nb é 한"
    #expect(Screen.harmless(text) == "a\u{FFFD}[2J\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\nb é 한")
  }
}
