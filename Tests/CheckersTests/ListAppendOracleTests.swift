import Checkers
import Testing

@Suite("List-append isolation and all orders of small histories")
struct ListAppendOracleTests {
  /// Compares checker and oracle on many histories; where the checker may miss anomalies, only what it finds.
  private func compare(
    _ level: IsolationLevel, count: Int, seed: UInt64,
    isComplete: ([Transaction<ListStep>]) -> Bool = { _ in true },
    oracle: (TransactionOracle<ListStep>) -> Bool
  ) throws {
    var generator = Generator(seed: seed)
    var (held, broken) = (0, 0)
    for _ in 0..<count {
      let transactions = transactions(of: ListStep.self, &generator)
      let history = try TransactionHistory(transactions)
      let expected = oracle(TransactionOracle(history: history))
      let found = ListAppendIsolation(level).anomalies(in: history)
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
    "agree on serializability, also with the clients' order and that of time",
    arguments: [IsolationLevel.serializable, .strongSessionSerializable, .strictSerializable])
  func serializable(_ level: IsolationLevel) throws {
    try compare(level, count: 40_000, seed: 1) { $0.isSerializable(level) }
  }

  @Test("agree on snapshot isolation where all appends are read; what is found is never wrong")
  func snapshots() throws {
    try compare(.snapshotIsolation, count: 40_000, seed: 2, isComplete: allRead) { $0.isSnapshotIsolated() }
  }

  @Test("agree on read atomic and causal consistency")
  func visibility() throws {
    try compare(.readAtomic, count: 40_000, seed: 3) { $0.isVisible(causally: false) }
    try compare(.causal, count: 40_000, seed: 4) { $0.isVisible(causally: true) }
  }

  /// Whether some other transaction read each append.
  private func allRead(_ transactions: [Transaction<ListStep>]) -> Bool {
    let committed = transactions.filter { $0.outcome == .committed }
    return committed.allSatisfy { transaction in
      var read: Set<Int> = []
      for case .read(_, let list?) in committed.filter({ $0.id != transaction.id }).flatMap(\.steps) {
        read.formUnion(list)
      }
      return read.isSuperset(of: transaction.steps.compactMap(\.written))
    }
  }
}
