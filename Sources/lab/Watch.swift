import Foundation
import Reports
import Runner

/// `lab test --watch`: a run, and another whenever a source file has changed or a key asks for one.
struct Watch {
  let run: TestRun
  let screen: TestScreen

  private enum Wish { case again, everything, failing, hint, leave }

  /// Goes on until the student leaves.
  func loop() throws {
    Interrupt.beforeEnding { Keys.restore() }
    var current = run
    while true {
      if Screen.moves && Screen.isTerminal(.output) { Screen.say("\u{1B}[H\u{1B}[2J") }
      let digest = try sources()
      let report = try current.perform(on: screen)
      waiting: while true {
        switch try wait(since: digest, report) {
        case .again: break waiting
        case .everything:
          current.names = []
          break waiting
        case .failing:
          current.names = report.failures.map(\.result.scenario.id)
          break waiting
        case .hint:
          let stage = report.stages.first { $0.result.outcome != .passed }?.result.stage.id
          for line in try HintCommand.lines(stage, run.suite, run.course) { screen.say(line) }
        case .leave: return
        }
      }
      // What was asked for by a key holds until another key asks for something else.
      current.baseSeed = run.baseSeed
    }
  }

  private func wait(since digest: String, _ report: RunReport) throws -> Wish {
    let keys = Keys()
    let points = report.outcome == .didNotBuild ? "did not build" : report.pointsInWords
    let choices = keys == nil ? "" : " · r again · a all · f failing · h hint · q leave"
    let line = "\(points) · watching \(run.suite.week)/\(choices)"
    if Screen.moves { screen.progress.begin(line) } else { Screen.note(line) }
    defer { screen.progress.erase() }
    while true {
      switch keys?.next(withinMilliseconds: 300) {
      case "r", "\n", "\r": return .again
      case "a": return .everything
      case "f": if !report.failures.isEmpty { return .failing }
      case "h": return .hint
      case "q": return .leave
      default: if keys == nil { Thread.sleep(forTimeInterval: 0.3) }
      }
      // A file that an editor has just moved away is no change yet.
      guard let now = try? sources(), now != digest else { continue }
      // An editor may still be writing.
      Thread.sleep(forTimeInterval: 0.1)
      if (try? sources()) == now { return .again }
    }
  }

  private func sources() throws -> String { try SwiftBuild(run.suite, in: run.course).sourceDigest() }
}
