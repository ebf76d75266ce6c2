import Foundation
import Suites
import Testing

@Suite("The rules behind the verdicts")
struct RuleBookTests {
  /// The names of properties as they stand in the sources of the suites and of Raft's checkers.
  private func properties() throws -> Set<String> {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    var names: Set<String> = []
    for folder in ["Sources/Suites/Week1", "Sources/Checkers"] {
      let files = try FileManager.default.contentsOfDirectory(
        at: root.appendingPathComponent(folder), includingPropertiesForKeys: nil)
      for file in files where file.pathExtension == "swift" {
        let source = try String(contentsOf: file, encoding: .utf8)
        for match in source.matches(of: /property: "([^"\\]+)"/) { names.insert(String(match.1)) }
      }
    }
    return names
  }

  @Test("every property that week 1 judges has a rule, and every rule a property")
  func complete() throws {
    let properties = try properties()
    #expect(properties.count > 40)
    let rules = Set(Suites.week1.rules.keys)
    #expect(properties.subtracting(rules).sorted() == [])
    #expect(rules.subtracting(properties).sorted() == [])
  }

  @Test("a rule is a sentence or two that fit two lines of a terminal")
  func short() {
    for (property, rule) in Suites.week1.rules {
      #expect(rule.count <= 150 && rule.hasSuffix("."), "\(property): \(rule.count) characters")
    }
  }
}
