import Checkers
import Testing

@Suite("Register isolation and all orders of small histories")
struct RegisterIsolationOracleTests {
  /// Compares checker and oracle on many histories; where the checker may miss anomalies, only what it finds.
  private func compare(
    _ level: IsolationLevel, count: Int, seed: UInt64, readFirst: Bool = false,
    isComplete: ([Transaction<RegisterStep>]) -> Bool = { _ in true },
    oracle: (TransactionOracle<RegisterStep>) -> Bool
  ) throws {
    var generator = Generator(seed: seed)
    var (held, broken) = (0, 0)
    for _ in 0..<count {
      let transactions = transactions(of: RegisterStep.self, readFirst: readFirst, &generator)
      let history = try TransactionHistory(transactions)
      let expected = oracle(TransactionOracle(history: history))
      let found = RegisterIsolation(level).anomalies(in: history)
      if found.isEmpty { held += 1 } else { broken += 1 }
      let agree = expected ? found.isEmpty : !found.isEmpty || !isComplete(transactions)
      if !agree {
        Issue.record("\(level.rawValue): expected \(expected), found \(found) in \(history.transactions)")
        return
      }
    }
    #expect(held > count / 20 && broken > count / 20, "held \(held), broken \(broken)")
  }

  @Test(
    "agree on serializability where all read before they write; elsewhere what is found is never wrong",
    arguments: [IsolationLevel.serializable, .strongSessionSerializable, .strictSerializable])
  func serializable(_ level: IsolationLevel) throws {
    try compare(level, count: 40_000, seed: 1, readFirst: true, isComplete: allEnded) {
      $0.isSerializable(level)
    }
    try compare(level, count: 40_000, seed: 2, isComplete: { _ in false }) { $0.isSerializable(level) }
  }

  @Test(
    "agree on snapshot isolation where all read before they write; elsewhere what is found is never wrong")
  func snapshots() throws {
    try compare(.snapshotIsolation, count: 40_000, seed: 3, readFirst: true, isComplete: allEnded) {
      $0.isSnapshotIsolated()
    }
    try compare(.snapshotIsolation, count: 40_000, seed: 4, isComplete: { _ in false }) {
      $0.isSnapshotIsolated()
    }
  }

  @Test("agree on read atomic and causal consistency")
  func visibility() throws {
    try compare(.readAtomic, count: 40_000, seed: 5) { $0.isVisible(causally: false) }
    try compare(.causal, count: 40_000, seed: 6) { $0.isVisible(causally: true) }
  }

  /// Whether it is known of all transactions what they read before they wrote.
  private func allEnded(_ transactions: [Transaction<RegisterStep>]) -> Bool {
    transactions.allSatisfy { $0.outcome != .unknown }
  }
}
