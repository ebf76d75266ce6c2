import Reports
import Runner

/// What to do next, in one line.
enum Advice {
  static func next(after report: RunReport, in suite: Suite) -> String {
    guard let failure = report.failures.first?.result else {
      return "Next: lab status shows where you stand."
    }
    let stage = report.stages.first { $0.result.outcome != .passed }?.result.stage.id ?? failure.scenario.id
    return switch failure.outcome {
    case .notImplemented: "Next: write it, then type: lab test"
    case .labError: "This is an error in lab, not in your code. Type: lab doctor"
    default: "Next: lab replay shows the failing run; lab hint \(stage) gives a hint."
    }
  }
}
