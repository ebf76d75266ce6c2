/// Why a list of transactions is no history.
public enum TransactionHistoryError: Error, Sendable, Equatable {
  /// Two transactions have the same identifier.
  case duplicateIdentifier(transaction: Int)
  /// A transaction committed and has no return.
  case missingReturn(transaction: Int)
  /// A transaction returned before it was called.
  case returnBeforeCall(transaction: Int)
  /// A client called a transaction while its earlier one was open.
  case overlap(client: Int, transaction: Int, earlier: Int)
  /// A value was written to a key twice, so that a read of it does not tell which write it saw.
  case valueWrittenTwice(key: String, value: Int, transaction: Int, earlier: Int)
  /// A transaction committed and has a read without an answer.
  case unansweredRead(key: String, transaction: Int)
}

extension TransactionHistoryError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .duplicateIdentifier(let transaction):
      "Two transactions are numbered \(transaction)."
    case .missingReturn(let transaction):
      "T\(transaction) committed, but has no return."
    case .returnBeforeCall(let transaction):
      "T\(transaction) returned before it was called."
    case .overlap(let client, let transaction, let earlier):
      "Client \(client) called T\(transaction) while its T\(earlier) was open."
    case .valueWrittenTwice(let key, let value, let transaction, let earlier):
      transaction == earlier
        ? "T\(transaction) wrote \(value) to \(key) twice; values must be unique per key."
        : "T\(transaction) wrote \(value) to \(key), as T\(earlier) had; values must be unique per key."
    case .unansweredRead(let key, let transaction):
      "T\(transaction) committed, but its read of \(key) has no answer."
    }
  }
}

/// What the clients of a database saw: valid transactions in the order of their calls.
///
/// Inside, keys and steps are numbered, so that the checkers work on flat arrays of integers.
public struct TransactionHistory<Step: TransactionStep>: Sendable {
  /// The transactions in the order of their calls; those called at one instant in the order of their returns.
  public let transactions: [Transaction<Step>]

  /// The keys' names by number.
  let keys: [String]
  /// The number of each transaction's first step, and after the last the number of all steps.
  let firstStep: [Int32]
  /// The number of each step's key.
  let stepKey: [Int32]
  /// The place in `transactions` of each step's transaction.
  let stepOwner: [Int32]
  /// The steps that wrote, by key and value.
  let writes: WriteTable

  private init(numbering given: [Transaction<Step>]) throws(TransactionHistoryError) {
    let transactions = try Self.ordered(given)
    var numbers: [String: Int32] = [:]
    var keys: [String] = []
    let count = transactions.reduce(0) { $0 + $1.steps.count }
    var firstStep: [Int32] = []
    var stepKey: [Int32] = []
    var stepOwner: [Int32] = []
    firstStep.reserveCapacity(transactions.count + 1)
    stepKey.reserveCapacity(count)
    stepOwner.reserveCapacity(count)
    let written = transactions.reduce(0) { $0 + $1.steps.count { $0.written != nil } }
    var writes = WriteTable(capacity: written)
    for (place, transaction) in transactions.enumerated() {
      firstStep.append(Int32(stepKey.count))
      for step in transaction.steps {
        let name = step.key
        let key = numbers[name] ?? Int32(keys.count)
        if Int(key) == keys.count {
          numbers[name] = key
          keys.append(name)
        }
        if let value = step.written {
          if let earlier = writes.insert(stepKey.count, key: key, value: value) {
            let owner = earlier < stepOwner.count ? transactions[Int(stepOwner[earlier])].id : transaction.id
            throw .valueWrittenTwice(key: name, value: value, transaction: transaction.id, earlier: owner)
          }
        } else if transaction.outcome == .committed && !step.isAnswered {
          throw .unansweredRead(key: name, transaction: transaction.id)
        }
        stepKey.append(key)
        stepOwner.append(Int32(place))
      }
    }
    firstStep.append(Int32(stepKey.count))
    self.transactions = transactions
    self.keys = keys
    self.firstStep = firstStep
    self.stepKey = stepKey
    self.stepOwner = stepOwner
    self.writes = writes
  }

  /// The transactions in the order of their calls, if their times and clients make sense.
  private static func ordered(
    _ given: [Transaction<Step>]
  ) throws(TransactionHistoryError) -> [Transaction<Step>] {
    var identifiers = Set<Int>(minimumCapacity: given.count)
    for transaction in given {
      guard identifiers.insert(transaction.id).inserted else {
        throw .duplicateIdentifier(transaction: transaction.id)
      }
      if let end = transaction.return {
        guard end >= transaction.call else { throw .returnBeforeCall(transaction: transaction.id) }
      } else if transaction.outcome == .committed {
        throw .missingReturn(transaction: transaction.id)
      }
    }
    func precedes(_ left: Int, _ right: Int) -> Bool {
      let (first, second) = (given[left], given[right])
      if first.call != second.call { return first.call < second.call }
      return (first.return ?? .max, left) < (second.return ?? .max, right)
    }
    // Most histories come in order already.
    let isOrdered = given.indices.dropFirst().allSatisfy { precedes($0 - 1, $0) }
    let transactions = isOrdered ? given : given.indices.sorted(by: precedes).map { given[$0] }
    var latest: [Int: Int] = [:]
    for (place, transaction) in transactions.enumerated() {
      if let before = latest.updateValue(place, forKey: transaction.client) {
        let earlier = transactions[before]
        guard (earlier.return ?? .max) <= transaction.call else {
          throw .overlap(client: transaction.client, transaction: transaction.id, earlier: earlier.id)
        }
      }
    }
    return transactions
  }

  /// The step with this number.
  func step(_ number: Int) -> Step {
    let owner = Int(stepOwner[number])
    return transactions[owner].steps[number - Int(firstStep[owner])]
  }

  /// The transaction that made a step, as it is shown: T3.
  func name(_ place: Int) -> String { "T\(transactions[place].id)" }
}

// Not one generic initializer, so that each is compiled for its kind of step.

extension TransactionHistory where Step == ListStep {
  /// A history of `transactions`, which may come in any order.
  public init(_ transactions: [Transaction<ListStep>]) throws(TransactionHistoryError) {
    try self.init(numbering: transactions)
  }
}

extension TransactionHistory where Step == RegisterStep {
  /// A history of `transactions`, which may come in any order.
  public init(_ transactions: [Transaction<RegisterStep>]) throws(TransactionHistoryError) {
    try self.init(numbering: transactions)
  }
}
