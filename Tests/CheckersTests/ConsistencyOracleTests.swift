import Checkers
import Testing

@Suite("Consistency of registers and all orders of small histories")
struct ConsistencyOracleTests {
  private func compare(
    count: Int, seed: UInt64, most: Int = 7, _ check: (TransactionHistory<RegisterStep>) -> Verdict,
    oracle: (ConsistencyOracle) -> Bool
  ) throws {
    var generator = Generator(seed: seed)
    var (held, broken) = (0, 0)
    for _ in 0..<count {
      let history = try TransactionHistory(operations(most, &generator))
      // That a value was never written, or its write failed, is found apart from any order.
      let expected = oracle(ConsistencyOracle(history))
      let verdict = check(history)
      let holds = verdict == .holds
      if holds { held += 1 } else { broken += 1 }
      if holds != expected {
        Issue.record("expected \(expected), found \(verdict) in \(history.transactions)")
        return
      }
    }
    #expect(held > count / 50 && broken > count / 50, "held \(held), broken \(broken)")
  }

  @Test("agree on every set of session guarantees", arguments: 0..<16)
  func sessions(_ bits: Int) throws {
    let all = SessionGuarantee.allCases
    let guarantees = Set(all.indices.filter { bits >> $0 & 1 == 1 }.map { all[$0] })
    try compare(count: 5_000, seed: UInt64(bits)) {
      SessionGuarantees(guarantees).check($0)
    } oracle: {
      $0.keeps(guarantees)
    }
  }

  @Test("agree on causal consistency and causal convergence", arguments: CausalConsistency.Strength.allCases)
  func causal(_ strength: CausalConsistency.Strength) throws {
    try compare(count: 20_000, seed: 20) {
      CausalConsistency(strength).check($0)
    } oracle: {
      $0.isCausal(strength)
    }
  }

  @Test("agree on sequential consistency")
  func sequential() throws {
    try compare(count: 20_000, seed: 21) {
      SequentialConsistency().check($0)
    } oracle: {
      $0.isSequential()
    }
  }

  @Test("find all four session guarantees to be causal convergence")
  func allFour() throws {
    var generator = Generator(seed: 22)
    for _ in 0..<20_000 {
      let history = try TransactionHistory(operations(20, &generator))
      let sessions = SessionGuarantees(Set(SessionGuarantee.allCases)).check(history)
      let causal = CausalConsistency(.convergent).check(history)
      if (sessions == .holds) != (causal == .holds) {
        Issue.record("\(sessions) and \(causal) in \(history.transactions)")
        return
      }
    }
  }
}
