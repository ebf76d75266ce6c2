import Foundation
import Runner
import Suites
import Testing

@Suite("Hints and parts of the handout")
struct HintTests {
  private let courseFiles = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Labs")

  @Test("every stage has at least three hints, as many in Korean as in English, none of them empty")
  func hints() throws {
    for (suite, stage) in Suites.all.flatMap({ suite in suite.stages.map { (suite, $0) } }) {
      let english = try Handout(suite, .english, in: courseFiles).hints(stage)
      let korean = try Handout(suite, .korean, in: courseFiles).hints(stage)
      #expect(english.count >= 3, "\(stage.id)")
      #expect(english.count == korean.count, "\(stage.id)")
      #expect((english + korean).allSatisfy { !$0.text.isEmpty && !$0.title.isEmpty }, "\(stage.id)")
      #expect(Set((english + korean).map(\.text)).count == english.count * 2, "\(stage.id)")
    }
  }

  @Test("every stage has a part of the handout in both languages, and it is only its own")
  func parts() throws {
    for (suite, language) in Suites.all.flatMap({ suite in CourseLanguage.allCases.map { (suite, $0) } }) {
      let handout = try Handout(suite, language, in: courseFiles)
      for stage in suite.stages {
        let part = try handout.part(stage)
        #expect(stage.scenarios.allSatisfy { part.contains("`\($0.id)`") }, "\(stage.id) \(language)")
        for other in suite.stages.flatMap(\.scenarios) where !other.id.hasPrefix(stage.id) {
          #expect(!part.contains("| `\(other.id)` |"), "\(stage.id) \(language)")
        }
      }
    }
  }

  @Test("a stage's own file is read before the section of the week's handout")
  func ownFile() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lab-handout-\(UUID())")
    let week = folder.appendingPathComponent(Suites.week1.folder)
    try FileManager.default.createDirectory(
      at: week.appendingPathComponent("Handout"), withIntermediateDirectories: true)
    func write(_ text: String, _ name: String) throws {
      try text.write(to: week.appendingPathComponent(name), atomically: true, encoding: .utf8)
    }
    try write("# Week\n\n## 1A Old\n\nold\n\n## 1B Other\n\nother\n\n## Words\n", "README.md")
    try write("# 1A New\n", "Handout/1A.md")
    let korean = try Handout(Suites.week1, .korean, in: folder)
    #expect(try korean.part(Suites.week1.stages[0]) == "# 1A New\n")
    #expect(try korean.part(Suites.week1.stages[1]) == "## 1B Other\n\nother\n")
    try write("# 1A 새로운\n", "Handout/1A.ko.md")
    #expect(try korean.part(Suites.week1.stages[0]) == "# 1A 새로운\n")
    #expect(throws: LabError.self) { try korean.part(Suites.week1.stages[2]) }
  }
}
