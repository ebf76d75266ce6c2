import ArgumentParser
import Runner

/// What `lab` leaves with.
enum ExitCodes {
  static let failed = ExitCode(1)
  static let didNotBuild = ExitCode(3)
  static let nothingRun = ExitCode(4)
  static let undecided = ExitCode(5)
  static let usage = ExitCode(64)
  static let errorInLab = ExitCode(70)
  static let interrupted = ExitCode(130)

  static func code(for outcome: Outcome) -> ExitCode {
    switch outcome {
    case .passed: .success
    case .didNotBuild: didNotBuild
    case .notExercised, .skipped: nothingRun
    case .undecided: undecided
    case .labError: errorInLab
    case .failed, .crashed, .hung, .exited, .exhausted, .notImplemented, .nonDeterministic: failed
    }
  }
}
