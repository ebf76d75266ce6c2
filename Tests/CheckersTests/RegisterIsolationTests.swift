import Checkers
import Testing

@Suite("Register isolation")
struct RegisterIsolationTests {
  /// Transactions of clients of their own, all open at the same time, numbered from 1.
  private func together(_ all: [RegisterStep]..., aborted: Set<Int> = [], unknown: Set<Int> = [])
    -> [Transaction<
      RegisterStep
    >]
  {
    all.enumerated().map { place, steps in
      let id = place + 1
      let outcome: TransactionOutcome =
        aborted.contains(id) ? .aborted : unknown.contains(id) ? .unknown : .committed
      return Transaction(id: id, client: id, call: id, return: 1_000 + id, steps: steps, outcome: outcome)
    }
  }

  private func kinds(_ transactions: [Transaction<RegisterStep>], _ level: IsolationLevel) throws -> [Anomaly
    .Kind]
  {
    try RegisterIsolation(level).anomalies(in: TransactionHistory(transactions)).map(\.kind)
  }

  private func expect(
    _ kind: Anomaly.Kind, _ transactions: [Transaction<RegisterStep>], from level: IsolationLevel,
    below: [IsolationLevel] = [], location: SourceLocation = #_sourceLocation
  ) throws {
    let found = try kinds(transactions, level)
    #expect(found.contains(kind), "\(found)", sourceLocation: location)
    for weaker in below { #expect(try kinds(transactions, weaker) == [], sourceLocation: location) }
  }

  private func expectNone(
    _ transactions: [Transaction<RegisterStep>], location: SourceLocation = #_sourceLocation
  ) throws {
    for level in IsolationLevel.allCases {
      #expect(try kinds(transactions, level) == [], "\(level.rawValue)", sourceLocation: location)
    }
  }

  @Test("holds for no transactions at all")
  func empty() throws {
    try expectNone([])
  }

  @Test("finds reads of aborted and of intermediate writes, and of values that nobody wrote")
  func wrongVersions() throws {
    let weaker: [IsolationLevel] = [.readUncommitted]
    let steps: [[RegisterStep]] = [[.write("x", 1)], [.read("x", 1)]]
    try expect(.abortedRead, together(steps[0], steps[1], aborted: [1]), from: .readCommitted, below: weaker)
    try expectNone(together(steps[0], steps[1], unknown: [1]))
    try expectNone(together(steps[0], steps[1]))
    let twice: [RegisterStep] = [.write("x", 1), .write("x", 2)]
    try expect(.intermediateRead, together(twice, [.read("x", 1)]), from: .readCommitted, below: weaker)
    try expectNone(together(twice, [.read("x", 2)]))
    try expect(.unwrittenRead, together(twice, [.read("x", 3)]), from: .readUncommitted)
  }

  @Test("finds information that flows in a circle (G1c)")
  func circularFlow() throws {
    let first: [RegisterStep] = [.write("x", 1), .read("y", 1)]
    try expect(
      .circularInformationFlow, together(first, [.write("y", 1), .read("x", 1)]), from: .readCommitted,
      below: [.readUncommitted])
    try expectNone(together(first, [.write("y", 1), .read("x", nil)]))
  }

  @Test("finds a transaction that contradicts itself")
  func internalInconsistency() throws {
    let other: [RegisterStep] = [.write("x", 9)]
    let wrong: [[RegisterStep]] = [
      [.write("x", 1), .read("x", nil)],
      [.write("x", 1), .read("x", 9)],
      [.read("x", nil), .read("x", 9)],
      [.write("x", 1), .write("x", 2), .read("x", 1)],
      [.read("x", 1), .write("x", 1)],
    ]
    for steps in wrong {
      try expect(
        .internalInconsistency, together(other, steps), from: .readAtomic,
        below: [.readUncommitted, .readCommitted])
    }
    let right: [[RegisterStep]] = [
      [.write("x", 1), .read("x", 1)],
      [.read("x", 9), .read("x", 9), .write("x", 1), .read("x", 1)],
      [.write("x", 1), .write("x", 2), .read("x", 2)],
    ]
    for steps in right { try expectNone(together(other, steps)) }
  }

  @Test("finds a fractured read")
  func fracturedRead() throws {
    let weaker: [IsolationLevel] = [.readUncommitted, .readCommitted]
    let writer: [RegisterStep] = [.write("x", 1), .write("y", 1)]
    try expect(
      .fracturedRead, together(writer, [.read("x", 1), .read("y", nil)]), from: .readAtomic, below: weaker)
    // The first read shows which of the writers comes first, the second one the contrary.
    let second: [RegisterStep] = [.write("x", 2), .write("y", 2)]
    try expect(
      .fracturedRead, together(writer, second, [.read("x", 1), .read("y", 2)]), from: .readAtomic,
      below: weaker)
    try expectNone(together(writer, second, [.read("x", 1), .read("y", 1)], [.read("x", 2), .read("y", 2)]))
  }

  @Test("finds a transaction that misses what came before what it saw")
  func causality() throws {
    let steps: [[RegisterStep]] = [[.write("x", 1)], [.read("x", 1), .write("y", 1)]]
    let weaker: [IsolationLevel] = [.readUncommitted, .readCommitted, .readAtomic]
    try expect(
      .causalityViolation, together(steps[0], steps[1], [.read("y", 1), .read("x", nil)]), from: .causal,
      below: weaker)
    try expectNone(together(steps[0], steps[1], [.read("y", 1), .read("x", 1)]))
  }

  @Test("finds a lost update")
  func lostUpdate() throws {
    let weaker: [IsolationLevel] = [.readUncommitted, .readCommitted, .readAtomic, .causal]
    let first: [RegisterStep] = [.read("x", nil), .write("x", 1)]
    try expect(
      .lostUpdate, together(first, [.read("x", nil), .write("x", 2)]), from: .snapshotIsolation, below: weaker
    )
    try expect(
      .lostUpdate,
      together([.write("x", 0)], [.read("x", 0), .write("x", 1)], [.read("x", 0), .write("x", 2)]),
      from: .snapshotIsolation, below: weaker)
    try expectNone(together(first, [.read("x", 1), .write("x", 2)]))
  }

  @Test("finds a read skew (G-single)")
  func readSkew() throws {
    let weaker: [IsolationLevel] = [.readUncommitted, .readCommitted, .readAtomic]
    let steps: [[RegisterStep]] = [[.write("x", 1)], [.read("x", 1), .write("x", 2), .write("y", 1)]]
    let third: [RegisterStep] = [.read("y", 1), .write("z", 1)]
    try expect(
      .singleAntiDependency, together(steps[0], steps[1], third, [.read("z", 1), .read("x", 1)]),
      from: .snapshotIsolation, below: weaker)
    try expectNone(together(steps[0], steps[1], third, [.read("z", 1), .read("x", 2)]))
  }

  @Test("finds a long fork (G-nonadjacent)")
  func longFork() throws {
    let writers: [[RegisterStep]] = [[.write("x", 1)], [.write("y", 1)], [.read("x", 1), .read("y", nil)]]
    try expect(
      .nonadjacentAntiDependencies,
      together(writers[0], writers[1], writers[2], [.read("x", nil), .read("y", 1)]),
      from: .snapshotIsolation,
      below: [.readUncommitted, .readCommitted, .readAtomic, .causal])
    try expectNone(together(writers[0], writers[1], writers[2], [.read("x", nil), .read("y", nil)]))
  }

  @Test("finds a write skew (G2)")
  func writeSkew() throws {
    let first: [RegisterStep] = [.read("x", nil), .write("y", 1)]
    try expect(
      .antiDependencyCycle, together(first, [.read("y", nil), .write("x", 1)]), from: .serializable,
      below: [.readUncommitted, .readCommitted, .readAtomic, .causal, .snapshotIsolation])
    try expectNone(together(first, [.read("y", 1), .write("x", 1)]))
  }

  @Test("does not take a reader of the initial value that also writes for a cycle of its own")
  func ownWriteAfterInitial() throws {
    try expectNone(
      together([.read("x", nil), .write("x", 1)], [.write("x", 2)], [.read("x", nil)], [.read("x", 1)]))
  }

  @Test("finds a stale read only where time counts")
  func staleRead() throws {
    func apart(_ client: Int) -> [Transaction<RegisterStep>] {
      [
        Transaction(id: 1, client: 1, call: 0, return: 10, steps: [.write("x", 1)]),
        Transaction(id: 2, client: client, call: 11, return: 20, steps: [.read("x", nil)]),
      ]
    }
    try expect(
      .singleAntiDependency, apart(2), from: .strictSerializable,
      below: [.serializable, .strongSessionSerializable, .causal])
    try expect(.singleAntiDependency, apart(1), from: .strongSessionSerializable, below: [.serializable])
    try expect(.causalityViolation, apart(1), from: .causal)
  }

  @Test("explains what it found")
  func explanation() throws {
    let history = try TransactionHistory(
      together(
        [.write("x", 1), .write("y", 1)], [.write("x", 2), .write("y", 2)], [.read("x", 1), .read("y", 2)]))
    let anomaly = try #require(RegisterIsolation(.readAtomic).anomalies(in: history).first)
    #expect(anomaly.transactions == [1, 2])
    #expect(
      anomaly.evidence
        == "T1 comes before T2 (ww): T3 saw a write of T1, which wrote y = 1, and yet read y = 2 of T2; "
        + "T2 comes before T1 (ww): T3 saw a write of T2, which wrote x = 2, and yet read x = 1 of T1.")
  }
}
