import Records
import Reports
import Runner

/// What to do next, in one line.
enum Advice {
  /// - Parameter next: the first stage that is not done.
  static func next(after report: RunReport, next: Stage?) -> String {
    guard let failure = report.failures.first?.result else {
      guard let next else { return "Next: every stage is done. lab test --for 10m looks for what is left." }
      return
        "Next: \(next.id) \(next.title)\(next.isBonus ? ", a bonus" : ""). Read it with: lab read \(next.id)   Test it with: lab test \(next.id)"
    }
    let failing = report.stages.first { $0.result.outcome != .passed }?.result.stage
    let stage = failing?.id ?? failure.scenario.id
    return switch failure.outcome {
    case .notImplemented: "Next: write it, then type: lab test"
    case .labError: "This is an error in lab, not in your code. Type: lab doctor"
    case .notExercised where failure.scenario.pool != nil && failure.seedsRun > 0:
      "Next: lab test \(failure.scenario.id), with all its seeds."
    case .failed where failure.failingSeed == nil:
      "Next: \(failing?.chart == nil ? "" : "lab chart \(stage) draws one of the runs; ")lab hint \(stage) gives a hint."
    default: "Next: lab replay shows the failing run; lab hint \(stage) gives a hint."
    }
  }
}
