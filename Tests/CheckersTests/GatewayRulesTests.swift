import Checkers
import Testing

@Suite("What pages promise")
struct GatewayRulesTests {
  /// Pages within 500 µs and 20 for the way, and nothing older than 1,000. At 100 "a" was answered about u1's orders; the page of
  /// u1 was asked for at 200, and at 250 "b" was answered.
  private func rules() -> GatewayRules {
    var rules = GatewayRules(limit: 500, margin: 20, oldest: 1_000)
    rules.answered("a", GatewayRules.Answer(part: "orders", user: "u1", at: 100))
    rules.asked(1, "p1", for: "u1", at: 200)
    rules.answered("b", GatewayRules.Answer(part: "orders", user: "u1", at: 250))
    rules.answered("c", GatewayRules.Answer(part: "orders", user: "u2", at: 250))
    rules.answered("d", GatewayRules.Answer(part: "user", user: "u1", at: 250))
    return rules
  }

  private func broken(_ section: GatewayRules.Section, at time: Int = 300) -> String? {
    var rules = rules()
    do { try rules.told(1, [(part: "orders", section)], at: time) } catch { return error.property }
    return nil
  }

  @Test("fresh is what was answered after the page was asked for")
  func fresh() {
    #expect(broken(.fresh("b")) == nil)
    #expect(broken(.fresh("a")) == "What is kept is marked")
    #expect(broken(.kept("a")) == nil)
    #expect(broken(.missing) == nil)
  }

  @Test("a page shows what was answered, about this part of this user's page")
  func about() {
    #expect(broken(.fresh("x")) == "What is damaged is not shown")
    #expect(broken(.kept("x")) == "What is damaged is not shown")
    for text in ["c", "d"] {
      #expect(broken(.fresh(text)) == "A page is about its user")
      #expect(broken(.kept(text)) == "A page is about its user")
    }
  }

  @Test("what is kept grows too old")
  func age() {
    #expect(broken(.kept("a"), at: 1_120) == nil)
    #expect(broken(.kept("a"), at: 1_121) == "What is kept is not shown for ever")
  }

  @Test("a page comes in time, and is waited for until it is told")
  func time() throws {
    func late(_ rules: GatewayRules, at time: Int) -> String? {
      do { try rules.requireAnswers(at: time) } catch { return error.property }
      return nil
    }
    var rules = rules()
    #expect(late(rules, at: 720) == nil)
    #expect(late(rules, at: 721) == "A page comes in time")
    try rules.told(1, [(part: "orders", .fresh("b"))], at: 300)
    #expect(late(rules, at: 10_000) == nil)
  }

  @Test("what a user's newest page has shown is remembered, whichever was told last")
  func shown() throws {
    var rules = rules()
    rules.asked(2, "p2", for: "u1", at: 240)
    try rules.told(2, [(part: "orders", .fresh("b"))], at: 300)
    #expect(rules.shown("orders", of: "u1")?.askedAt == 240)
    try rules.told(1, [(part: "orders", .fresh("b"))], at: 310)
    #expect(rules.shown("orders", of: "u1")?.askedAt == 240)
    #expect(rules.shown("orders", of: "u2") == nil)
    #expect(rules.time(of: "a") == 100)
  }
}
