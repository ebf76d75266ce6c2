/// Markdown as a terminal shows it: headings, emphasis, code, lists and tables; anything else stays as it is.
public struct Markdown {
  private let columns: Int
  private let hasColour: Bool
  private var lines: [String] = []
  private var paragraph: [Substring] = []
  private var table: [[String]] = []
  private var isCode = false

  /// The text in lines of at most so many columns, code and what cannot be broken apart.
  public static func lines(_ text: String, columns: Int, hasColour: Bool) -> [String] {
    var markdown = Markdown(columns: columns, hasColour: hasColour)
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) { markdown.add(line) }
    markdown.endBlock()
    return markdown.lines
  }

  private init(columns: Int, hasColour: Bool) {
    self.columns = columns
    self.hasColour = hasColour
  }

  private mutating func add(_ line: Substring) {
    if line.hasPrefix("```") {
      endBlock()
      isCode.toggle()
    } else if isCode {
      lines.append(Screen.harmless(String(line)))
    } else if line.hasPrefix("|") {
      endParagraph()
      let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
      table.append(cells.map { String($0).trimmed })
    } else if line.allSatisfy(\.isWhitespace) {
      endBlock()
      if lines.last != "" { lines.append("") }
    } else if line.hasPrefix("#") {
      endBlock()
      let title = Word.all(in: line.drop { $0 == "#" }).map(\.plain).joined(separator: " ")
      lines.append(hasColour ? "\u{1B}[1m\(title)\u{1B}[0m" : title)
    } else {
      endTable()
      if startsItem(line) { endParagraph() }
      paragraph.append(line)
    }
  }

  private func startsItem(_ line: Substring) -> Bool {
    let text = line.drop(while: \.isWhitespace)
    if text.hasPrefix("- ") || text.hasPrefix("* ") { return true }
    let number = text.prefix(while: \.isNumber)
    return !number.isEmpty && text.dropFirst(number.count).hasPrefix(". ")
  }

  private mutating func endBlock() {
    endParagraph()
    endTable()
  }

  private mutating func endParagraph() {
    guard let first = paragraph.first else { return }
    let indentation = first.prefix(while: \.isWhitespace).count
    let words = Word.all(in: paragraph.joined(separator: " "))
    // What an item goes on with stands under its text.
    let mark = startsItem(first) ? (words.first?.columns ?? 0) + 1 : 0
    for (index, line) in wrap(words, to: columns - indentation, hanging: mark).enumerated() {
      lines.append(String(repeating: " ", count: indentation + (index == 0 ? 0 : mark)) + painted(line))
    }
    paragraph = []
  }

  /// Breaks between words; all lines but the first are shorter by what they hang.
  private func wrap(_ words: [Word], to width: Int, hanging: Int = 0) -> [[Word]] {
    var result: [[Word]] = []
    var line: [Word] = []
    for word in words {
      let limit = max(20, result.isEmpty ? width : width - hanging)
      if !line.isEmpty, Self.columns(of: line) + 1 + word.columns > limit {
        result.append(line)
        line = []
      }
      line.append(word)
    }
    return line.isEmpty ? result : result + [line]
  }

  // MARK: Tables

  private mutating func endTable() {
    defer { table = [] }
    let isRule = { (row: [String]) in row.allSatisfy { !$0.isEmpty && $0.allSatisfy { "-:".contains($0) } } }
    let rows = table.filter { !isRule($0) }.map { $0.map { Word.all(in: $0) } }
    guard let count = rows.map(\.count).max(), count > 0 else { return }
    var widths = (0..<count).map { column in
      rows.map { column < $0.count ? Self.columns(of: $0[column]) : 0 }.max() ?? 0
    }
    while widths.reduce(0, +) + 2 * (count - 1) > columns, let widest = widths.max(), widest > 20 {
      widths[widths.firstIndex(of: widest) ?? 0] -= 1
    }
    for row in rows {
      let cells = row.enumerated().map { wrap($1, to: widths[$0]) }
      for index in 0..<(cells.map(\.count).max() ?? 0) {
        let parts = cells.enumerated().map { column, cell in
          let words = index < cell.count ? cell[index] : []
          return painted(words)
            + String(repeating: " ", count: max(0, widths[column] - Self.columns(of: words)))
        }
        lines.append(parts.joined(separator: "  ").trimmedAtEnd)
      }
    }
  }

  // MARK: Words

  private static func columns(of words: [Word]) -> Int {
    words.reduce(max(0, words.count - 1)) { $0 + $1.columns }
  }

  private func painted(_ words: [Word]) -> String {
    words.map { hasColour ? $0.painted : $0.plain }.joined(separator: " ")
  }

  /// What must stay on one line, its pieces each with how they are marked.
  private struct Word {
    enum Mark: String, CaseIterable {
      case code = "`"
      case strong = "**"
      case emphasis = "*"

      var colour: Int {
        switch self {
        case .code: 36
        case .strong: 1
        case .emphasis: 3
        }
      }
    }

    var pieces: [(text: String, mark: Mark?)] = []

    var plain: String { pieces.map(\.text).joined() }
    var columns: Int { plain.displayColumns }
    var painted: String {
      pieces.map { text, mark in mark.map { "\u{1B}[\($0.colour)m\(text)\u{1B}[0m" } ?? text }.joined()
    }

    private mutating func append(_ character: Character, _ mark: Mark?) {
      if let last = pieces.last, last.mark == mark {
        pieces[pieces.count - 1].text.append(character)
      } else {
        pieces.append((String(character), mark))
      }
    }

    /// The words of a text. A mark may reach over several words; code is one.
    static func all(in text: some StringProtocol) -> [Word] {
      var words: [Word] = []
      var word = Word()
      var open: Mark?
      var rest = Substring(withPlainLinks(Screen.harmless(String(text))))
      while let character = rest.first {
        if let mark = open ?? Mark.allCases.first(where: { rest.hasPrefix($0.rawValue) }),
          rest.hasPrefix(mark.rawValue), case let after = rest.dropFirst(mark.rawValue.count),
          open != nil || opens(mark, before: after)
        {
          open = open == nil ? mark : nil
          rest = after
        } else {
          if character.isWhitespace && open != .code {
            if !word.pieces.isEmpty { words.append(word) }
            word = Word()
          } else {
            word.append(character, open)
          }
          rest.removeFirst()
        }
      }
      return word.pieces.isEmpty ? words : words + [word]
    }

    /// A link as its text and the file, which is named as seen from the course folder.
    private static func withPlainLinks(_ text: String) -> String {
      text.replacing(/\[([^\]]+)\]\((?:\.\.\/)*([^)]+)\)/) { "\($0.output.1): `\($0.output.2)`" }
    }

    /// A mark opens if text follows at once, and the mark comes again.
    private static func opens(_ mark: Mark, before text: Substring) -> Bool {
      guard let next = text.first, mark == .code || !next.isWhitespace else { return false }
      return text.contains(mark.rawValue)
    }
  }
}
