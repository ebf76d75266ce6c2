import Checkers
import Testing

@Suite("What accounts come to that are kept as events")
struct AccountRulesTests {
  /// ana held 500 dollars from of old, was given 300 cents, and withdrew 12,000: three events, at 0, 10 and 20.
  private func rules() throws -> AccountRules {
    var rules = AccountRules(leastLetterCents: 10_000)
    rules.noteOld(account: "ana", cents: 50_000, time: 0)
    rules.expect(.init(id: "c1", account: "ana", cents: 300))
    rules.expect(.init(id: "c2", account: "ana", cents: -12_000))
    rules.expect(.init(id: "c3", account: "ana", cents: -39_000))
    try rules.noteAppended("c1", account: "ana", cents: 300, time: 10)
    try rules.noteAppended("c2", account: "ana", cents: -12_000, time: 20)
    return rules
  }

  private func property(_ verdict: Verdict) -> String? {
    if case .violated(let violation) = verdict { violation.property } else { nil }
  }

  private func broken(_ body: () throws -> Void) -> String? {
    do { try body() } catch { return (error as? Violation)?.property }
    return nil
  }

  @Test("what is written is what somebody asked for, as it was asked for, once")
  func written() throws {
    let rules = try rules()
    #expect(rules.version(of: "ana") == 3)
    #expect(rules.balance(of: "ana") == 38_300)
    #expect(rules.position == 3)
    #expect([9, 10, 19, 20].map { rules.position(at: $0) } == [1, 2, 2, 3])
    #expect([-1, 9, 10, 20].map { rules.version(of: "ana", at: $0) } == [0, 1, 2, 3])
    #expect(rules.version(of: "ben", at: 20) == 0)
    func append(_ id: String, _ account: String, _ cents: Int?) -> String? {
      var rules = rules
      return broken { try rules.noteAppended(id, account: account, cents: cents, time: 30) }
    }
    #expect(append("c9", "ana", 1) == "Nothing is written that nobody asked for")
    #expect(append("c3", "ben", -39_000) == "Nothing is written that nobody asked for")
    #expect(append("c3", "ana", 39_000) == "Nothing is written that nobody asked for")
    #expect(append("c3", "ana", nil) == "Nothing is written that nobody asked for")
    #expect(append("c1", "ana", 300) == "A command is done once")
    #expect(append("c3", "ana", -39_000) == "No account is below zero")
  }

  @Test(
    "a command is done if its event is in the store, and refused if there was not enough at some time since")
  func commands() throws {
    let rules = try rules()
    #expect(property(rules.checkDone("c1", version: 2)) == nil)
    #expect(property(rules.checkDone("c1", version: 1)) == "What is done is in the store")
    #expect(property(rules.checkDone("c3", version: 4)) == "What is done is in the store")
    #expect(property(rules.checkInsufficient("c3", sinceVersion: 0)) == nil)
    #expect(property(rules.checkInsufficient("c3", sinceVersion: 2)) == nil)
    #expect(property(rules.checkInsufficient("c3", sinceVersion: 3)) == nil)
    #expect(
      property(rules.checkInsufficient("c2", sinceVersion: 1)) == "What can be withdrawn is not refused")
    #expect(property(rules.checkInsufficient("c2", sinceVersion: 3)) == "A command that is done stays done")
  }

  @Test("a query is answered by some number of the first events, and by enough of them")
  func queries() throws {
    let rules = try rules()
    func balance(_ cents: Int, _ version: Int, wanted: Int = 0, known: Int = 0) -> String? {
      property(rules.checkBalance("ana", cents: cents, version: version, wanted: wanted, known: known))
    }
    for (version, cents) in [0, 50_000, 50_300, 38_300].enumerated() {
      #expect(balance(cents, version) == nil)
    }
    #expect(balance(38_600, 3) == "A query is answered by the events")
    #expect(balance(38_300, 4) == "A query is answered by the events")
    #expect(balance(0, -1) == "A query is answered by the events")
    #expect(balance(50_300, 2, wanted: 3) == "Who has written reads what it wrote")
    #expect(balance(50_300, 2, known: 3) == "A node's answers do not go back")
    #expect(property(rules.checkTotal(cents: 50_300, position: 2, known: 2)) == nil)
    #expect(
      property(rules.checkTotal(cents: 50_300, position: 3, known: 0)) == "A query is answered by the events")
    #expect(
      property(rules.checkTotal(cents: 0, position: 4, known: 0)) == "A query is answered by the events")
    #expect(
      property(rules.checkTotal(cents: 50_300, position: 2, known: 3)) == "A node's answers do not go back")
  }

  @Test("one letter goes out for each large withdrawal of today, and for nothing else")
  func letters() throws {
    var rules = try rules()
    #expect(property(rules.checkEnd()) == "Each large withdrawal has its letter")
    for version in [0, 1, 2, 4] {
      #expect(
        broken { try rules.noteLetter(account: "ana", version: version) }
          == "Letters go out for large withdrawals alone")
    }
    try rules.noteLetter(account: "ana", version: 3)
    #expect(property(rules.checkEnd()) == nil)
    #expect(broken { try rules.noteLetter(account: "ana", version: 3) } == "One letter a withdrawal")
  }
}
