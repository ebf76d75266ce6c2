/// A line that a person reads on a terminal.
public struct StoryLine: Sendable, Hashable {
  public var text: String
  public var colour: Screen.Colour?

  public init(_ text: String = "", _ colour: Screen.Colour? = nil) {
    self.text = text
    self.colour = colour
  }

  /// Breaks a text between words, into at most so many lines; what does not fit ends with "…".
  ///
  /// - Parameter indent: what the second line and those after it begin with. The first keeps the spaces it begins with.
  static func wrapped(
    _ text: String, columns: Int, indent: String = "", atMost limit: Int, _ colour: Screen.Colour? = nil
  ) -> [StoryLine] {
    if text.displayColumns <= columns, !text.contains("\n") {
      return text.isEmpty ? [] : [StoryLine(text, colour)]
    }
    var lines: [String] = []
    var line = String(text.prefix { $0 == " " })
    var isFresh = true
    for word in text.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
      let longer = isFresh ? line + word : line + " " + word
      if isFresh || longer.displayColumns <= columns {
        line = longer
      } else {
        lines.append(line)
        line = indent + word
      }
      isFresh = false
    }
    if !isFresh { lines.append(line) }
    if lines.count > limit {
      lines = Array(lines.prefix(limit))
      lines[limit - 1] = (lines[limit - 1] + " …").shortened(toColumns: columns)
    }
    return lines.map { StoryLine($0.shortened(toColumns: columns), colour) }
  }

  /// Two texts in one line, the second at its end; only the first where the line is too short for both.
  public static func row(_ left: String, _ right: String?, columns: Int, _ colour: Screen.Colour? = nil)
    -> StoryLine
  {
    let room = columns - (right ?? "").displayColumns - 2
    guard let right, !right.isEmpty, room >= min(36, left.displayColumns) else {
      return StoryLine(left.shortened(toColumns: columns), colour)
    }
    return StoryLine(Screen.pad(left.shortened(toColumns: room), room) + "  " + right, colour)
  }
}
