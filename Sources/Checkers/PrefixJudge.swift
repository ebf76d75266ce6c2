/// A judge that can tell at once, of any beginning of a history, whether there is an order of it.
protocol PrefixJudge: LinearizationJudge {
  var timeline: Timeline { get }
  /// What finds the orders that lead to a contradiction.
  var search: AnyLinearizationJudge { get }
  var steps: Int { get set }
  /// Whether there is an order of what happened before the event at `limit`; operations that are open there may have
  /// happened.
  func isLinearizable(before limit: Int32) -> Bool
}

extension PrefixJudge {
  var configurations: Int { 0 }

  mutating func run(steps limit: Int) -> SearchEnd {
    steps += timeline.events.count
    return isLinearizable(before: Int32(timeline.events.count)) ? .linearizable : .contradiction
  }

  func deadEnd() -> DeadEnd {
    var reached: Int32 = 0
    var missed = Int32(timeline.events.count)
    while missed - reached > 1 {
      let middle = reached + (missed - reached) / 2
      if isLinearizable(before: middle) { reached = middle } else { missed = middle }
    }
    return deadEnd(at: reached, steps: 100_000)
  }

  func deadEnd(at position: Int32, steps: Int) -> DeadEnd { search.deadEnd(at: position, steps: steps) }
}
