import Foundation
import Reports

/// `lab replay --step`: keys on a terminal, lines from anywhere else.
struct ReplayWalk {
  var walk: RunWalk

  mutating func loop() {
    let columns = min(110, Screen.columns() ?? 80)
    show(walk.lines(columns: columns))
    Interrupt.beforeEnding { Keys.restore() }
    guard let keys = Keys() else {
      while let line = readLine() {
        guard perform(line, columns) else { return }
      }
      return
    }
    Screen.note(
      "n next · b back · d decisive · 1–9 of a node · s state · v violation · f fault · ? help · q leave")
    while true {
      guard let line = Self.line(from: keys) else { continue }
      guard perform(line, columns) else { return }
    }
  }

  /// False when it is time to leave.
  private mutating func perform(_ line: String, _ columns: Int) -> Bool {
    guard let command = WalkCommand(line: line) else {
      Screen.say(Screen.paint("\"\(Screen.harmless(line))\" is no command; ? lists them", .yellow))
      return true
    }
    if command == .quit { return false }
    show(walk.perform(command, columns: columns))
    return true
  }

  private func show(_ lines: [StoryLine]) {
    Screen.say()
    for line in lines {
      let text = Screen.harmless(line.text)
      Screen.say(line.colour.map { Screen.paint(text, $0) } ?? text)
    }
  }

  /// A command from keys: most are one key; a state, a number and a text are ended by the return key.
  private static func line(from keys: borrowing Keys) -> String? {
    guard let key = keys.next(withinMilliseconds: 1_000) else { return nil }
    switch key {
    case " ", "\n", "\r": return "n"
    case "s", "g", "/":
      let rest = words(after: key, from: keys)
      return key == "/" ? "/" + rest : "\(key) \(rest)"
    case "\u{1B}":
      // An arrow key comes as three: down and right go on, up and left go back.
      guard keys.next(withinMilliseconds: 30) == "[" else { return nil }
      switch keys.next(withinMilliseconds: 30) {
      case "B", "C": return "n"
      case "A", "D": return "b"
      default: return nil
      }
    default: return String(key)
    }
  }

  private static func words(after prompt: Character, from keys: borrowing Keys) -> String {
    var text = ""
    try? Screen.write("\(prompt) ", to: .error)
    while true {
      guard let key = keys.next(withinMilliseconds: 60_000), key != "\n", key != "\r", key != "\u{1B}" else {
        break
      }
      if key == "\u{7F}" || key == "\u{8}" {
        guard text.popLast() != nil else { continue }
        try? Screen.write("\u{8} \u{8}", to: .error)
      } else {
        text.append(key)
        try? Screen.write(Screen.harmless(String(key)), to: .error)
      }
    }
    try? Screen.write("\n", to: .error)
    return text
  }
}
