import Checkers
import Runner

extension Trial {
  /// Throws what a checker found. It had to hold whatever was done or left out before.
  func demand(_ verdict: Verdict) throws {
    switch verdict {
    case .holds: return
    case .violated(let violation): try always { throw violation }
    case .undecided(let reason): throw Undecided(reason)
    }
  }
}
