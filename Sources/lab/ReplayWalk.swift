import Foundation
import Reports

/// `lab replay --step`: keys on a terminal, lines from anywhere else.
struct ReplayWalk {
  var walk: RunWalk

  mutating func loop() {
    let columns = min(110, Screen.columns() ?? 80)
    show(walk.lines(columns: columns), columns)
    Interrupt.beforeEnding { Keys.restore() }
    guard let keys = Keys() else {
      while let line = readLine() {
        guard perform(line, columns) else { return }
      }
      return
    }
    Screen.note(
      "n next · b back · d decisive · s state · v violation · ? all the keys · q leave")
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
    show(walk.perform(command, columns: columns), columns)
    return true
  }

  private func show(_ lines: [StoryLine], _ columns: Int) {
    Screen.say()
    for line in lines {
      let text = Screen.harmlessLine(line.text, columns: columns)
      Screen.say(line.colour.map { Screen.paint(text, $0) } ?? text)
    }
  }

  /// A command from keys: most are one key; a state, a number and a text are ended by the return key.
  private static func line(from keys: borrowing Keys) -> String? {
    guard let key = keys.next(withinMilliseconds: 1_000) else { return nil }
    switch key {
    case " ", "\n", "\r": return "n"
    case "\u{4}": return "q"
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
    // Keys are bytes, and one character may be several of them.
    var bytes: [UInt8] = []
    func show() {
      let text = Screen.harmless(String(decoding: bytes, as: UTF8.self))
      try? Screen.write("\r\u{1B}[K\(prompt) \(text)", to: .error)
    }
    show()
    while true {
      guard let key = keys.next(withinMilliseconds: 60_000), key != "\n", key != "\r", key != "\u{1B}" else {
        break
      }
      if key == "\u{7F}" || key == "\u{8}" {
        guard !bytes.isEmpty else { continue }
        bytes = Array(String(decoding: bytes, as: UTF8.self).dropLast().utf8)
      } else {
        bytes += key.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
      }
      show()
    }
    try? Screen.write("\n", to: .error)
    return String(decoding: bytes, as: UTF8.self)
  }
}
