import Foundation
import Glibc
import Runner
import Suites
import Testing

/// A course folder as a student has it, with the reference solution in it and something of the student's own.
struct StudentCourse {
  let course: Course
  let suite: Suite

  private static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Makes the folder, or brings it back to the solution. `name` keeps tests that run at once apart.
  init(_ name: String, of suite: Suite = Suites.week1) throws {
    self.suite = suite
    setenv("LAB_COURSE_FILES", Self.repository.appendingPathComponent("Labs").path, 1)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lab-\(name)-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    _ = try Course.start(suite, in: folder)
    course = try Course.containing(folder)
    let solution = Self.repository.appendingPathComponent(
      "Solutions/\(suite.folder)/Sources/\(suite.modules[0])")
    for path in try Course.sourceFiles(in: solution) {
      try write(String(contentsOf: solution.appendingPathComponent(path), encoding: .utf8), to: path)
    }
  }

  /// The folder of the student's module.
  var sources: URL { course.folder(of: suite).appendingPathComponent("Sources/\(suite.modules[0])") }

  func write(_ text: String, to path: String) throws {
    try text.write(to: sources.appendingPathComponent(path), atomically: true, encoding: .utf8)
  }

  /// Replaces what must be there exactly once.
  func replace(_ old: String, with new: String, in path: String = "Raft.swift") throws {
    let text = try String(contentsOf: sources.appendingPathComponent(path), encoding: .utf8)
    try #require(text.components(separatedBy: old).count == 2, "\(path) must hold this once: \(old)")
    try write(text.replacingOccurrences(of: old, with: new), to: path)
  }

  /// Does something of the student's in every heartbeat.
  func inHeartbeat(_ code: String, importing modules: [String] = []) throws {
    try replace(
      "    case .heartbeat: sendHeartbeats(&context)\n",
      with: "    case .heartbeat:\n      \(code)\n      sendHeartbeats(&context)\n")
    try replace("import LabKit\n", with: (modules + ["LabKit"]).map { "import \($0)\n" }.joined())
  }

  func build(_ configuration: SwiftBuild.Configuration = .debug) throws -> String {
    try SwiftBuild(suite, in: course, configuration).build()
  }

  func scenario(_ id: String) throws -> Scenario {
    try #require(suite.stages.flatMap(\.scenarios).first { $0.id == id })
  }
}
