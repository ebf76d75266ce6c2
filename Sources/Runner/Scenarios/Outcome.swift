/// How a scenario, a stage or a run ended. Outcomes are never mixed up.
public enum Outcome: String, Sendable, Codable, CaseIterable {
  case passed, failed, crashed, hung, exited, exhausted, notImplemented, nonDeterministic, didNotBuild,
    skipped
  case notExercised, undecided, labError

  /// In words, for a person.
  public var words: String {
    switch self {
    case .passed: "passed"
    case .failed: "failed"
    case .crashed: "crashed"
    case .hung: "hung"
    case .exited: "exited"
    case .exhausted: "exhausted"
    case .notImplemented: "not implemented"
    case .nonDeterministic: "non-deterministic"
    case .didNotBuild: "did not build"
    case .skipped: "skipped"
    case .notExercised: "not exercised"
    case .undecided: "undecided"
    case .labError: "error in lab"
    }
  }

  /// Whether the student's program itself came to a bad end, and took the end of its trace with it.
  public var isEndOfProgram: Bool {
    switch self {
    case .crashed, .hung, .exited, .exhausted: true
    default: false
    }
  }

  /// What several outcomes come to.
  ///
  /// An error in lab comes first, for nothing else can then be trusted; then the first failure, then what could not be
  /// decided or was never tried. Nothing at all is not exercised.
  public static func combined(_ outcomes: [Outcome]) -> Outcome {
    if outcomes.contains(.labError) { return .labError }
    let weak: [Outcome] = [.undecided, .notExercised, .skipped]
    if let failure = outcomes.first(where: { $0 != .passed && !weak.contains($0) }) { return failure }
    return weak.first { outcomes.contains($0) } ?? (outcomes.isEmpty ? .notExercised : .passed)
  }
}
