import Checkers
import Testing

@Suite("A history")
struct HistoryTests {
  private typealias Read = Operation<RegisterInput, RegisterOutput>

  @Test("keeps its operations in the order of their calls")
  func order() throws {
    let history = try History([
      Read(id: 1, client: 1, call: 20, return: 30, input: .read, outcome: .ok(.value(nil))),
      Read(id: 2, client: 2, call: 10, return: 40, input: .read, outcome: .failed),
    ])
    #expect(history.operations.map(\.id) == [2, 1])
    #expect(history.operations.map(\.output) == [nil, .value(nil)])
  }

  @Test("refuses a return before the call and names the operation")
  func returnBeforeCall() {
    #expect(throws: HistoryError.returnBeforeCall(operation: 7)) {
      try History([Read(id: 7, client: 1, call: 20, return: 10, input: .read, outcome: .ok(.value(nil)))])
    }
    #expect(HistoryError.returnBeforeCall(operation: 7).description.contains("7"))
  }

  @Test("refuses an answer without a return")
  func missingReturn() {
    #expect(throws: HistoryError.missingReturn(operation: 3)) {
      try History([Read(id: 3, client: 1, call: 20, input: .read, outcome: .ok(.value(nil)))])
    }
  }

  @Test("refuses two operations of one number")
  func duplicate() {
    #expect(throws: HistoryError.duplicateIdentifier(operation: 3)) {
      try History([
        Read(id: 3, client: 1, call: 20, input: .read), Read(id: 3, client: 2, call: 20, input: .read),
      ])
    }
  }

  @Test("refuses a client with two operations open at once, and names both")
  func overlap() {
    #expect(throws: HistoryError.overlap(client: 1, operation: 5, earlier: 4)) {
      try History([
        Read(id: 5, client: 1, call: 15, return: 30, input: .read, outcome: .failed),
        Read(id: 4, client: 1, call: 10, return: 20, input: .read, outcome: .failed),
      ])
    }
    #expect(throws: HistoryError.overlap(client: 1, operation: 5, earlier: 4)) {
      try History([
        Read(id: 4, client: 1, call: 10, input: .read),
        Read(id: 5, client: 1, call: 15, return: 30, input: .read, outcome: .failed),
      ])
    }
  }

  @Test("lets a client go on after giving up, and at the very instant of an answer")
  func goingOn() throws {
    let history = try History([
      Read(id: 1, client: 1, call: 10, return: 20, input: .read),
      Read(id: 2, client: 1, call: 20, return: 20, input: .read, outcome: .failed),
      Read(id: 3, client: 1, call: 20, input: .read),
    ])
    #expect(history.operations.count == 3)
  }
}
