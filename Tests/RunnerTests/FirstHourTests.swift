import Foundation
import Glibc
import Runner
import Suites
import Testing

/// A student who types what the first hour of Week 1's page says, and nothing else.
@Suite("The first hour", .serialized)
struct FirstHourTests {
  private let suite = Suites.week1
  private let course: Course
  private let source: URL

  init() throws {
    let repository = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    setenv("LAB_COURSE_FILES", repository.appendingPathComponent("Labs").path, 1)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lab-first-hour-\(getpid())")
    try? FileManager.default.removeItem(at: folder)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    _ = try Course.start(suite, in: folder)
    course = try Course.containing(folder)
    source = course.folder(of: suite).appendingPathComponent("Sources/Raft/Raft.swift")
  }

  /// Does what the page says of its blocks: a function replaces the one of its name; what there is none of goes below the
  /// node's last property.
  private func type(_ block: String) throws {
    var lines = try String(contentsOf: source, encoding: .utf8).components(separatedBy: "\n")
    let name = block.firstMatch(of: /func \w+\(/).map { String($0.output) }
    if let name, let start = lines.firstIndex(where: { $0.contains(name) }) {
      let end = try #require(lines[start...].firstIndex(of: "  }"))
      lines.replaceSubrange(start...end, with: block.components(separatedBy: "\n"))
    } else {
      let place = try #require(lines.firstIndex(of: "  var lastApplied = 0"))
      lines.insert(contentsOf: block.components(separatedBy: "\n"), at: place + 1)
    }
    try lines.joined(separator: "\n").write(to: source, atomically: true, encoding: .utf8)
  }

  private func run(_ id: String, seeds: Int? = nil) throws -> ScenarioResult {
    let scenario = try #require(suite.stages.flatMap(\.scenarios).first { $0.id == id })
    let program = try SwiftBuild(suite, in: course).build()
    return SuiteRunner(program: program, baseSeed: 1).run(scenario, seeds: seeds)
  }

  @Test("each step ends as the page says, the last one with a green scenario and work left to do")
  func walk() throws {
    let page = try HandoutPage("README", .english)
    let hour = try #require(page.section("The first hour"))
    let steps = hour.headings(ofLevel: 3).filter { $0.first?.isNumber == true }
    #expect(steps.count == 5)
    var isGreen = false
    for step in steps {
      let part = try #require(hour.section(step, level: 3))
      let fences = part.fences
      for block in fences where block.language == "swift" { try type(block.text) }
      let promise = try #require(fences.last { $0.language == "text" }?.text, "\(step) promises nothing")
      let result = try run("1A.elect")
      if promise.hasPrefix("✔ 1A.elect") {
        #expect(result.outcome == .passed, "\(step): \(result.message ?? "")")
        isGreen = true
      } else {
        #expect(result.outcome == .notImplemented, "\(step)")
        #expect(result.message?.hasPrefix("\(promise):") == true, "\(step): \(result.message ?? "")")
      }
    }
    #expect(isGreen)
    // The hour does not give the stage away.
    #expect(try run("1A.reelect").outcome == .failed)
  }
}

/// The tests that a student finds in `week1/Tests`.
@Suite("Visible tests", .serialized)
struct VisibleTestsTests {
  private struct Run {
    let status: Int32
    let output: String
  }

  /// Runs `swift` in the student's week, beside the builds of `lab`.
  private func swift(_ arguments: [String], in week: URL) throws -> Run {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.currentDirectoryURL = week
    process.arguments = ["swift"] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Run(status: process.terminationStatus, output: String(decoding: text, as: UTF8.self))
  }

  @Test(
    "they build without a warning beside the untouched starter, and name what is missing; the solution passes them"
  )
  func run() throws {
    let solution = try StudentCourse("visible-tests")
    let week = solution.course.folder(of: solution.suite)
    let passing = try swift(["test"], in: week)
    #expect(passing.status == 0, "\(passing.output)")
    #expect(passing.output.contains("Test run with 4 tests"))

    try FileManager.default.removeItem(at: solution.sources)
    _ = try Course.start(solution.suite, in: solution.course.folder)
    let build = try swift(["build", "--build-tests"], in: week)
    #expect(build.status == 0, "\(build.output)")
    #expect(!build.output.contains("warning:"), "\(build.output)")
    let failing = try swift(["test", "--skip-build", "--filter", "Stage1A"], in: week)
    #expect(failing.status != 0)
    #expect(
      failing.output.contains("not implemented yet: start(from:_:), Raft/Raft.swift:"), "\(failing.output)")
  }
}
