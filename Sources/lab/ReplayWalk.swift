import Foundation
import Reports
import Runner

/// `lab replay --step`: keys on a terminal, lines from anywhere else.
struct ReplayWalk {
  let failure: RecordedFailure
  let runner: SuiteRunner
  private var current: Way
  /// The runs that the present one has branched off, the latest last.
  private var earlier: [Way] = []

  /// A run that is walked through.
  private struct Way {
    var walk: RunWalk
    let trace: [UInt8]
    let alterations: Alterations
  }

  init(failure: RecordedFailure, runner: SuiteRunner, trace: [UInt8], walk: RunWalk) {
    self.failure = failure
    self.runner = runner
    current = Way(walk: walk, trace: trace, alterations: failure.alterations)
  }

  mutating func loop() {
    let columns = min(110, Screen.columns() ?? 80)
    show(current.walk.lines(columns: columns), columns)
    Interrupt.beforeEnding { Keys.restore() }
    guard let keys = Keys() else {
      while let line = readLine() {
        guard perform(line, columns) else { return }
      }
      return
    }
    Screen.note(
      "n next · b back · d decisive · s state · v violation · p pending · ? all the keys · q leave")
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
    switch command {
    case .quit: return false
    case .branch(let number): branch(number, columns)
    case .leaveBranch:
      if let before = earlier.popLast() {
        current = before
        show(current.walk.lines(columns: columns), columns)
      } else {
        show([StoryLine("this is the run as it was recorded", .yellow)], columns)
      }
    default: show(current.walk.perform(command, columns: columns), columns)
    }
    return true
  }

  /// Runs everything again up to the present event, lets something else happen then, and goes on from there.
  private mutating func branch(_ number: Int, _ columns: Int) {
    let pending = current.walk.pending
    guard pending.indices.contains(number - 1) else {
      return show([StoryLine("there is no \(number): p lists what may happen now", .yellow)], columns)
    }
    let choice = pending[number - 1]
    do {
      let handlers = try current.walk.picture.handlerNumber(
        ofEvent: current.walk.position, trace: current.trace)
      var alterations = current.alterations
      alterations.branches = (alterations.branches ?? []) + [Branch(afterHandler: handlers, choice.turn)]
      let result = runner.replay(
        failure.scenario, seed: failure.seed, recorded: failure.outcome, alterations: alterations)
      let facts = RunFacts(
        suite: failure.suite, scenario: failure.scenario, seed: failure.seed, alterations: alterations,
        result: result)
      guard let walk = current.walk.branched(into: try RunPicture(trace: result.trace, about: facts)) else {
        return
      }
      earlier.append(current)
      current = Way(walk: walk, trace: result.trace, alterations: alterations)
      let end =
        result.outcome == .passed
        ? StoryLine("This branch passes; u leaves it.", .green)
        : StoryLine.row(
          "This branch \(result.outcome.words), u leaves it: \(result.message ?? "")", nil, columns: columns,
          .red)
      show([StoryLine("Now: " + choice.words, .bold), end] + walk.lines(columns: columns), columns)
    } catch {
      show([StoryLine("the branch could not be run: \(error)", .red)], columns)
    }
  }

  private func show(_ lines: [StoryLine], _ columns: Int) {
    Screen.say()
    Screen.say(lines)
  }

  /// A command from keys: most are one key; a state, a number and a text are ended by the return key.
  private static func line(from keys: borrowing Keys) -> String? {
    guard let key = keys.next(withinMilliseconds: 1_000) else { return nil }
    switch key {
    case " ", "\n", "\r": return "n"
    case "\u{4}": return "q"
    case "s", "g", "x", "/":
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
