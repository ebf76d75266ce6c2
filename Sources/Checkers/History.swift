/// How an operation ended, as its client knows it.
public enum Outcome<Output: Sendable>: Sendable {
  /// It took effect between its call and its return, with this output.
  case ok(Output)
  /// It did not take effect and never will.
  case failed
  /// It may have taken effect, may take effect at any later time, or never.
  case unknown
}

extension Outcome: Equatable where Output: Equatable {}

/// What one client asked for, when, and what came of it.
public struct Operation<Input: Sendable, Output: Sendable>: Sendable, Identifiable {
  /// Names the operation within its history.
  public var id: Int
  /// The client that called it. A client has one operation open at a time.
  public var client: Int
  /// When it was called, in microseconds.
  public var call: Int
  /// When the client had its answer or gave up, in microseconds.
  ///
  /// An operation that ended `ok` has a return. That of an `unknown` one frees the client for its next operation and
  /// says nothing of when the operation takes effect.
  public var `return`: Int?
  /// What was asked for.
  public var input: Input
  /// How it ended.
  public var outcome: Outcome<Output>

  public init(
    id: Int, client: Int, call: Int, return: Int? = nil, input: Input, outcome: Outcome<Output> = .unknown
  ) {
    self.id = id
    self.client = client
    self.call = call
    self.return = `return`
    self.input = input
    self.outcome = outcome
  }

  /// The answer, if the operation ended `ok`.
  public var output: Output? {
    if case .ok(let output) = outcome { output } else { nil }
  }
}

extension Operation: Equatable where Input: Equatable, Output: Equatable {}

/// Why a list of operations is no history.
public enum HistoryError: Error, Sendable, Equatable {
  /// Two operations have the same identifier.
  case duplicateIdentifier(operation: Int)
  /// An operation ended `ok` and has no return.
  case missingReturn(operation: Int)
  /// An operation returned before it was called.
  case returnBeforeCall(operation: Int)
  /// A client called an operation while its earlier one was open.
  case overlap(client: Int, operation: Int, earlier: Int)
}

extension HistoryError {
  /// The operation that is wrong.
  public var operation: Int {
    switch self {
    case .duplicateIdentifier(let operation), .missingReturn(let operation), .returnBeforeCall(let operation),
      .overlap(_, let operation, _):
      operation
    }
  }
}

extension HistoryError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .duplicateIdentifier(let operation):
      "Two operations are numbered \(operation)."
    case .missingReturn(let operation):
      "Operation \(operation) ended ok, but has no return."
    case .returnBeforeCall(let operation):
      "Operation \(operation) returned before it was called."
    case .overlap(let client, let operation, let earlier):
      "Client \(client) called operation \(operation) while its operation \(earlier) was open."
    }
  }
}

/// What the clients of a run saw: valid operations in the order of their calls.
public struct History<Input: Sendable, Output: Sendable>: Sendable {
  /// The operations in the order of their calls; those called at one instant in the order of their returns.
  public let operations: [Operation<Input, Output>]

  /// A history of `operations`, which may come in any order.
  public init(_ operations: [Operation<Input, Output>]) throws(HistoryError) {
    var identifiers: Set<Int> = []
    for operation in operations {
      guard identifiers.insert(operation.id).inserted else {
        throw .duplicateIdentifier(operation: operation.id)
      }
      if let end = operation.return {
        guard end >= operation.call else { throw .returnBeforeCall(operation: operation.id) }
      } else if case .ok = operation.outcome {
        throw .missingReturn(operation: operation.id)
      }
    }
    let order = operations.indices.sorted { left, right in
      let (first, second) = (operations[left], operations[right])
      return (first.call, first.return ?? .max, left) < (second.call, second.return ?? .max, right)
    }
    var latest: [Int: Int] = [:]
    for position in order {
      let operation = operations[position]
      if let earlier = latest[operation.client], (operations[earlier].return ?? .max) > operation.call {
        throw .overlap(client: operation.client, operation: operation.id, earlier: operations[earlier].id)
      }
      latest[operation.client] = position
    }
    self.operations = order.map { operations[$0] }
  }
}

extension History: Equatable where Input: Equatable, Output: Equatable {}
