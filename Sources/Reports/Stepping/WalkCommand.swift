/// What one can ask for while walking through a run.
public enum WalkCommand: Sendable, Hashable {
  case next
  case back
  /// The next event of a node.
  case nextOfNode(Int)
  case nextDecisive
  case previousDecisive
  case violation
  case firstFault
  case event(Int)
  /// The first event at or after a virtual time.
  case time(microseconds: Int)
  /// The next event whose words, effects or notes hold a text, whatever its case.
  case find(String)
  /// Of the present event's node if none is named.
  case state(ofNode: Int?)
  /// From now on next and back leave out what is not decisive; once more, and they do not.
  case onlyDecisive
  /// What may happen at this point beside what does.
  case pending
  /// Let something of that happen now, counted from 1, and go on from there.
  case branch(Int)
  /// Back to the run before the latest branch.
  case leaveBranch
  case help
  case quit

  /// Reads a line as it is typed; nil if it is no command.
  public init?(line: String) {
    let text = line.trimmed
    let words = text.split(separator: " ", maxSplits: 1).map(String.init)
    switch words.first {
    case nil, "n", "next": self = .next
    case "b", "back": self = .back
    case "d", "decisive": self = .nextDecisive
    case "D": self = .previousDecisive
    case "v", "violation": self = .violation
    case "f", "fault": self = .firstFault
    case "o", "only": self = .onlyDecisive
    case "p", "pending": self = .pending
    case "u", "undo": self = .leaveBranch
    case "x":
      guard words.count == 2, let number = Int(words[1]) else { return nil }
      self = .branch(number)
    case "?", "h", "help": self = .help
    case "q", "quit": self = .quit
    case "s", "state":
      guard words.count == 2 else {
        self = .state(ofNode: nil)
        return
      }
      let digits = words[1].hasPrefix("n") ? String(words[1].dropFirst()) : words[1]
      guard let node = Int(digits.trimmed) else { return nil }
      self = .state(ofNode: node)
    case "g", "go":
      guard words.count == 2 else { return nil }
      if let number = Int(words[1]) {
        self = .event(number)
      } else if let time = Self.microseconds(words[1]) {
        self = .time(microseconds: time)
      } else {
        return nil
      }
    case let first?:
      if text.hasPrefix("/") {
        self = .find(String(text.dropFirst()).trimmed)
      } else if words.count == 1, let node = Int(first.hasPrefix("n") ? String(first.dropFirst()) : first) {
        self = .nextOfNode(node)
      } else {
        return nil
      }
    }
  }

  /// A time such as "1203 ms", "1203.4ms" or "1.2 s".
  private static func microseconds(_ text: String) -> Int? {
    let isMilliseconds = text.hasSuffix("ms")
    guard isMilliseconds || text.hasSuffix("s"),
      let number = Double(String(text.dropLast(isMilliseconds ? 2 : 1)).trimmed), (0...1e9).contains(number)
    else { return nil }
    return Int(number * (isMilliseconds ? 1_000 : 1_000_000))
  }

  /// The commands, a line each.
  public static let helpLines = [
    "n, Enter, space  the next event            b       back",
    "d                the next decisive event   D       the one before",
    "1 … 9            the next event of a node  o       decisive events only",
    "f                the first fault           v       the violation",
    "g NUMBER         go to an event            /TEXT   find a text; / finds it again",
    "g 1203 ms        go to a time              s NODE  all that a node shows",
    "p                what may happen next      x NUMBER  let that come first",
    "u                leave the branch          ?       this help",
    "q                leave",
  ]
}
