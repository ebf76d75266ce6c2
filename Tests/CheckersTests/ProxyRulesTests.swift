import Checkers
import Testing

@Suite("What proxies promise")
struct ProxyRulesTests {
  private typealias Repetition = ProxyRules.Call.Repetition

  /// One permit and one place, attempts of 100 µs, messages of 1 to 10 µs; c1 and c2 were asked of n3 at 0, with 1,000 to go.
  private func rules(_ repetition: ProxyRules.Call.Repetition = .freely, reserve: Int = 1) throws
    -> ProxyRules
  {
    var rules = ProxyRules(
      ProxyRules.Limits(attempt: 100, retryReserve: reserve, retryPercent: 20, permits: 1, places: 1),
      delay: 10, margin: 1)
    for name in ["c1", "c2"] { try rules.asked(call(name, repetition)) }
    return rules
  }

  private func call(_ name: String, _ repetition: ProxyRules.Call.Repetition = .freely, at time: Int = 0)
    -> ProxyRules.Call
  {
    ProxyRules.Call(
      name: name, askedAt: time, limit: 1_000, repetition: repetition, proxies: [3], service: "users")
  }

  private func broken(_ rules: ProxyRules, _ body: (inout ProxyRules) throws -> Void) -> String? {
    var rules = rules
    do { try body(&rules) } catch { return (error as? Violation)?.property }
    return nil
  }

  @Test("a call reaches its service as it came, with the time that is left")
  func passedOn() throws {
    let rules = try rules(.withKey("k"))
    func arrives(_ name: String, _ timeLeft: Int, _ repetition: Repetition, at time: Int = 5) -> String? {
      broken(rules) { try $0.arrived(name, at: time, timeLeft: timeLeft, repetition) }
    }
    #expect(arrives("c1", 999, .withKey("k")) == nil)
    #expect(arrives("c9", 999, .withKey("k")) == "A call is passed on as it came")
    #expect(arrives("c1", 999, .withKey("k2")) == "A call is passed on as it came")
    #expect(arrives("c1", 999, .freely) == "A call is passed on as it came")
    #expect(arrives("c1", 1_000, .withKey("k"), at: 50) == "The time left travels with the call")
    #expect(arrives("c1", 900, .withKey("k")) == "The time left travels with the call")
    #expect(arrives("c1", 0, .withKey("k"), at: 1_005) == "Nothing is asked when the time is over")
  }

  @Test("what must not be repeated is asked again only if it had not begun")
  func repetition() throws {
    func again(_ repetition: ProxyRules.Call.Repetition, after saying: ProxyRules.Saying?) throws -> String? {
      var rules = try rules(repetition)
      try rules.arrived("c1", at: 5, timeLeft: 999, repetition)
      if let saying { rules.said(saying, to: "c1", at: 20) }
      return broken(rules) { try $0.arrived("c1", at: 200, timeLeft: 805, repetition) }
    }
    #expect(try again(.never, after: .busy) == nil)
    #expect(try again(.never, after: .failure) == "What may have happened is not repeated")
    #expect(try again(.never, after: .silence) == "What may have happened is not repeated")
    #expect(try again(.never, after: nil) == "What may have happened is not repeated")
    #expect(try again(.freely, after: .failure) == nil)
    #expect(try again(.freely, after: .answer) == "What has ended is not asked again")
    #expect(try again(.freely, after: .refusal) == "What has ended is not asked again")
  }

  @Test("an answer that came when the attempt had been given up need not be used")
  func lateAnswer() throws {
    var rules = try rules()
    try rules.arrived("c1", at: 5, timeLeft: 999, .freely)
    rules.said(.answer, to: "c1", at: 150)
    try rules.arrived("c1", at: 200, timeLeft: 805, .freely)
  }

  @Test("retries are paid for by the reserve and by calls")
  func budget() throws {
    var rules = try rules()
    try rules.arrived("c1", at: 5, timeLeft: 999, .freely)
    rules.said(.failure, to: "c1", at: 6)
    try rules.arrived("c1", at: 50, timeLeft: 955, .freely)
    rules.said(.failure, to: "c1", at: 51)
    let third = { (rules: inout ProxyRules) in
      try rules.arrived("c1", at: 100, timeLeft: 905, .freely)
    }
    #expect(broken(rules, third) == "A retry is paid for")
    for number in 3...5 {
      try rules.asked(call("c\(number)", at: 60))
      try rules.told(.overloaded, of: "c\(number)", at: 60)
    }
    #expect(broken(rules, third) == nil)
  }

  @Test("a permit is one attempt, and whoever finds neither permit nor place is turned away, nobody else")
  func bulkhead() throws {
    var rules = try rules()
    try rules.arrived("c1", at: 5, timeLeft: 999, .freely)
    #expect(
      broken(rules) { try $0.arrived("c2", at: 6, timeLeft: 999, .freely) }
        == "No more attempts are under way than there are permits")
    try rules.asked(call("c3", at: 20))
    #expect(
      broken(rules) { try $0.asked(call("c4", at: 40)) } == "No more wait than there are places")
    try rules.told(.overloaded, of: "c3", at: 20)
    try rules.told(.givenUp, of: "c2", at: 1_000)
    try rules.asked(call("c5", at: 1_000))
    #expect(
      broken(rules) { try $0.told(.overloaded, of: "c5", at: 1_000) }
        == "Nobody is turned away while there is room")
    #expect(
      broken(rules) { try $0.told(.overloaded, of: "c1", at: 1_000) }
        == "Nobody is turned away who was let in")
  }

  @Test("a client is told what the service said, in time, and given up early only in trouble")
  func told() throws {
    var rules = try rules()
    #expect(
      broken(rules) { try $0.told(.answered, of: "c1", at: 50) }
        == "What the service said is what the client is told")
    #expect(
      broken(rules) { try $0.told(.givenUp, of: "c1", at: 50) } == "A call without trouble is answered")
    #expect(broken(rules) { try $0.told(.givenUp, of: "c1", at: 1_000) } == nil)
    #expect(broken(rules) { try $0.requireEndings(at: 1_001) } == nil)
    #expect(broken(rules) { try $0.requireEndings(at: 1_002) } == "A client is answered in time")
    try rules.arrived("c1", at: 5, timeLeft: 999, .freely)
    #expect(
      broken(rules) { try $0.told(.givenUp, of: "c1", at: 90) } == "A call without trouble is answered")
    #expect(broken(rules) { try $0.told(.givenUp, of: "c1", at: 95) } == nil)
    rules.said(.answer, to: "c1", at: 6)
    #expect(
      broken(rules) { try $0.told(.givenUp, of: "c1", at: 1_000) }
        == "What the service said is what the client is told")
    try rules.told(.answered, of: "c1", at: 10)
    #expect(rules.ending(of: "c1") == .answered)
    #expect(
      broken(rules) { try $0.arrived("c1", at: 21, timeLeft: 983, .freely) }
        == "What has ended is not asked again")
  }
}
