import Checkers
import Testing

@Suite("Simulated databases")
struct SimulatedDatabaseTests {
  private func broken<Step: SimulatedStep>(
    _ behaviour: SimulatedDatabase<Step>.Behaviour, _ level: IsolationLevel, seeds: Int = 40,
    _ check: ([Transaction<Step>]) throws -> Verdict
  ) rethrows -> Int {
    try (0..<seeds).count { seed in
      var generator = Generator(seed: UInt64(seed))
      var database = SimulatedDatabase<Step>(behaviour)
      return try check(database.run(400, clients: 8, &generator)) != .holds
    }
  }

  private func lists(_ behaviour: SimulatedDatabase<ListStep>.Behaviour, _ level: IsolationLevel) throws
    -> Int
  {
    try broken(behaviour, level) { try ListAppendIsolation(level).check(TransactionHistory($0)) }
  }

  private func registers(
    _ behaviour: SimulatedDatabase<RegisterStep>.Behaviour, _ level: IsolationLevel
  ) throws -> Int {
    try broken(behaviour, level) { try RegisterIsolation(level).check(TransactionHistory($0)) }
  }

  @Test("that run one transaction at a time keep every level", arguments: IsolationLevel.allCases)
  func serial(_ level: IsolationLevel) throws {
    #expect(try lists(.serial, level) == 0)
    #expect(try registers(.serial, level) == 0)
  }

  @Test("of snapshots keep every level up to snapshot isolation, and are seen not to be serializable")
  func snapshots() throws {
    for level in [IsolationLevel.readUncommitted, .readCommitted, .readAtomic, .causal, .snapshotIsolation] {
      #expect(try lists(.snapshots, level) == 0)
      #expect(try registers(.snapshots, level) == 0)
    }
    #expect(try lists(.snapshots, .serializable) > 30)
    #expect(try registers(.snapshots, .serializable) > 30)
  }

  @Test("of committed reads keep read committed, and are seen to keep no more")
  func readsCommitted() throws {
    for level in [IsolationLevel.readUncommitted, .readCommitted] {
      #expect(try lists(.readsCommitted, level) == 0)
      #expect(try registers(.readsCommitted, level) == 0)
    }
    for level in [IsolationLevel.readAtomic, .causal, .snapshotIsolation, .serializable] {
      #expect(try lists(.readsCommitted, level) > 30)
      #expect(try registers(.readsCommitted, level) > 30)
    }
  }

  @Test("without isolation are seen to keep not even the lowest level, where reads show the order of writes")
  func direct() throws {
    #expect(try lists(.direct, .readUncommitted) > 30)
    for level in IsolationLevel.allCases where level != .readUncommitted {
      #expect(try lists(.direct, level) > 30)
      #expect(try registers(.direct, level) > 30)
    }
  }
}
