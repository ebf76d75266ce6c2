import Checkers
import Testing

@Suite("What a circuit breaker lets through")
struct BreakerRulesTests {
  private func rules(_ limit: BreakerRules.Limit = .inARow(2), probes: Int = 1) -> BreakerRules {
    BreakerRules(service: "users", limit: limit, openMicroseconds: 100, probes: probes)
  }

  /// The rule that a call breaks which is let through or rejected.
  private func broken(_ rules: BreakerRules, _ isLetThrough: Bool, at time: Int) -> String? {
    var rules = rules
    do {
      if isLetThrough { try rules.letThrough("c", at: time) } else { try rules.rejected("c", at: time) }
      return nil
    } catch { return error.property }
  }

  /// Calls one after the other, each as long as the time between two of them.
  private func ended(_ outcomes: [Bool], _ rules: BreakerRules) throws -> BreakerRules {
    var rules = rules
    for (number, isFailure) in outcomes.enumerated() {
      try rules.letThrough("c\(number)", at: 10 * number)
      rules.ended("c\(number)", isFailure: isFailure, at: 10 * number + 5)
    }
    return rules
  }

  private func isOpen(_ outcomes: [Bool], _ limit: BreakerRules.Limit) throws -> Bool {
    try ended(outcomes, rules(limit)).endOfPause != nil
  }

  @Test("a closed breaker rejects nothing, and failures in a row open it")
  func failuresInARow() throws {
    #expect(broken(rules(), true, at: 0) == nil)
    #expect(broken(rules(), false, at: 0) == "A closed breaker lets everything through")
    #expect(try isOpen([true, false, true], .inARow(2)) == false)
    #expect(try isOpen([true, false, true, true], .inARow(2)))
  }

  @Test("a share opens it once there are enough outcomes, of the last ones only")
  func share() throws {
    let limit = BreakerRules.Limit.share(percent: 50, window: 4, least: 3)
    #expect(try isOpen([true, true], limit) == false)
    #expect(try isOpen([true, false, false], limit) == false)
    #expect(try isOpen([true, true, false], limit))
    #expect(try isOpen([true, false, false, false, true], limit) == false)
    #expect(try isOpen([false, false, false, true, true], limit))
  }

  @Test("an open breaker lets nothing through until its pause is over")
  func open() throws {
    let rules = try ended([true, true], rules())
    #expect(rules.endOfPause == 115)
    #expect(broken(rules, true, at: 114) == "An open breaker lets nothing through")
    #expect(broken(rules, false, at: 114) == nil)
    #expect(broken(rules, true, at: 115) == nil)
    #expect(broken(rules, false, at: 115) == "A half-open breaker lets a probe through")
  }

  @Test("one probe at a time, until enough have succeeded or one has failed")
  func halfOpen() throws {
    var rules = try ended([true, true], rules(probes: 2))
    try rules.letThrough("p1", at: 200)
    #expect(broken(rules, true, at: 201) == "One probe at a time")
    #expect(broken(rules, false, at: 201) == nil)
    rules.ended("p1", isFailure: false, at: 210)
    #expect(broken(rules, false, at: 211) == "A half-open breaker lets a probe through")
    try rules.letThrough("p2", at: 211)
    var failed = rules
    failed.ended("p2", isFailure: true, at: 220)
    #expect(failed.endOfPause == 320)
    rules.ended("p2", isFailure: false, at: 220)
    #expect(broken(rules, false, at: 221) == "A closed breaker lets everything through")
    // Nothing is remembered of what opened it.
    try rules.letThrough("c8", at: 230)
    rules.ended("c8", isFailure: true, at: 231)
    #expect(rules.endOfPause == nil)
  }

  @Test("what ends in a later state counts for nothing")
  func late() throws {
    var rules = rules()
    for call in ["c1", "c2", "c3", "c4", "c5"] { try rules.letThrough(call, at: 0) }
    for call in ["c1", "c2"] { rules.ended(call, isFailure: true, at: 10) }
    rules.ended("c3", isFailure: true, at: 50)
    #expect(rules.endOfPause == 110)
    rules.ended("c4", isFailure: false, at: 120)
    #expect(broken(rules, false, at: 121) == "A half-open breaker lets a probe through")
    try rules.letThrough("p1", at: 121)
    rules.ended("p1", isFailure: false, at: 130)
    rules.ended("c5", isFailure: true, at: 140)
    try rules.letThrough("c6", at: 141)
    rules.ended("c6", isFailure: true, at: 142)
    #expect(rules.endOfPause == nil)
    #expect(rules.lateOutcomes == 3)
    #expect(rules.openings == 1)
  }
}
