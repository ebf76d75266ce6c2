import Checkers
import Testing

@Suite("What an outbox promises")
struct OutboxTests {
  private func property(_ verdict: Verdict) -> String? {
    if case .violated(let violation) = verdict { violation.property } else { nil }
  }

  private func judge(_ log: [(key: String, event: String)]) -> String? {
    property(
      PublishedChanges().check(
        changes: ["o1": ["placed o1", "cancelled o1"], "o2": ["placed o2"]], log: [log, []]))
  }

  @Test("events may come twice, late and between those of other keys")
  func right() {
    let log = [
      ("o1", "placed o1"), ("o2", "placed o2"), ("o1", "placed o1"), ("o1", "cancelled o1"),
      ("o1", "placed o1"),
    ]
    #expect(judge(log) == nil)
  }

  @Test("an event that never happened, one that is missing and one that overtakes are found")
  func wrong() {
    let (placed, cancelled, other) = (("o1", "placed o1"), ("o1", "cancelled o1"), ("o2", "placed o2"))
    #expect(
      judge([placed, cancelled, other, ("o3", "placed o3")]) == "Nothing is published that did not happen")
    #expect(judge([placed, cancelled]) == "Every change is published")
    #expect(judge([placed, other]) == "Every change is published")
    #expect(judge([cancelled, other]) == "Every change is published")
    #expect(judge([cancelled, placed, other]) == "Events of a key in order")
  }

  private typealias Request = IdempotentRequests.Request
  private typealias Effect = IdempotentRequests.Effect

  private func request(_ name: String, _ body: String, _ answer: Request.Answer?, at call: Int) -> Request {
    var request = Request(name: name, body: body, call: call)
    request.answer = answer
    request.time = call + 5
    return request
  }

  @Test("a request that is repeated is one, and another under its key is refused")
  func repeated() {
    let requests = [
      request("a", "tea", .done(id: "1"), at: 0), request("a", "tea", .done(id: "1"), at: 10),
      request("a", "book", .conflict, at: 20), request("b", "book", nil, at: 30),
    ]
    let effects = [Effect(id: "1", name: "a", body: "tea"), Effect(id: "2", name: "b", body: "book")]
    #expect(IdempotentRequests().check(requests, effects: effects) == .holds)
  }

  @Test(
    "each way to break that has its name",
    arguments: [
      ("One effect a key", [("a", "tea", "1")], [("1", "a", "tea"), ("2", "a", "tea")]),
      ("One effect a key", [("a", "tea", "1"), ("b", "tea", "1")], [("1", "a", "tea"), ("1", "b", "tea")]),
      ("Nothing happens unasked", [("a", "tea", "1")], [("1", "a", "tea"), ("2", "b", "tea")]),
      ("What is acknowledged lasts", [("a", "tea", "1")], []),
      ("A key is its user's own", [("a", "tea", "1"), ("b", "tea", "1")], [("1", "a", "tea")]),
      ("A key stands for one request", [("a", "tea", "1"), ("a", "book", "1")], [("1", "a", "tea")]),
      ("A repeated request is the same", [("a", "tea", "1"), ("a", "tea", "")], [("1", "a", "tea")]),
    ] as [(String, [(String, String, String)], [(String, String, String)])])
  func broken(name: String, requests: [(String, String, String)], effects: [(String, String, String)]) {
    let asked = requests.enumerated().map { number, asked in
      request(asked.0, asked.1, asked.2.isEmpty ? .conflict : .done(id: asked.2), at: 10 * number)
    }
    let there = effects.map { Effect(id: $0.0, name: $0.1, body: $0.2) }
    #expect(property(IdempotentRequests().check(asked, effects: there)) == name)
  }
}
