import Checkers
import Testing

@Suite("What a saga promises")
struct SagaRulesTests {
  private typealias Effect = SagaRules.Effect
  private static let steps = ["order", "payment", "inventory", "shipping", "confirmation"]

  private func rules(isCalm: Bool = true) -> SagaRules {
    SagaRules(steps: Self.steps, pivot: 3, isCalm: isCalm)
  }

  /// The rule that is broken first, and the rules as they are then.
  private func judge(_ effects: [(Int, Effect)], isCalm: Bool = true) -> (String?, SagaRules) {
    var rules = rules(isCalm: isCalm)
    for (step, effect) in effects {
      do { try rules.note(effect, step: step, saga: "s", order: "o1") } catch {
        return (error.property, rules)
      }
    }
    return (nil, rules)
  }

  private func done(_ steps: Range<Int>) -> [(Int, Effect)] {
    steps.flatMap { [($0, .begun), ($0, .done)] as [(Int, Effect)] }
  }

  private func property(_ verdict: Verdict) -> String? {
    if case .violated(let violation) = verdict { violation.property } else { nil }
  }

  @Test("a saga goes through, and another one turns round at what was refused")
  func right() {
    let (broken, whole) = judge(done(0..<5))
    #expect(broken == nil)
    #expect(whole.checkTold(completed: true, order: "o1") == .holds)
    #expect(whole.checkEnd(of: "o1") == .holds)
    let (wrong, undone) = judge(
      done(0..<2) + [(2, .begun), (2, .refused), (1, .undone), (0, .undone)])
    #expect(wrong == nil)
    #expect(undone.checkTold(completed: false, order: "o1") == .holds)
    #expect(undone.checkEnd(of: "o1") == .holds)
  }

  @Test("a slow step is blocked first; a step that is put off begins again")
  func slow() {
    #expect(judge(done(0..<1) + [(1, .begun), (1, .blocked), (0, .undone)]).0 == nil)
    #expect(judge(done(0..<4) + [(4, .begun), (4, .begun), (4, .done)]).0 == nil)
  }

  @Test(
    "each way to break that has its name",
    arguments: [
      ("A step begins when the one before is done", 1, [(1, Effect.begun)]),
      ("A step begins when the one before is done", 1, [(0, .undone), (1, .begun)]),
      ("Undone in reverse order", 2, [(0, .undone)]),
      ("Undone in reverse order", 1, [(1, .begun), (0, .undone)]),
      ("After the pivot there is only forward", 4, [(2, .undone)]),
      ("After the pivot there is only forward", 3, [(3, .begun), (3, .cannotBeUndone)]),
      ("Nothing is undone that never began", 1, [(1, .blocked)]),
    ] as [(String, Int, [(Int, SagaRules.Effect)])])
  func broken(name: String, stepsDone: Int, effects: [(Int, SagaRules.Effect)]) {
    // Nothing at all was done where a step begins too early.
    let before = name.hasPrefix("A step begins") && effects.count == 1 ? [] : done(0..<stepsDone)
    #expect(judge(before + effects).0 == name)
  }

  @Test("where messages are lost, what never began may be blocked")
  func lossy() {
    #expect(judge(done(0..<1) + [(1, .blocked), (0, .undone)], isCalm: false).0 == nil)
  }

  @Test("an order has one saga")
  func twice() throws {
    var rules = rules()
    try rules.note(.begun, step: 0, saga: "s1", order: "o1")
    try rules.note(.begun, step: 0, saga: "s2", order: "o2")
    #expect(throws: Violation.self) { try rules.note(.begun, step: 0, saga: "s3", order: "o1") }
  }

  @Test("half an order is no end, and nobody may be told so")
  func half() {
    let (_, rules) = judge(done(0..<2))
    #expect(property(rules.checkEnd(of: "o1")) == "Wholly done or wholly undone")
    #expect(property(rules.checkTold(completed: true, order: "o1")) == "What is told is so")
    #expect(property(rules.checkTold(completed: false, order: "o1")) == "What is told is so")
    #expect(rules.checkEnd(of: "o2") == .holds)
    #expect(property(rules.checkTold(completed: true, order: "o2")) == "What is told is so")
    #expect(rules.checkTold(completed: false, order: "o2") == .holds)
  }
}
