import Checkers
import Testing

@Suite("A history of transactions")
struct TransactionHistoryTests {
  private typealias Call = Transaction<RegisterStep>

  private func call(
    _ id: Int, _ client: Int, _ start: Int, _ end: Int?, _ steps: [RegisterStep] = [],
    _ outcome: TransactionOutcome = .committed
  ) -> Call {
    Call(id: id, client: client, call: start, return: end, steps: steps, outcome: outcome)
  }

  private func expect(_ error: TransactionHistoryError, _ transactions: [Call]) {
    #expect(throws: error) { try TransactionHistory(transactions) }
  }

  @Test("comes in the order of the calls")
  func order() throws {
    let history = try TransactionHistory([
      call(1, 1, 20, 30), call(2, 2, 10, 40), call(3, 3, 10, 15), call(4, 3, 15, nil, [], .unknown),
    ])
    #expect(history.transactions.map(\.id) == [3, 2, 4, 1])
  }

  @Test("names the transaction that is wrong, and why")
  func errors() {
    expect(.duplicateIdentifier(transaction: 1), [call(1, 1, 0, 1), call(1, 2, 0, 1)])
    expect(.missingReturn(transaction: 2), [call(1, 1, 0, 1), call(2, 2, 0, nil)])
    expect(.returnBeforeCall(transaction: 1), [call(1, 1, 5, 4)])
    expect(.overlap(client: 7, transaction: 2, earlier: 1), [call(2, 7, 5, 9), call(1, 7, 0, 6)])
    expect(
      .overlap(client: 7, transaction: 2, earlier: 1), [call(1, 7, 0, nil, [], .unknown), call(2, 7, 5, 9)])
    expect(
      .valueWrittenTwice(key: "x", value: 4, transaction: 2, earlier: 1),
      [call(1, 1, 0, 1, [.write("x", 4)], .aborted), call(2, 2, 0, 1, [.write("y", 4), .write("x", 4)])])
    expect(
      .valueWrittenTwice(key: "x", value: 4, transaction: 2, earlier: 2),
      [call(2, 2, 0, 1, [.write("x", 4), .write("x", 4)])])
    #expect(throws: TransactionHistoryError.unansweredRead(key: "x", transaction: 3)) {
      try TransactionHistory([
        Transaction<ListStep>(id: 3, client: 1, call: 0, return: 1, steps: [.read("x", nil)])
      ])
    }
  }

  @Test("says in words what is wrong")
  func words() {
    let errors: [(TransactionHistoryError, String)] = [
      (.duplicateIdentifier(transaction: 1), "Two transactions are numbered 1."),
      (.missingReturn(transaction: 1), "T1 committed, but has no return."),
      (.returnBeforeCall(transaction: 1), "T1 returned before it was called."),
      (.overlap(client: 7, transaction: 2, earlier: 1), "Client 7 called T2 while its T1 was open."),
      (
        .valueWrittenTwice(key: "x", value: 4, transaction: 2, earlier: 1),
        "T2 wrote 4 to x, as T1 had; values must be unique per key."
      ),
      (
        .valueWrittenTwice(key: "x", value: 4, transaction: 2, earlier: 2),
        "T2 wrote 4 to x twice; values must be unique per key."
      ),
      (.unansweredRead(key: "x", transaction: 3), "T3 committed, but its read of x has no answer."),
    ]
    for (error, words) in errors { #expect(error.description == words) }
  }

  @Test("may hold reads without an answer in transactions that did not commit")
  func unanswered() throws {
    let history = try TransactionHistory([
      Transaction<ListStep>(
        id: 3, client: 1, call: 0, return: nil, steps: [.read("x", nil)], outcome: .unknown)
    ])
    #expect(history.transactions.count == 1)
  }
}
