import ArgumentParser
import Foundation
import Glibc
import Reports
import Runner
import Suites

struct ReadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read", abstract: "Show the handout, or a stage's part of it.")

  @Argument(help: "A stage, such as 1A, or an essay, such as cap; the week's handout if none is named.")
  var stage: String?
  @Option(help: "The week, where it is not clear from the folder.") var week: String?
  @Option(help: "The language, en or ko, if not the course's own.") var language: String?

  func run() throws {
    let course = try? Course.containing(Lab.currentFolder)
    let suite: Suite
    if let stage, week == nil, let named = Lab.suite(withStage: stage) ?? Lab.suite(withEssay: stage) {
      suite = named
    } else if let course {
      suite = try Lab.suite(in: course, named: week)
    } else {
      suite = try Lab.suite(week ?? Suites.all[0].week)
    }
    let language = try Lab.language(language) ?? course?.language ?? .english
    let handout = try Handout(suite, language)
    let isWeek = stage.map { $0.lowercased() == suite.week } ?? true
    let essay = suite.essays.first { $0 == stage?.lowercased() }
    let text =
      try isWeek
      ? handout.week() : essay.map(handout.essay) ?? handout.part(suite.stage(named: stage ?? ""))
    if let course { try MistakePicture.draw(suite, into: course.hidden.appendingPathComponent("pictures")) }
    let columns = min(100, Screen.columns() ?? 100)
    var lines = Markdown.lines(text, columns: columns, hasColour: Screen.hasColour(on: .output))
    if isWeek {
      lines += ["", "A stage's part: \(suite.stages.map { "lab read \($0.id)" }.joined(separator: ", "))"]
      if !suite.essays.isEmpty {
        lines += ["An essay: \(suite.essays.map { "lab read \($0)" }.joined(separator: ", "))"]
      }
    }
    try show(lines.joined(separator: "\n") + "\n")
  }

  /// In the student's pager on a terminal, otherwise as it is.
  private func show(_ text: String) throws {
    guard Screen.isTerminal(.output), Screen.moves else { return try Screen.write(text, to: .output) }
    let pager = ProcessInfo.processInfo.environment["PAGER"].flatMap { $0.isEmpty ? nil : $0 } ?? "less"
    setenv("LESS", "FRX", 0)
    // A pager that ends before the text does is no error.
    signal(SIGPIPE, SIG_IGN)
    guard
      let pipe = popen(
        "command -v \(pager.prefix { $0 != " " }) >/dev/null 2>&1 && exec \(pager) || exec cat", "w")
    else { return try Screen.write(text, to: .output) }
    fputs(text, pipe)
    pclose(pipe)
  }
}
