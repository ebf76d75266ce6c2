import LabKit

/// How the last calls through a closed breaker ended.
struct RecentOutcomes: Hashable {
  let limit: BreakerSettings.Limit
  /// Whether each was a failure, the oldest first.
  private var failures: [Bool] = []

  init(limit: BreakerSettings.Limit) { self.limit = limit }

  mutating func append(isFailure: Bool) {
    switch limit {
    case .inARow where !isFailure: failures = []
    case .inARow: failures.append(true)
    case .share(_, let window, _): failures = (failures + [isFailure]).suffix(window)
    }
  }

  var hasReachedLimit: Bool {
    switch limit {
    case .inARow(let count): failures.count >= count
    case .share(let percent, _, let least):
      failures.count >= least && failures.count(where: \.self) * 100 >= percent * failures.count
    }
  }
}
