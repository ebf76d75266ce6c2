import Checkers
import Histories
import Testing

@Suite("A history in JSON")
struct JSONLinesTests {
  private func read(_ text: String, _ model: HistoryModel) throws(HistoryFileError) -> RecordedHistory {
    try RecordedHistory(text, named: "a.json", format: .json, model: model)
  }

  private func problem(_ lines: String..., model: HistoryModel = .register) -> String {
    do {
      _ = try read("{\"history\": 1, \"model\": \"\(model)\"}\n" + lines.joined(separator: "\n"), model)
      return "no error"
    } catch { return "\(error)" }
  }

  @Test("of any model comes back as it was written")
  func roundTrip() throws {
    func ends<Input, Output>(_ calls: [(Input, Outcome<Output>)]) throws -> History<Input, Output> {
      try History(
        calls.enumerated().map { number, call in
          Operation(
            id: number, client: number % 3, call: 10 * number, return: 10 * number + 7, input: call.0,
            outcome: call.1)
        })
    }
    let histories: [RecordedHistory] = [
      .register(
        try ends([
          (.read, .ok(.value(nil))), (.write(3), .ok(.done)), (.read, .ok(.value(3))), (.read, .unknown),
          (.compareAndSet(expected: nil, new: 1), .ok(.swapped(false))), (.write(-1), .failed),
        ])),
      .keyValue(
        try ends([
          (.get("x"), .ok(.value(nil))), (.put("x", "\"ü\n"), .ok(.done)), (.append("y", ""), .unknown),
          (.get("y"), .ok(.value(""))), (.delete("x"), .ok(.done)),
          (.compareAndSet("x", expected: nil, new: "1"), .ok(.swapped(true))),
        ]), absent: ""),
      .set(
        try ends([
          (.add("a"), .ok(.done)), (.add("a"), .ok(.changed(false))), (.remove("a"), .ok(.changed(true))),
          (.contains("a"), .ok(.contained(false))), (.members, .ok(.members(["b", "a"]))),
          (.members, .unknown),
        ])),
      .queue(
        try ends([
          (.enqueue("a"), .ok(.done)), (.dequeue, .ok(.element("a"))), (.dequeue, .ok(.element(nil))),
          (.dequeue, .unknown),
        ])),
      .log(
        try ends([
          (.append("a"), .ok(.done)), (.append("b"), .ok(.appended(at: 1))),
          (.readAll, .ok(.entries(["a", "b"]))),
          (.read(at: 2), .ok(.entry(nil))), (.read(at: 0), .ok(.entry("a"))),
        ])),
    ]
    for history in histories {
      #expect(try read(history.jsonLines(), history.model) == history)
    }
  }

  @Test("is judged like any other")
  func judged() throws {
    let text = """
      {"history": 1, "model": "kv"}
      {"id": 0, "client": 1, "call": 0, "return": 900, "operation": "put", "key": "x", "value": "1", "outcome": "ok"}
      {"id": 1, "client": 2, "call": 350, "return": 700, "operation": "get", "key": "x", "outcome": "ok", "answer": null}
      {"id": 2, "client": 3, "call": 400, "operation": "append", "key": "x", "value": "2", "outcome": "unknown"}
      """
    #expect(try read(text, .keyValue).check() == .holds)
  }

  @Test(
    "refuses time that runs backwards, two calls at once and a number used twice, and names line and operation"
  )
  func noHistory() {
    let write =
      "{\"id\": 4, \"client\": 1, \"call\": 5, \"return\": 9, \"operation\": \"write\", \"value\": 1, \"outcome\": \"ok\"}"
    #expect(problem(write) == "no error")
    #expect(
      problem("", write.replacing("9", with: "3"))
        == "a.json:3: Operation 4 returned before it was called.")
    #expect(
      problem(write, write.replacing("4", with: "5"))
        == "a.json:3: Client 1 called operation 5 while its operation 4 was open.")
    #expect(problem(write, write) == "a.json:3: Two operations are numbered 4.")
    #expect(
      problem(write.replacing("\"return\": 9, ", with: ""))
        == "a.json:2: Operation 4 ended ok, but has no return.")
  }

  @Test(
    "refuses a malformed line, and says what it expected",
    arguments: [
      ("{", "an operation"), ("[]", "an operation"),
      ("{\"id\": 1, \"client\": 1, \"call\": 5, \"operation\": \"read\"}", "outcome is missing"),
      (
        "{\"id\": 1, \"client\": \"n1\", \"call\": 5, \"operation\": \"read\", \"outcome\": \"ok\"}",
        "client is of another type"
      ),
      (
        "{\"id\": 1, \"client\": 1, \"call\": 5, \"return\": 6, \"operation\": \"read\", \"outcome\": \"ok\"}",
        "an answer that fits the operation in operation 1"
      ),
      (
        "{\"id\": 1, \"client\": 1, \"call\": 5, \"operation\": \"write\", \"value\": \"a\", \"outcome\": \"unknown\"}",
        "a number as the value in operation 1"
      ),
      (
        "{\"id\": 1, \"client\": 1, \"call\": 5, \"operation\": \"pop\", \"outcome\": \"unknown\"}",
        "read, write or compareAndSet as the operation in operation 1"
      ),
      (
        "{\"id\": 1, \"client\": 1, \"call\": 5, \"operation\": \"read\", \"outcome\": \"lost\"}",
        "ok, failed or unknown as the outcome in operation 1"
      ),
    ])
  func malformed(line: String, words: String) {
    let problem = problem(line)
    #expect(problem.hasPrefix("a.json:2: expected ") && problem.contains(words), "\(problem)")
  }

  @Test("refuses a first line that does not say what the history is of, or says something else")
  func header() {
    for text in ["", "{}", "{\"history\": 2, \"model\": \"kv\"}", "{\"history\": 1, \"model\": \"tree\"}"] {
      #expect(throws: HistoryFileError.self) { try read(text, .keyValue) }
    }
    #expect(
      throws: HistoryFileError(
        file: "a.json", line: nil, problem: .otherModel(found: .keyValue, expected: .register))
    ) { try read("{\"history\": 1, \"model\": \"kv\"}", .register) }
  }
}
