/// Something that tells whether one object's history has a linearization, and can be stopped and taken up again.
protocol LinearizationJudge {
  /// How much work was done.
  var steps: Int { get }
  /// How many configurations are remembered.
  var configurations: Int { get }
  /// Searches on, for about as many steps.
  mutating func run(steps limit: Int) -> SearchEnd
  /// Where a judge that has found a contradiction got stuck.
  func deadEnd() -> DeadEnd
  /// What there is to show at the return at `position`, which no order can pass, with the orders leading there that are
  /// found in so many steps.
  func deadEnd(at position: Int32, steps: Int) -> DeadEnd
}

/// How a search, or a part of it, ended.
enum SearchEnd: Sendable {
  case linearizable, contradiction, unfinished
}

/// The furthest place that a search without success came to, in indices of the operations it was given.
struct DeadEnd: Sendable {
  /// The operation whose return could not be passed.
  var culprit: Int
  /// The operations that had returned before, in the order of their returns.
  var returned: [Int]
  /// The operations that were open then, the culprit left out.
  var open: [Int]
  /// Orders that lead there.
  var orders: [[Int]]
}

/// A judge of any type.
///
/// It consists of closures, for calls through `any LinearizationJudge` would find code that was not specialised for the
/// type, which is many times slower.
struct AnyLinearizationJudge: LinearizationJudge {
  private let getSteps: () -> Int
  private let getConfigurations: () -> Int
  private let runOn: (Int) -> SearchEnd
  private let findDeadEnd: () -> DeadEnd
  private let findDeadEndAt: (Int32, Int) -> DeadEnd

  @inline(__always)
  init(_ judge: some LinearizationJudge) {
    var judge = judge
    getSteps = { judge.steps }
    getConfigurations = { judge.configurations }
    runOn = { judge.run(steps: $0) }
    findDeadEnd = { judge.deadEnd() }
    findDeadEndAt = { judge.deadEnd(at: $0, steps: $1) }
  }

  var steps: Int { getSteps() }
  var configurations: Int { getConfigurations() }
  func run(steps limit: Int) -> SearchEnd { runOn(limit) }
  func deadEnd() -> DeadEnd { findDeadEnd() }
  func deadEnd(at position: Int32, steps: Int) -> DeadEnd { findDeadEndAt(position, steps) }
}
