import ArgumentParser
import Foundation
import Records
import Reports
import Runner
import Suites

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show points, attempts and time, and what comes next.",
    discussion: """
      Your time is reckoned from each run to the next; pauses of 30 minutes and more are left out. It stands beside \
      the time that the course reckons with.
      """)

  func run() throws {
    let course = try Course.containing(Lab.currentFolder)
    let started = Suites.all.filter { FileManager.default.fileExists(atPath: course.folder(of: $0).path) }
    guard !started.isEmpty else {
      throw CourseError.notStarted(week: Suites.all[0].week, folder: course.folder.path)
    }
    let store = try ProgressStore(file: course.database)
    let report = try StatusReport(
      store, suites: started, levels: Suites.maturityLevels, of: Suites.all)
    for line in report.lines() { Screen.say(line) }
  }
}
