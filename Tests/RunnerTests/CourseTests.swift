import Foundation
import Glibc
import Runner
import Suites
import Testing

@Suite("Course folders", .serialized)
struct CourseTests {
  private static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private let suite = Suites.week1
  private let folder: URL
  private let files = FileManager.default

  init() throws {
    setenv("LAB_COURSE_FILES", Self.repository.appendingPathComponent("Labs").path, 1)
    folder = files.temporaryDirectory.appendingPathComponent("lab-course-\(UUID())")
    try files.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func path(_ name: String) -> URL { folder.appendingPathComponent(name) }

  private func text(_ name: String) throws -> String { try String(contentsOf: path(name), encoding: .utf8) }

  private func write(_ text: String, to name: String) throws {
    try files.createDirectory(at: path(name).deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: path(name), atomically: true, encoding: .utf8)
  }

  /// A copy of the course's files in which a file of the starter can be changed.
  private func courseFiles(changing name: String, to text: String) throws -> URL {
    let copy = files.temporaryDirectory.appendingPathComponent("lab-files-\(UUID())")
    try files.createDirectory(at: copy, withIntermediateDirectories: true)
    for part in ["LabKit", "week1-raft"] {
      try files.copyItem(
        at: Self.repository.appendingPathComponent("Labs/\(part)"), to: copy.appendingPathComponent(part))
    }
    let file = copy.appendingPathComponent(name)
    try files.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: file, atomically: true, encoding: .utf8)
    return copy
  }

  // MARK: Starting

  @Test("starting a week again changes no file of the student's and adds what is missing")
  func startTwice() throws {
    _ = try Course.start(suite, in: folder)
    try write("// my own work", to: "week1/Sources/Raft/Raft.swift")
    try files.removeItem(at: path("week1/Package.swift"))
    let report = try Course.start(suite, in: folder)
    #expect(try text("week1/Sources/Raft/Raft.swift") == "// my own work")
    #expect(files.fileExists(atPath: path("week1/Package.swift").path))
    #expect(report.last?.contains("1 missing ones added") == true)
  }

  @Test("a week is started beside files that are there already")
  func existingFolder() throws {
    try write("my notes", to: "notes.txt")
    try write("my readme", to: "week1/README.md")
    _ = try Course.start(suite, in: folder)
    #expect(try text("notes.txt") == "my notes")
    #expect(try text("week1/README.md") == "my readme")
    #expect(files.fileExists(atPath: path("week1/Package.swift").path))
  }

  @Test(
    "something in the way is named, and nothing is written",
    arguments: ["week1", "week1/Sources", "week1/Sources/Raft", ".lab"])
  func fileInTheWay(name: String) throws {
    try write("a file", to: name)
    #expect(throws: CourseError.inTheWay(path: path(name).path, isFolder: false)) {
      try Course.start(suite, in: folder)
    }
    #expect(try text(name) == "a file")
    #expect(!files.fileExists(atPath: path(".lab/course.json").path))
    #expect(!files.fileExists(atPath: path("week1/Package.swift").path))
  }

  @Test("a folder where a file belongs is named, and nothing is written")
  func folderInTheWay() throws {
    try files.createDirectory(at: path("week1/Package.swift"), withIntermediateDirectories: true)
    #expect(throws: CourseError.inTheWay(path: path("week1/Package.swift").path, isFolder: true)) {
      try Course.start(suite, in: folder)
    }
    #expect(!files.fileExists(atPath: path(".lab").path))
  }

  @Test("hints are not unpacked")
  func noHints() throws {
    _ = try Course.start(suite, in: folder)
    #expect(!files.fileExists(atPath: path("week1/Hints").path))
  }

  @Test("another language is remembered and changes no file")
  func language() throws {
    _ = try Course.start(suite, in: folder)
    let before = try Course.sourceFiles(in: folder).map(text)
    #expect(try Course.containing(folder).language == .english)
    let report = try Course.start(suite, in: folder, language: .korean)
    #expect(try Course.containing(folder).language == .korean)
    #expect(try Course.sourceFiles(in: folder).map(text) == before)
    #expect(report.last?.contains("Korean from now on") == true)
    _ = try Course.start(suite, in: folder)
    #expect(try Course.containing(folder).language == .korean)
  }

  // MARK: Versions

  @Test("a folder that is no course is named, with what to type")
  func noCourse() {
    #expect(throws: CourseError.notACourse(folder: "/usr/bin")) {
      try Course.containing(URL(fileURLWithPath: "/usr/bin"))
    }
  }

  @Test("a damaged file of versions is refused and left as it is")
  func damagedVersions() throws {
    _ = try Course.start(suite, in: folder)
    try write("{\"lab\": ", to: ".lab/course.json")
    #expect(throws: CourseError.damaged(file: path(".lab/course.json").path)) {
      try Course.start(suite, in: folder)
    }
    #expect(try text(".lab/course.json") == "{\"lab\": ")
  }

  @Test("an older LabKit is brought up to date, said in one line, and the versions with it")
  func olderLabKit() throws {
    _ = try Course.start(suite, in: folder)
    let versions = try text(".lab/course.json")
    try write(
      versions.replacing("\"labKit\" : \(CourseVersion.labKit)", with: "\"labKit\" : 0"),
      to: ".lab/course.json")
    try #require(try text(".lab/course.json") != versions)
    try write("// old", to: ".lab/LabKit/Sources/LabKit/Node/Node.swift")
    try write("// gone since", to: ".lab/LabKit/Sources/LabKit/Node/Old.swift")
    try write("planned for the old one", to: ".lab/build/plan")
    let course = try Course.containing(folder)
    #expect(try course.bringUpToDate() == ["LabKit in .lab/LabKit is up to date now"])
    #expect(try text(".lab/LabKit/Sources/LabKit/Node/Node.swift").contains("public protocol Node"))
    #expect(!files.fileExists(atPath: path(".lab/LabKit/Sources/LabKit/Node/Old.swift").path))
    #expect(!files.fileExists(atPath: path(".lab/build").path))
    #expect(try text(".lab/course.json") == versions)
    #expect(try course.bringUpToDate() == [])
  }

  @Test("a newer LabKit is refused, and nothing of it is changed")
  func newerLabKit() throws {
    _ = try Course.start(suite, in: folder)
    let newer = try text(".lab/course.json")
      .replacing("\"labKit\" : \(CourseVersion.labKit)", with: "\"labKit\" : \(CourseVersion.labKit + 1)")
    try write(newer, to: ".lab/course.json")
    try write("// newer", to: ".lab/LabKit/Sources/LabKit/Node/Node.swift")
    #expect(throws: CourseError.newer(made: CourseVersion.lab, this: CourseVersion.lab)) {
      try Course.containing(folder)
    }
    #expect(throws: CourseError.self) { try Course.start(suite, in: folder) }
    #expect(try text(".lab/course.json") == newer)
    #expect(try text(".lab/LabKit/Sources/LabKit/Node/Node.swift") == "// newer")
  }

  @Test("builds of another place are left out after a course folder was copied")
  func movedFolder() throws {
    _ = try Course.start(suite, in: folder)
    try write("built here", to: ".lab/build/mark")
    _ = try Course.containing(folder).bringUpToDate()
    #expect(files.fileExists(atPath: path(".lab/build/mark").path))
    let copy = files.temporaryDirectory.appendingPathComponent("lab-copy-\(UUID())")
    try files.copyItem(at: folder, to: copy)
    _ = try Course.containing(copy).bringUpToDate()
    #expect(!files.fileExists(atPath: copy.appendingPathComponent(".lab/build/mark").path))
  }

  // MARK: Updating

  @Test("an update writes what the course changed beside the student's files, and nothing over them")
  func update() throws {
    _ = try Course.start(suite, in: folder)
    try write("// my own work", to: "week1/Sources/Raft/Raft.swift")
    try write("// my own messages", to: "week1/Sources/Raft/Message.swift")
    let newer = try courseFiles(changing: "week1-raft/Sources/Raft/Message.swift", to: "// new\n")
    try "// a new visible test\n".write(
      to: newer.appendingPathComponent("week1-raft/Tests/RaftTests/New.swift"), atomically: true,
      encoding: .utf8)
    let changes = try Course.containing(folder).update(suite, from: newer)
    #expect(changes.map(\.name) == ["Sources/Raft/Message.swift", "Tests/RaftTests/New.swift"])
    #expect(changes.map(\.kind) == [.changed, .added])
    #expect(changes[0].lines.contains("+ // new"))
    #expect(changes[0].lines.allSatisfy { !$0.contains("my own") })
    #expect(try text("week1/Sources/Raft/Message.swift") == "// my own messages")
    #expect(try text("week1/Sources/Raft/Raft.swift") == "// my own work")
    #expect(try text("week1.new/Sources/Raft/Message.swift") == "// new\n")
    #expect(try text("week1/Tests/RaftTests/New.swift") == "// a new visible test\n")
    #expect(try Course.containing(folder).update(suite, from: newer) == [])
  }

  @Test("a second update does not touch what the first one wrote")
  func updateTwice() throws {
    _ = try Course.start(suite, in: folder)
    for text in ["// one\n", "// two\n"] {
      let newer = try courseFiles(changing: "week1-raft/Sources/Raft/Message.swift", to: text)
      _ = try Course.containing(folder).update(suite, from: newer)
    }
    #expect(try text("week1.new/Sources/Raft/Message.swift") == "// one\n")
    #expect(try text("week1.new.2/Sources/Raft/Message.swift") == "// two\n")
  }
}
