import Foundation
import Runner
import Suites

/// A page of a week's handout, taken apart as far as tests need it.
struct HandoutPage: CustomStringConvertible {
  let file: URL
  private(set) var lines: [String]

  /// The whole page as one string.
  var text: String { lines.joined(separator: "\n") }
  var description: String { file.lastPathComponent }

  private static let labs = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Labs")

  /// "README" or a stage's page, such as "Handout/1A".
  init(_ name: String, of suite: Suite, _ language: CourseLanguage) throws {
    file = Self.labs.appendingPathComponent(suite.folder).appendingPathComponent(language.fileName(name))
    lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
  }

  init(_ stage: Stage, of suite: Suite, _ language: CourseLanguage) throws {
    try self.init("Handout/\(stage.id)", of: suite, language)
  }

  /// The pages of a week: its own, and one a stage.
  static func names(of suite: Suite) -> [String] { ["README"] + suite.stages.map { "Handout/\($0.id)" } }

  // MARK: Parts

  /// A fenced block: what stands behind the fence, and what stands between the fences.
  struct Fence: Equatable {
    var language: String
    var text: String
  }

  var fences: [Fence] {
    var fences: [Fence] = []
    var open: (language: String, lines: [String])?
    for line in lines {
      if line.hasPrefix("```") {
        if let block = open {
          fences.append(Fence(language: block.language, text: block.lines.joined(separator: "\n")))
          open = nil
        } else {
          open = (String(line.dropFirst(3)), [])
        }
      } else {
        open?.lines.append(line)
      }
    }
    return fences
  }

  /// Running text: no headings, tables or fenced blocks. Lines that belong together are joined.
  var prose: String {
    var isInFence = false
    return lines.filter { line in
      if line.hasPrefix("```") { isInFence.toggle() }
      return !isInFence && !line.hasPrefix("#") && !line.hasPrefix("|") && !line.hasPrefix("```")
    }
    .joined(separator: " ")
  }

  func headings(ofLevel level: Int) -> [String] {
    let mark = String(repeating: "#", count: level) + " "
    return lines.filter { $0.hasPrefix(mark) }.map { String($0.dropFirst(mark.count)) }
  }

  /// The part under a heading, up to the next one of its level or above.
  func section(_ heading: String, level: Int = 2) -> HandoutPage? {
    let mark = String(repeating: "#", count: level) + " "
    guard let start = lines.firstIndex(of: mark + heading) else { return nil }
    let isNext = { (line: String) in
      (1...level).contains { line.hasPrefix(String(repeating: "#", count: $0) + " ") }
    }
    let end = lines[(start + 1)...].firstIndex(where: isNext) ?? lines.endIndex
    var section = self
    section.lines = Array(lines[(start + 1)..<end])
    return section
  }

  /// The cells of every row of tables, heads and rules left out.
  var rows: [[String]] {
    var rows: [[String]] = []
    var wasTable = false
    for line in lines {
      if line.hasPrefix("| ---") {
        // The row before the rule is the head.
        if wasTable { rows.removeLast() }
      } else if line.hasPrefix("|") {
        rows.append(
          line.components(separatedBy: "|").dropFirst().dropLast().map {
            $0.trimmingCharacters(in: .whitespaces)
          })
      }
      wasTable = line.hasPrefix("|")
    }
    return rows
  }

  /// Puts rows in the place of those of the one table under a heading, and writes the page.
  func replaceRows(under heading: String, with rows: [[String]]) throws {
    guard let start = lines.firstIndex(of: "## \(heading)"),
      let rule = lines[start...].firstIndex(where: { $0.hasPrefix("| ---") })
    else { return }
    let end = lines[rule...].firstIndex { !$0.hasPrefix("|") } ?? lines.endIndex
    var changed = lines
    changed.replaceSubrange((rule + 1)..<end, with: rows.map { "| \($0.joined(separator: " | ")) |" })
    try changed.joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
  }
}

/// The numbers in a text, in their order: "1,500 ms or 3" holds 1500 and 3.
func numbers(in text: String) -> [Int] {
  text.replacing(",", with: "").split { !$0.isASCII || !$0.isNumber }.compactMap { Int($0) }
}
