import Foundation
import Suites
import Testing

@Suite("The rules behind the verdicts")
struct RuleBookTests {
  /// The sources of a week's suite and of the checkers.
  private func sources(_ folder: String, andOf more: [String] = []) throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try (["Sources/Suites/\(folder)", "Sources/Checkers", "Sources/Checkers/Consistency"] + more)
      .flatMap {
        folder in
        try FileManager.default.contentsOfDirectory(
          at: root.appendingPathComponent(folder), includingPropertiesForKeys: nil)
      }
      .filter { $0.pathExtension == "swift" && !$0.lastPathComponent.hasSuffix("RuleBook.swift") }
      .map { try String(contentsOf: $0, encoding: .utf8) }.joined(separator: "\n")
  }

  @Test("every property that week 1 judges has a rule, and every rule a property")
  func firstWeek() throws {
    let properties = Set(try sources("Week1").matches(of: /property: "([^"\\]+)"/).map { String($0.1) })
    #expect(properties.count > 40)
    let rules = Set(Suites.week1.rules.keys)
    #expect(properties.subtracting(rules).subtracting(Self.later).sorted() == [])
    #expect(rules.subtracting(properties).sorted() == [])
  }

  /// Properties of the weeks to come, which the checkers know already.
  private static let later: Set = [
    "A failed write never happens", "A version goes when it is superseded", "Acknowledged writes are read",
    "Bounded staleness", "Causal consistency", "Conservation of money", "Eventual convergence",
    "Exactly-once effects", "No superseded version comes back", "Nothing is invented", "Order per key",
    "Sequential consistency",
  ]

  @Test("every property that week 2 judges has a rule, and every rule a property")
  func secondWeek() throws {
    let sources = try sources("Week2")
    let properties = Set(
      try self.sources("Week2").matches(
        of: /(?:Violation\(\s*property: |measure\([^)]*property: |broken\(\s*)"([^"\\]+)"/
      )
      .map { String($0.1) })
    let rules = Suites.week2.rules.keys
    let known = Set(Suites.week1.rules.keys).union(Self.later)
    #expect(properties.subtracting(rules).subtracting(known).sorted() == [])
    for rule in rules { #expect(sources.contains("\"\(rule)\""), "\(rule)") }
  }

  @Test("every property that week 3 judges has a rule, and every rule a property")
  func thirdWeek() throws {
    let sources = try sources("Week3", andOf: ["Sources/Checkers/EventLog", "Sources/Checkers/Sagas"])
    let properties = Set(
      sources.matches(of: /(?:property: |violation\(\s*)"([^"\\]+)"/).map { String($0.1) })
    let rules = Set(Suites.week3.rules.keys)
    let known = Set(Suites.week1.rules.keys).union(Suites.week2.rules.keys).union(Self.later)
    #expect(properties.subtracting(rules).subtracting(known).sorted() == [])
    #expect(rules.subtracting(properties).sorted() == [])
  }

  @Test("every property that week 4 judges has a rule, and every rule a property")
  func fourthWeek() throws {
    let sources = try sources("Week4", andOf: ["Sources/Checkers/Resilience"])
    let properties = Set(
      sources.matches(of: /(?:property: |violation\(\s*|broken\(\s*)"([^"\\]+)"/).map { String($0.1) })
    let rules = Set(Suites.week4.rules.keys)
    let known = Suites.all.dropLast().reduce(into: Self.later) { $0.formUnion($1.rules.keys) }
    #expect(properties.subtracting(rules).subtracting(known).sorted() == [])
    #expect(rules.subtracting(properties).sorted() == [])
  }

  @Test("a rule is a sentence or two that fit two lines of a terminal")
  func short() {
    for (property, rule) in Suites.all.flatMap({ Array($0.rules) }) {
      #expect(rule.count <= 150 && rule.hasSuffix("."), "\(property): \(rule.count) characters")
    }
  }
}
