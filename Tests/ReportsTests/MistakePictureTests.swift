import Foundation
import Reports
import Runner
import Suites
import Testing

@Suite("The pictures behind the mistakes of the handouts")
struct MistakePictureTests {
  private static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  private static let week = Suites.week1
  /// Mistakes that no planted bug makes yet.
  private static let unplanted: Set = ["1E.5"]
  /// Mistakes without a picture, which `lab verify --pictures --write` has yet to draw.
  private static let undrawn: Set = ["1D.3", "1D.4", "1D.5", "1E.2", "1E.5", "1F.4", "1F.5"]

  private func pictures(_ stage: Stage) throws -> [MistakePicture] {
    try MistakePicture.all(
      of: stage, in: Self.week, courseFiles: Self.repository.appendingPathComponent("Labs"))
  }

  private func wanted(_ stage: Stage) -> [Int] {
    (1...5).filter { !Self.undrawn.contains("\(stage.id).\($0)") }
  }

  @Test("each mistake has one, of a run that breaks a rule of the week", arguments: week.stages.map(\.id))
  func complete(id: String) throws {
    let stage = try Self.week.stage(named: id)
    let pictures = try pictures(stage)
    #expect(pictures.map(\.number) == wanted(stage))
    for picture in pictures {
      let facts = picture.trace.picture.facts
      #expect(Self.week.stages.flatMap(\.scenarios).map(\.id).contains(facts.scenario), "\(picture.page)")
      #expect(
        Self.week.rules[facts.property] == facts.rule && facts.rule != nil,
        "\(picture.page): \(facts.property)")
      #expect(picture.trace.picture.violation.event != nil, "\(picture.page)")
      #expect(picture.trace.picture.events.count <= 400)
      // The code is a solution's: its lines are nobody's business.
      #expect(picture.trace.picture.events.flatMap(\.effects).allSatisfy { $0.source == nil })
      #expect(try SpaceTimeDiagram.html(picture.trace.picture).contains(facts.scenario))
    }
  }

  @Test("each is made by one planted bug, which says so in its header")
  func planted() throws {
    let folder = Self.repository.appendingPathComponent("Tests/Mutants/week1")
    let patches = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension == "patch" }
    let made = try patches.compactMap { try UnifiedPatch(file: $0).mistake }.map {
      "\($0.stage).\($0.number)"
    }
    let mistakes = Self.week.stages.flatMap { stage in (1...5).map { "\(stage.id).\($0)" } }
    let expected = mistakes.filter { !Self.unplanted.contains($0) }
    #expect(made.sorted() == expected.sorted())
  }

  @Test(
    "each mistake links to its picture, in both languages", arguments: week.stages.map(\.id), ["md", "ko.md"])
  func links(id: String, ending: String) throws {
    let page = Self.repository.appendingPathComponent("Labs/week1-raft/Handout/\(id).\(ending)")
    let text = try String(contentsOf: page, encoding: .utf8)
    let linked = text.matches(of: /\]\(\.\.\/\.\.\/\.lab\/pictures\/([^)]+)\.html\)/).map {
      String($0.output.1)
    }
    #expect(linked == wanted(try Self.week.stage(named: id)).map { "\(id).\($0)" })
  }
}
