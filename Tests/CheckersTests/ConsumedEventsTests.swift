import Checkers
import Testing

@Suite("What idempotent consumers promise")
struct ConsumedEventsTests {
  private func property(_ verdict: Verdict) -> String? {
    if case .violated(let violation) = verdict { violation.property } else { nil }
  }

  private func evidence(_ verdict: Verdict) -> String {
    if case .violated(let violation) = verdict { violation.evidence } else { "" }
  }

  private let counted = [
    CountedEvents.Order(id: "o1", name: "book", amount: 2, isOver: false),
    CountedEvents.Order(id: "o2", name: "book", amount: 3, isOver: true),
    CountedEvents.Order(id: "o3", name: "lamp", amount: 1, isOver: true),
  ]

  @Test("totals are what the events come to; a total of nothing may be left out")
  func right() {
    #expect(CountedEvents().check(counted, totals: ["book": 2]) == .holds)
    #expect(CountedEvents().check(counted, totals: ["book": 2, "lamp": 0]) == .holds)
  }

  @Test(
    "a wrong total is told with the one mistake that would come to it",
    arguments: [
      (4, "o1 had been counted twice"), (0, "o1 had never come"),
      (5, "o2 had not been taken back"), (-1, "o2 had been taken back twice"),
    ])
  func wrong(total: Int, reason: String) {
    let verdict = CountedEvents().check(counted, totals: ["book": total])
    #expect(property(verdict) == "Every event counts once")
    #expect(evidence(verdict).contains(reason))
  }

  @Test("a total that no single mistake explains is told as it is, and so is one of a name that nobody knows")
  func unexplained() {
    #expect(
      evidence(CountedEvents().check(counted, totals: ["book": 40]))
        == "The total of book is 40, and the events come to 2.")
    #expect(property(CountedEvents().check(counted, totals: ["book": 2, "tea": 1])) != nil)
  }

  private typealias Transfer = OrderPayments.Transfer

  private let orders = [
    OrderPayments.Order(id: "o1", user: "ana", cents: 500, isOver: false),
    OrderPayments.Order(id: "o2", user: "ben", cents: 700, isOver: true),
  ]
  private let charge = Transfer(id: "c1", order: "o1", user: "ana", cents: 500)
  private let second = Transfer(id: "c2", order: "o2", user: "ben", cents: 700)
  private let refund = Transfer(id: "r2", order: "o2", user: "ben", cents: -700)

  private func judge(_ transfers: [Transfer], isComplete: Bool = true) -> String? {
    property(OrderPayments().check(orders, transfers, isComplete: isComplete))
  }

  @Test("an order that is over may have cost nothing, or have been paid back")
  func paid() {
    #expect(judge([charge]) == nil)
    #expect(judge([second, charge, refund]) == nil)
  }

  @Test("what is not made yet is missing in the end only")
  func missing() {
    #expect(judge([], isComplete: false) == nil)
    #expect(judge([charge, second], isComplete: false) == nil)
    #expect(judge([]) == "Every order is paid for, or paid back")
    #expect(judge([charge, second]) == "Every order is paid for, or paid back")
  }

  @Test("what is wrong for good is found at once")
  func wrongForGood() {
    func other(_ id: String, _ order: String, _ user: String, _ cents: Int) -> Transfer {
      Transfer(id: id, order: order, user: user, cents: cents)
    }
    #expect(judge([charge, other("c1b", "o1", "ana", 500)], isComplete: false) == "One charge an order")
    #expect(judge([refund], isComplete: false) == "A refund follows its charge")
    #expect(
      judge([second, refund, other("r2b", "o2", "ben", -700)], isComplete: false)
        == "A refund follows its charge")
    for wrong in [
      other("c", "o9", "ana", 500), other("c", "o1", "ben", 500), other("c", "o1", "ana", 400),
    ] {
      #expect(judge([wrong], isComplete: false) == "What is charged was ordered")
    }
    #expect(
      judge([charge, other("r1", "o1", "ana", -500)], isComplete: false) == "What is charged was ordered")
  }
}
