/// What an object does when it is used by one client at a time.
///
/// Linearizability says that a concurrent history looks as if such an object had been used (Herlihy and Wing 1990).
public protocol SequentialModel: Sendable {
  associatedtype State: Hashable & Sendable
  associatedtype Input: Hashable & Sendable
  associatedtype Output: Hashable & Sendable
  /// Names the independent objects that the history can be split into; `Never` for a model of a single object.
  associatedtype Key: Hashable & Sendable = Never

  /// The state that each object starts in.
  var initial: State { get }

  /// The state after `input` was answered with `output`, or nil if `state` does not allow that answer.
  ///
  /// An `output` of nil is an answer that nobody saw: any would do.
  func step(_ state: State, _ input: Input, returning output: Output?) -> State?

  /// The object that `input` is about, or nil if it may concern them all, in which case the history is not split.
  func key(of input: Input) -> Key?

  /// Whether `input`, answered with `output`, leaves every state that allows the answer as it is.
  ///
  /// Saying so is not needed, but saves work.
  func isReadOnly(_ input: Input, returning output: Output?) -> Bool

  /// Whether `state` can no longer be followed by `input` answered with `output`, whatever comes between.
  ///
  /// Saying so is not needed, but saves work where states only grow.
  func rulesOut(_ state: State, _ input: Input, returning output: Output) -> Bool

  /// The operation in words, such as `get("a") → "1"`; an `output` of nil was never seen.
  func describe(_ input: Input, returning output: Output?) -> String

  /// The state in words.
  func describe(state: State) -> String
}

extension SequentialModel {
  public func key(of input: Input) -> Key? { nil }

  public func isReadOnly(_ input: Input, returning output: Output?) -> Bool { false }

  public func rulesOut(_ state: State, _ input: Input, returning output: Output) -> Bool { false }

  public func describe(_ input: Input, returning output: Output?) -> String {
    "\(input) → \(output.map { "\($0)" } ?? "no answer")"
  }

  public func describe(state: State) -> String { "\(state)" }
}
