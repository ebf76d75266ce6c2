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
    // A scenario is read of in its stage's part.
    let page = stage.map { String($0.lowercased().prefix { $0 != "." }) }
    let suite = try suite(with: page, course)
    let language = try Lab.language(language) ?? course?.language ?? .english
    let handout = try Handout(suite, language)
    let named = suite.stages.first { $0.id.lowercased() == page }
    let essay = suite.essays.first { $0 == page }
    let isWeek = named == nil && essay == nil
    let text = try named.map(handout.part) ?? essay.map(handout.essay) ?? handout.week()
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

  /// The week that has a page, or the one that is meant if none is named.
  private func suite(with page: String?, _ course: Course?) throws -> Suite {
    guard let page else {
      return try course.map { try Lab.suite(in: $0, named: week) } ?? Lab.suite(week ?? Suites.all[0].week)
    }
    let suites = try week.map { [try Lab.suite($0)] } ?? Suites.all
    func pages(of suite: Suite) -> [String] { [suite.week] + suite.stages.map(\.id) + suite.essays }
    if let found = suites.first(where: { pages(of: $0).contains { $0.lowercased() == page } }) {
      return found
    }
    let known = suites.flatMap(pages)
    let nearest = NearestName.of(page, among: known)
    throw UsageError(
      "there is no page \"\(stage ?? page)\". "
        + (nearest.map { "Did you mean: lab read \($0)" } ?? "There are: \(known.joined(separator: ", "))"))
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
