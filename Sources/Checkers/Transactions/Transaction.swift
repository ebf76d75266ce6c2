/// What became of a transaction, as its client knows it.
public enum TransactionOutcome: Sendable, Equatable {
  /// It took effect.
  case committed
  /// It did not take effect and never will.
  case aborted
  /// It may have taken effect, may take effect at any later time, or never.
  case unknown
}

/// One read or write within a transaction.
public protocol TransactionStep: Sendable, Equatable {
  /// The key that is read or written.
  var key: String { get }
  /// The value written; nil for a read.
  var written: Int? { get }
  /// Whether the step has what a committed transaction knows of it.
  var isAnswered: Bool { get }
}

/// A step on keys that hold lists, each write of which adds one element at the end.
///
/// A list read shows all writes before it and their order, which is what makes such histories checkable in linear
/// time (Kingsbury and Alvaro, "Elle", VLDB 2020, section 3).
public enum ListStep: TransactionStep {
  /// Adds an element, unlike any other ever added to this key.
  case append(String, Int)
  /// Reads the whole list; nil if no answer was seen. A key that was never written holds the empty list.
  case read(String, [Int]?)

  public var key: String {
    switch self {
    case .append(let key, _), .read(let key, _): key
    }
  }

  public var written: Int? {
    if case .append(_, let value) = self { value } else { nil }
  }

  public var isAnswered: Bool {
    if case .read(_, nil) = self { false } else { true }
  }
}

/// A step on keys that hold one value each.
public enum RegisterStep: TransactionStep {
  /// Writes a value, unlike any other ever written to this key.
  case write(String, Int)
  /// Reads the value; nil if the key had none. What transactions read that did not commit is ignored.
  case read(String, Int?)

  public var key: String {
    switch self {
    case .write(let key, _), .read(let key, _): key
    }
  }

  public var written: Int? {
    if case .write(_, let value) = self { value } else { nil }
  }

  public var isAnswered: Bool { true }
}

/// Reads and writes that one client asked to take effect together, when, and what came of it.
public struct Transaction<Step: TransactionStep>: Sendable, Identifiable, Equatable {
  /// Names the transaction within its history: number 3 is shown as T3.
  public var id: Int
  /// The client that called it. A client has one transaction open at a time.
  public var client: Int
  /// When it was called, in microseconds.
  public var call: Int
  /// When the client had its answer or gave up, in microseconds. A committed transaction has a return.
  public var `return`: Int?
  /// The steps in the order in which they were made.
  public var steps: [Step]
  /// How it ended.
  public var outcome: TransactionOutcome

  public init(
    id: Int, client: Int, call: Int, return: Int?, steps: [Step], outcome: TransactionOutcome = .committed
  ) {
    self.id = id
    self.client = client
    self.call = call
    self.return = `return`
    self.steps = steps
    self.outcome = outcome
  }
}
