import ArgumentParser
import Foundation
import Records
import Reports
import Runner
import Suites

struct StartCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start", abstract: "Unpack a week's handout, code and tests into this folder.",
    discussion: "A file that is there already is never changed.")

  @Argument(help: "The week, such as week1.") var week: String?
  @Option(help: "The language of handout and hints: en or ko.") var language: String?
  @Flag(help: "Write what the course has changed since beside your files, and list it.") var update = false

  func run() throws {
    let language = try Lab.language(language)
    if update { return try updateWeek() }
    guard let week else {
      let weeks = Suites.all.map { "  \($0.week)  \($0.title)" }.joined(separator: "\n")
      throw UsageError("which week? Type: lab start \(Suites.all[0].week)\n\(weeks)")
    }
    let suite = try Lab.suite(week)
    for line in try Course.start(suite, in: Lab.currentFolder, language: language) { Screen.say(line) }
    let course = try Course.containing(Lab.currentFolder)
    try ProgressStore(file: course.database).recordBegun(week: suite.week)
    try MistakePicture.draw(suite, into: course.hidden.appendingPathComponent("pictures"))
    let readme = course.language.fileName("README")
    Screen.say("\nRead \(suite.week)/\(readme) (or type: lab read), then type: lab test")
  }

  private func updateWeek() throws {
    let course = try Course.containing(Lab.currentFolder)
    let suite = try Lab.suite(in: course, named: week)
    for line in try course.bringUpToDate() { Screen.say(line) }
    let changes = try course.update(suite)
    if changes.isEmpty { return Screen.say("\(suite.week)/ is what this lab hands out; nothing is new") }
    for change in changes { Screen.show(change) }
    Screen.say("\nYour files are as they were. Take over what you like.")
  }
}

extension Screen {
  fileprivate static func show(_ change: Course.Change) {
    switch change.kind {
    case .added: say("new      \(change.place)")
    case .changed:
      say("changed  \(change.name): the new one is \(change.place)")
      for line in change.lines.prefix(20) { say("    " + harmless(line)) }
      if change.lines.count > 20 { say("    and \(change.lines.count - 20) lines more") }
    }
  }
}
