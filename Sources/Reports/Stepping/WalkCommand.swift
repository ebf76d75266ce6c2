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
  /// The next event whose words, effects or notes hold a text, whatever its case.
  case find(String)
  case state(ofNode: Int)
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
    case "?", "h", "help": self = .help
    case "q", "quit": self = .quit
    case "s", "state", "g", "go":
      guard words.count == 2 else { return nil }
      let isState = words[0].hasPrefix("s")
      let digits = isState && words[1].hasPrefix("n") ? String(words[1].dropFirst()) : words[1]
      guard let number = Int(digits.trimmed) else { return nil }
      self = isState ? .state(ofNode: number) : .event(number)
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

  /// The commands, a line each.
  public static let helpLines = [
    "n, Enter, space   the next event            b         back",
    "d                 the next decisive event   D         the one before",
    "1 … 9             the next event of a node  s NODE    all that a node shows",
    "f                 the first fault           v         the violation",
    "g NUMBER          go to an event            /TEXT     find a text, again with / alone",
    "?                 this help                 q         leave",
  ]
}
