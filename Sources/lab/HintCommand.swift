import ArgumentParser
import Foundation
import Records
import Reports
import Runner

struct HintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hint", abstract: "Give one more hint on a stage.",
    discussion: "Hints go from a nudge to the place itself. Which ones you have seen is remembered.")

  @Argument(help: "The stage, such as 1A; the first that is not done if none is named.") var stage: String?
  @Option(help: "The week, where it is not clear from the folder.") var week: String?
  @Flag(help: "Show the hints again that you have seen.") var again = false

  func run() throws {
    let course = try Course.containing(Lab.currentFolder)
    let named = week == nil ? stage.flatMap(Lab.suite(withStage:)) : nil
    let suite = try named ?? Lab.suite(in: course, named: week)
    for line in try Self.lines(stage, suite, course, again: again) { Screen.say(line) }
  }

  /// The next hint, remembered as seen.
  static func lines(_ name: String?, _ suite: Suite, _ course: Course, again: Bool = false) throws -> [String]
  {
    let store = try ProgressStore(file: course.database)
    let stage: Stage
    if let name {
      stage = try suite.stage(named: name)
    } else if let next = try StatusReport(store, suites: [suite]).weeks.first?.next {
      stage = next
    } else {
      return ["Every stage of \(suite.week) is done. A stage's hints: lab hint \(suite.stages[0].id) --again"]
    }
    let hints = try Handout(suite, course.language).hints(stage)
    guard !hints.isEmpty else {
      return ["There are no hints on \(stage.id). Its part of the handout: lab read \(stage.id)"]
    }
    let seen = min(hints.count, try store.hintsShown(week: suite.week, stage: stage.id))
    if again {
      guard seen > 0 else {
        return ["You have not seen a hint on \(stage.id). The first one: lab hint \(stage.id)"]
      }
      return (0..<seen).flatMap { text(hints, $0, stage) + [""] }.dropLast()
    }
    guard seen < hints.count else {
      return [
        "You have seen all \(hints.count) hints on \(stage.id). Once more: lab hint \(stage.id) --again",
        "What helps now: lab replay, and a breakpoint in a test of your own.",
      ]
    }
    try store.recordHints(seen + 1, week: suite.week, stage: stage.id)
    let left = hints.count - seen - 1
    return text(hints, seen, stage)
      + ["", left == 0 ? "That was the last hint on \(stage.id)." : "\(left) more: lab hint \(stage.id)"]
  }

  private static func text(_ hints: [Hint], _ index: Int, _ stage: Stage) -> [String] {
    let hint = hints[index]
    let head = "Hint \(index + 1) of \(hints.count) on \(stage.id): \(hint.title)"
    return [Screen.paint(head, .bold), ""]
      + Markdown.lines(
        hint.text, columns: min(100, Screen.columns() ?? 100), hasColour: Screen.hasColour(on: .output))
  }
}
