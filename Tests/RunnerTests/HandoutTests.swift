import Foundation
import LabKit
import Runner
import Suites
import Testing

@Suite("Handouts")
struct HandoutTests {
  private func handout(_ name: String) throws -> String {
    let repository = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return try String(
      contentsOf: repository.appendingPathComponent("Labs/week1-raft/\(name)"), encoding: .utf8)
  }

  @Test(
    "both languages list every scenario of the suite with its points, and no other",
    arguments: ["README.md", "README.ko.md"])
  func scenarios(name: String) throws {
    let rows = try handout(name).components(separatedBy: "\n").filter { $0.hasPrefix("| `1") }
    let listed = rows.map { row in
      let cells = row.components(separatedBy: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      return "\(cells[1].replacingOccurrences(of: "`", with: "")) \(cells[3])"
    }
    let expected = Suites.week1.stages.flatMap(\.scenarios).map { "\($0.id) \($0.points)" }
    #expect(listed == expected)
  }

  @Test("both languages have the same glossary")
  func glossary() throws {
    let tables = try ["README.md", "README.ko.md"].map { name in
      try handout(name).components(separatedBy: "\n").suffix(while: { $0.hasPrefix("|") || $0.isEmpty })
        .dropFirst(2)
    }
    #expect(Array(tables[0]) == Array(tables[1]))
    #expect(tables[0].count > 5)
  }

  @Test("the world's numbers are those of LabKit")
  func numbers() throws {
    let text = try handout("README.md")
    #expect(
      text.contains(
        "\(RaftBounds.ordinaryDelayMilliseconds.lowerBound) to \(RaftBounds.ordinaryDelayMilliseconds.upperBound) ms"
      ))
    #expect(text.contains("within \(RaftBounds.progressSeconds) s"))
    #expect(
      text.contains(
        "every \(RaftBounds.heartbeatMilliseconds.lowerBound) to \(RaftBounds.heartbeatMilliseconds.upperBound) ms"
      ))
  }
}

extension Array where Element == String {
  /// The lines at the end for which the condition holds.
  fileprivate func suffix(while condition: (String) -> Bool) -> ArraySlice<String> {
    let start = lastIndex { !condition($0) }.map { $0 + 1 } ?? 0
    return self[start...]
  }
}
