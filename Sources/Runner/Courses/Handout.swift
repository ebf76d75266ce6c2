import CourseFiles
import Foundation

/// A week's texts as this `lab` brings them, in the course's languages; English stands in for what is not translated.
public struct Handout: Sendable {
  private let folder: URL
  private let suite: Suite
  private let language: CourseLanguage

  /// - Parameter courseFiles: where the course's files lie, if not beside this program.
  public init(_ suite: Suite, _ language: CourseLanguage, in courseFiles: URL? = nil) throws {
    folder = try (courseFiles ?? CourseFiles.folder()).appendingPathComponent(suite.folder)
    self.suite = suite
    self.language = language
  }

  /// The week's handout, as Markdown.
  public func week() throws -> String {
    guard let text = text("README") else { throw LabError("there is no README.md in \(folder.path)") }
    return text
  }

  /// A stage's part: a file of its own, or its section of the week's handout.
  public func part(_ stage: Stage) throws -> String {
    if let text = text("Handout/\(stage.id)") { return text }
    let lines = try week().components(separatedBy: "\n")
    let isHeading = { (line: String) in line.hasPrefix("## ") || line.hasPrefix("# ") }
    guard let start = lines.firstIndex(where: { $0.hasPrefix("## \(stage.id) ") || $0 == "## \(stage.id)" })
    else {
      throw LabError("the handout of \(suite.week) has no part on \(stage.id)")
    }
    let end = lines[(start + 1)...].firstIndex(where: isHeading) ?? lines.endIndex
    return lines[start..<end].joined(separator: "\n")
  }

  /// A page beside the stages' parts.
  public func essay(_ name: String) throws -> String {
    guard let text = text("Handout/\(name)") else {
      throw LabError("there is no Handout/\(name).md in \(folder.path)")
    }
    return text
  }

  /// A stage's hints, the gentlest first; none if there is no file of hints.
  public func hints(_ stage: Stage) -> [Hint] { Hint.all(in: text("Hints/\(stage.id)") ?? "") }

  private func text(_ name: String) -> String? {
    for language in [language, .english] {
      let file = folder.appendingPathComponent(language.fileName(name))
      if let text = try? String(contentsOf: file, encoding: .utf8) { return text }
    }
    return nil
  }
}

/// A hint: what it is about, and what it says.
public struct Hint: Sendable, Equatable {
  public let title: String
  public let text: String

  /// The hints of a file: each begins with a heading of the second level.
  static func all(in file: String) -> [Hint] {
    var hints: [(title: String, lines: [String])] = []
    for line in file.components(separatedBy: "\n") {
      if line.hasPrefix("## ") {
        hints.append((String(line.dropFirst(3)), []))
      } else if !hints.isEmpty {
        hints[hints.count - 1].lines.append(line)
      }
    }
    return hints.map {
      Hint(
        title: $0.title,
        text: $0.lines.joined(separator: "\n").trimmingCharacters(in: .whitespacesAndNewlines))
    }
  }
}
