import Foundation
import Testing

@Suite("lab chart", .serialized)
struct ChartCommandTests {
  private static let files = FileManager.default

  /// A course folder of week 2 that is built once and kept in `.build` for the next time.
  private static let course = Result { () throws -> URL in
    let folder = LabProcess.repository.appendingPathComponent(".build/courses/charts")
    try files.createDirectory(at: folder, withIntermediateDirectories: true)
    try #require(try LabProcess.run("start", "week2", in: folder).status == 0)
    return folder
  }

  /// The course folder with a ring in it: the starter's or the solution's, changed or not.
  private func course(
    _ source: String = "Solutions", replacing old: String = "", with new: String = ""
  ) throws -> URL {
    let course = try Self.course.get()
    let path = "week2-store/Sources/Store/HashRing.swift"
    var ring = try String(
      contentsOf: LabProcess.repository.appendingPathComponent("\(source)/\(path)"), encoding: .utf8)
    if !old.isEmpty {
      try #require(ring.contains(old))
      ring = ring.replacing(old, with: new)
    }
    try ring.write(
      to: course.appendingPathComponent("week2/Sources/Store/HashRing.swift"), atomically: true,
      encoding: .utf8)
    try? Self.files.removeItem(at: course.appendingPathComponent(".lab/charts"))
    return course
  }

  private func hasPage(_ course: URL) -> Bool {
    Self.files.fileExists(atPath: course.appendingPathComponent(".lab/charts/2B.html").path)
  }

  @Test("the student's own ring is drawn, on the terminal and as a page, the same each time")
  func drawn() throws {
    let course = try course()
    let said = try LabProcess.run("chart", "2b", in: course)
    #expect(said.status == 0, "\(said.errors)")
    #expect(said.output.hasPrefix("2B Placement"))
    #expect(said.output.contains("your ring") && said.output.contains("█"))
    #expect(said.output.contains("see:    .lab/charts/2B.html, in a browser"))
    #expect(!said.output.contains("\u{1B}"))
    let page = try String(
      contentsOf: course.appendingPathComponent(".lab/charts/2B.html"), encoding: .utf8)
    #expect(page.hasPrefix("<!doctype html>"))
    #expect(try LabProcess.run("chart", "2B", in: course).output == said.output)
    // Another hash function, other figures; and a chart is no run.
    #expect(try LabProcess.run("chart", "2B", "--seed", "2", in: course).output != said.output)
    #expect(try LabProcess.run("status", in: course).output.contains("Last runs") == false)
    // It is the code in the folder that is drawn.
    let uneven = try self.course(replacing: "pointsPerWeight = 256", with: "pointsPerWeight = 1")
    let other = try LabProcess.run("chart", "2B", in: uneven)
    #expect(other.status == 0 && other.output != said.output)
  }

  @Test("a ring that is not written yet is said to be so, and nothing is drawn")
  func starter() throws {
    let course = try course("Labs")
    let said = try LabProcess.run("chart", "2B", in: course)
    #expect(said.status == 1)
    #expect(said.output.contains("not implemented yet: add(_:weight:), Sources/Store/HashRing.swift:"))
    #expect(said.output.contains("lab test 2B"))
    #expect(!said.output.contains("█") && !hasPage(course))
  }

  @Test("a ring that breaks a promise is told, and nothing is drawn")
  func broken() throws {
    let course = try course(
      replacing: "    points.removeAll { $0.node == node }\n", with: "")
    let said = try LabProcess.run("chart", "2B", in: course)
    #expect(said.status == 1)
    #expect(said.output.contains("Every key has an owner") && said.output.contains("belongs to n3"))
    #expect(!hasPage(course))
  }

  @Test("code that does not build leaves with 3")
  func didNotBuild() throws {
    let said = try LabProcess.run(
      "chart", "2B", in: try course(replacing: "import LabKit", with: "import Lib"))
    #expect(said.status == 3)
    _ = try course()
  }

  @Test("without a name it lists the charts there are, anywhere")
  func list() throws {
    let said = try LabProcess.run("chart", in: Self.files.temporaryDirectory)
    #expect(said.status == 0)
    #expect(said.output.contains("lab chart 2B  Placement: your ring beside ranges and a directory"))
  }
}
