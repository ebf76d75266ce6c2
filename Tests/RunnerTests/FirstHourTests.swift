import Foundation
import Glibc
import Runner
import Suites
import Testing

/// A student who types what the first hour of a week's page says, and nothing else.
@Suite("The first hour", .serialized)
struct FirstHourTests {
  /// A week's first hour.
  struct Hour: Sendable, CustomTestStringConvertible {
    let week: String
    let stage: String
    /// What the student types into.
    let files: [String]
    /// The line below which goes what there is no function of that name for yet.
    var anchor: String?

    var testDescription: String { week }
  }

  private static let hours = [
    Hour(week: "week1", stage: "1A", files: ["Raft.swift"], anchor: "  var lastApplied = 0"),
    Hour(week: "week2", stage: "2A", files: ["LamportClock.swift", "VectorClock.swift"]),
    Hour(
      week: "week3", stage: "3A", files: ["LogServer.swift"], anchor: "  let members: [NodeID]"),
    Hour(
      week: "week4", stage: "4A", files: ["Caller.swift", "CircuitBreaker.swift"],
      anchor: "  var settings = BreakerSettings()"),
  ]

  /// The course folder of that student.
  private struct Desk {
    let hour: Hour
    let suite: Suite
    let course: Course

    init(_ hour: Hour) throws {
      self.hour = hour
      suite = try #require(Suites.all.first { $0.week == hour.week })
      let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      setenv("LAB_COURSE_FILES", repository.appendingPathComponent("Labs").path, 1)
      let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("lab-first-hour-\(hour.week)-\(getpid())")
      try? FileManager.default.removeItem(at: folder)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      _ = try Course.start(suite, in: folder)
      course = try Course.containing(folder)
    }

    /// Does what the page says of its blocks: a function replaces the one that begins with the same line; what there is
    /// none of goes below the anchor.
    func type(_ block: String) throws {
      let typed = block.components(separatedBy: "\n")
      let sources = course.folder(of: suite).appendingPathComponent("Sources/\(suite.modules[0])")
      let files = hour.files.map { sources.appendingPathComponent($0) }
      let isFunction = typed[0].contains("func ")
      for file in files {
        var lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
        guard isFunction, let start = lines.firstIndex(of: typed[0]) else { continue }
        let end = try #require(lines[start...].firstIndex(of: "  }"))
        lines.replaceSubrange(start...end, with: typed)
        return try lines.joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
      }
      for file in files {
        var lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
        guard let anchor = hour.anchor, let place = lines.firstIndex(of: anchor) else { continue }
        lines.insert(contentsOf: typed, at: place + 1)
        return try lines.joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
      }
      Issue.record("there is no place for \(typed[0])")
    }

    /// The stage's scenarios up to the first that does not pass.
    func run() throws -> [ScenarioResult] {
      let program = try SwiftBuild(suite, in: course).build()
      var results: [ScenarioResult] = []
      for scenario in try suite.stage(named: hour.stage).scenarios {
        results.append(SuiteRunner(program: program, baseSeed: 1).run(scenario))
        if results.last?.outcome != .passed { break }
      }
      return results
    }
  }

  @Test(
    "each step ends as the page says, with a green scenario and work left to do at the end", arguments: hours
  )
  func walk(hour: Hour) throws {
    let desk = try Desk(hour)
    let page = try HandoutPage("README", of: desk.suite, .english)
    let part = try #require(page.section("The first hour"))
    let steps = part.headings(ofLevel: 3).filter { $0.first?.isNumber == true }
    #expect(steps.count == 5)
    var results: [ScenarioResult] = []
    for step in steps {
      let fences = try #require(part.section(step, level: 3)).fences
      for block in fences where block.language == "swift" { try desk.type(block.text) }
      let promise = try #require(fences.last { $0.language == "text" }?.text, "\(step) promises nothing")
      results = try desk.run()
      let last = try #require(results.last)
      let words = promise.split(separator: " ")
      switch words[0] {
      case "✔":
        #expect(
          results.contains { $0.scenario.id == words[1] && $0.outcome == .passed },
          "\(step): \(last.message ?? "")")
      case "✘":
        #expect(last.scenario.id == words[1] && last.outcome == .failed, "\(step): \(last.message ?? "")")
      default:
        #expect(last.outcome == .notImplemented, "\(step)")
        #expect(last.message?.hasPrefix("\(promise):") == true, "\(step): \(last.message ?? "")")
      }
    }
    #expect(results.first?.outcome == .passed)
    // The hour does not give the stage away.
    #expect(results.last?.outcome != .passed)
  }
}

/// The tests that a student finds in a week's `Tests`.
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
    // A backtracer that outlives its program would hold the pipe open.
    process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Run(status: process.terminationStatus, output: String(decoding: text, as: UTF8.self))
  }

  /// What a week's visible tests name first beside the untouched starter.
  struct Week: Sendable, CustomTestStringConvertible {
    let name: String
    let tests: Int
    let filter: String
    let missing: String

    var testDescription: String { name }
  }

  private static let weeks = [
    Week(name: "week1", tests: 4, filter: "Stage1A", missing: "start(from:_:), Raft/Raft.swift:"),
    Week(name: "week2", tests: 13, filter: "lamport", missing: "tick(), Store/LamportClock.swift:"),
    Week(
      name: "week3", tests: 43, filter: "OrderFirstSteps",
      missing: "start(from:_:), Events/OrderService.swift:"),
    Week(
      name: "week4", tests: 22, filter: "BreakerFirstSteps", missing: "use(_:replyTo:_:), Chaos/Caller.swift:"
    ),
  ]

  @Test(
    "they build without a warning beside the untouched starter, and name what is missing; the solution passes them",
    arguments: weeks)
  func run(week: Week) throws {
    let suite = try #require(Suites.all.first { $0.week == week.name })
    let solution = try StudentCourse("visible-tests-\(week.name)", of: suite)
    let folder = solution.course.folder(of: suite)
    let passing = try swift(["test"], in: folder)
    #expect(passing.status == 0, "\(passing.output)")
    #expect(passing.output.contains("Test run with \(week.tests) tests"), "\(passing.output)")

    try FileManager.default.removeItem(at: solution.sources)
    _ = try Course.start(suite, in: solution.course.folder)
    let build = try swift(["build", "--build-tests"], in: folder)
    #expect(build.status == 0, "\(build.output)")
    #expect(!build.output.contains("warning:"), "\(build.output)")
    let failing = try swift(["test", "--skip-build", "--filter", week.filter], in: folder)
    #expect(failing.status != 0)
    #expect(failing.output.contains("not implemented yet: \(week.missing)"), "\(failing.output)")
  }
}
