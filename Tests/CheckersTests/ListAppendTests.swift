import Checkers
import Testing

@Suite("List-append isolation")
struct ListAppendTests {
  /// Transactions of clients of their own, all open at the same time, numbered from 1.
  private func together(_ all: [ListStep]..., aborted: Set<Int> = [], unknown: Set<Int> = []) -> [Transaction<
    ListStep
  >] {
    all.enumerated().map { place, steps in
      let id = place + 1
      let outcome: TransactionOutcome =
        aborted.contains(id) ? .aborted : unknown.contains(id) ? .unknown : .committed
      return Transaction(id: id, client: id, call: id, return: 1_000 + id, steps: steps, outcome: outcome)
    }
  }

  private func kinds(_ transactions: [Transaction<ListStep>], _ level: IsolationLevel) throws -> [Anomaly
    .Kind]
  {
    try ListAppendIsolation(level).anomalies(in: TransactionHistory(transactions)).map(\.kind)
  }

  /// Expects the anomaly at the level that first proscribes it and nothing at those that allow it.
  private func expect(
    _ kind: Anomaly.Kind, _ transactions: [Transaction<ListStep>], from level: IsolationLevel,
    below: [IsolationLevel] = [], location: SourceLocation = #_sourceLocation
  ) throws {
    #expect(try kinds(transactions, level).contains(kind), sourceLocation: location)
    for weaker in below { #expect(try kinds(transactions, weaker) == [], sourceLocation: location) }
  }

  private func expectNone(
    _ transactions: [Transaction<ListStep>], location: SourceLocation = #_sourceLocation
  ) throws {
    for level in IsolationLevel.allCases {
      #expect(try kinds(transactions, level) == [], "\(level.rawValue)", sourceLocation: location)
    }
  }

  @Test("holds for no transactions at all")
  func empty() throws {
    try expectNone([])
  }

  @Test("finds interleaved writes (G0)")
  func dirtyWrite() throws {
    try expect(
      .dirtyWrite,
      together(
        [.append("x", 1), .append("y", 1)], [.append("x", 2), .append("y", 2)],
        [.read("x", [1, 2]), .read("y", [2, 1])]), from: .readUncommitted)
    try expectNone(
      together(
        [.append("x", 1), .append("y", 1)], [.append("x", 2), .append("y", 2)],
        [.read("x", [1, 2]), .read("y", [1, 2])]))
  }

  @Test("finds a read of an aborted write (G1a)")
  func abortedRead() throws {
    let steps: [[ListStep]] = [[.append("x", 1)], [.read("x", [1])]]
    try expect(
      .abortedRead, together(steps[0], steps[1], aborted: [1]), from: .readCommitted,
      below: [.readUncommitted])
    try expectNone(together(steps[0], steps[1]))
    try expectNone(together(steps[0], steps[1], unknown: [1]))
    try expectNone(together(steps[0], [.read("x", [])], aborted: [1]))
  }

  @Test("finds an aborted write below one that committed")
  func abortedBelow() throws {
    try expect(
      .abortedRead, together([.append("x", 1)], [.append("x", 2)], [.read("x", [1, 2])], aborted: [1]),
      from: .readCommitted, below: [.readUncommitted])
  }

  @Test("finds a read of an intermediate version (G1b)")
  func intermediateRead() throws {
    try expect(
      .intermediateRead, together([.append("x", 1), .append("x", 2)], [.read("x", [1])]),
      from: .readCommitted,
      below: [.readUncommitted])
    try expectNone(together([.append("x", 1), .append("x", 2)], [.read("x", [1, 2])]))
    try expectNone(together([.append("x", 1), .read("x", [1]), .append("x", 2)]))
  }

  @Test("finds information that flows in a circle (G1c)")
  func circularFlow() throws {
    try expect(
      .circularInformationFlow,
      together([.append("x", 1), .read("y", [1])], [.append("y", 1), .read("x", [1])]), from: .readCommitted,
      below: [.readUncommitted])
    try expectNone(together([.append("x", 1), .read("y", [])], [.append("y", 1), .read("x", [1])]))
  }

  @Test("finds orders that no list can have had")
  func incompatibleOrders() throws {
    try expect(
      .incompatibleOrder,
      together([.append("x", 1)], [.append("x", 2)], [.read("x", [1])], [.read("x", [2])]),
      from: .readCommitted,
      below: [.readUncommitted])
    try expectNone(together([.append("x", 1)], [.append("x", 2)], [.read("x", [2])], [.read("x", [2, 1])]))
  }

  @Test("finds elements that are there twice or that nobody appended")
  func wrongElements() throws {
    try expect(.duplicateElement, together([.append("x", 1)], [.read("x", [1, 1])]), from: .readUncommitted)
    try expect(.unwrittenRead, together([.append("x", 1)], [.read("x", [2])]), from: .readUncommitted)
  }

  @Test("says what is wrong with a list that fits no order")
  func wrongOrders() throws {
    let long: [ListStep] = [.read("x", [1, 2])]
    let writers: [[ListStep]] = [[.append("x", 1)], [.append("x", 2)], [.append("x", 3)]]
    try expect(
      .unwrittenRead, together(writers[0], writers[1], long, [.read("x", [9])]), from: .readUncommitted)
    try expect(
      .duplicateElement, together(writers[0], writers[1], long, [.read("x", [2, 2])]), from: .readUncommitted)
    try expect(
      .abortedRead, together(writers[0], writers[1], writers[2], long, [.read("x", [3])], aborted: [3]),
      from: .readCommitted, below: [.readUncommitted])
  }

  @Test("finds a transaction that contradicts itself")
  func internalInconsistency() throws {
    let weaker: [IsolationLevel] = [.readUncommitted, .readCommitted]
    let other: [ListStep] = [.append("x", 9)]
    let wrong: [[ListStep]] = [
      [.append("x", 1), .read("x", [])],
      [.append("x", 1), .read("x", [9])],
      [.read("x", []), .read("x", [9])],
      [.read("x", [9]), .append("x", 1), .read("x", [9])],
      [.append("x", 1), .append("x", 2), .read("x", [9, 2])],
    ]
    for steps in wrong {
      try expect(.internalInconsistency, together(other, steps), from: .readAtomic, below: [])
    }
    for steps in wrong.prefix(3) {
      for level in weaker { #expect(try kinds(together(other, steps), level) == []) }
    }
    try expect(
      .internalInconsistency, together([.read("x", [1]), .append("x", 1)], [.read("x", [1])]),
      from: .readAtomic,
      below: weaker)
    let right: [[ListStep]] = [
      [.append("x", 1), .read("x", [1])],
      [.append("x", 1), .read("x", [9, 1])],
      [.read("x", [9]), .read("x", [9])],
      [.read("x", [9]), .append("x", 1), .append("x", 2), .read("x", [9, 1, 2]), .append("x", 3)],
    ]
    for steps in right { try expectNone(together(other, steps)) }
  }

  @Test("does not take what a transaction itself appended for a place in the order")
  func ownAppendsMoved() throws {
    // Under read committed others' appends may come before one's own until one commits.
    let transactions = together(
      [.append("x", 1), .read("x", [1]), .read("x", [2, 1])], [.append("x", 2)], [.append("x", 3)],
      [.read("x", [2, 3, 1])])
    #expect(try kinds(transactions, .readCommitted) == [])
    #expect(try kinds(transactions, .readAtomic) == [.internalInconsistency])
  }

  @Test("finds a fractured read")
  func fracturedRead() throws {
    let writer: [ListStep] = [.append("x", 1), .append("y", 1)]
    try expect(
      .fracturedRead, together(writer, [.read("x", [1]), .read("y", [])]), from: .readAtomic,
      below: [.readUncommitted, .readCommitted])
    try expect(
      .fracturedRead,
      together([.append("y", 0)], writer, [.read("x", [1]), .read("y", [0])], [.read("y", [0, 1])]),
      from: .readAtomic, below: [.readUncommitted, .readCommitted])
    try expect(
      .singleAntiDependency, together(writer, [.read("x", [1]), .read("y", [])]), from: .snapshotIsolation)
    try expectNone(together(writer, [.read("x", [1]), .read("y", [1])], [.read("x", []), .read("y", [])]))
  }

  @Test("finds a transaction that misses what came before what it saw")
  func causality() throws {
    let steps: [[ListStep]] = [
      [.append("x", 1)], [.read("x", [1]), .append("y", 1)], [.read("y", [1]), .read("x", [])],
    ]
    try expect(
      .causalityViolation, together(steps[0], steps[1], steps[2]), from: .causal,
      below: [.readUncommitted, .readCommitted, .readAtomic])
    try expectNone(together(steps[0], steps[1], [.read("y", [1]), .read("x", [1])]))
    try expectNone(together(steps[0], steps[1], [.read("y", []), .read("x", [])]))
  }

  @Test("finds a lost update")
  func lostUpdate() throws {
    let first: [ListStep] = [.read("x", []), .append("x", 1)]
    for reads: [Int] in [[1, 2], [2, 1], []] {
      try expect(
        .lostUpdate, together(first, [.read("x", []), .append("x", 2)], [.read("x", reads)]),
        from: .snapshotIsolation, below: [.readUncommitted, .readCommitted, .readAtomic, .causal])
    }
    try expectNone(together(first, [.read("x", [1]), .append("x", 2)], [.read("x", [1, 2])]))
  }

  @Test("finds a read skew (G-single)")
  func readSkew() throws {
    let steps: [[ListStep]] = [
      [.append("x", 1)], [.read("x", [1]), .append("y", 1)], [.read("x", []), .read("y", [1])],
    ]
    try expect(
      .singleAntiDependency, together(steps[0], steps[1], steps[2]), from: .snapshotIsolation,
      below: [.readUncommitted, .readCommitted, .readAtomic])
    try expectNone(together(steps[0], steps[1], [.read("x", [1]), .read("y", [1])]))
  }

  @Test("finds a long fork, which snapshot isolation forbids (G-nonadjacent)")
  func longFork() throws {
    let writers: [[ListStep]] = [[.append("x", 1)], [.append("y", 1)]]
    try expect(
      .nonadjacentAntiDependencies,
      together(
        writers[0], writers[1], [.read("x", [1]), .read("y", [])], [.read("x", []), .read("y", [1])]),
      from: .snapshotIsolation, below: [.readUncommitted, .readCommitted, .readAtomic, .causal])
    try expectNone(
      together(writers[0], writers[1], [.read("x", [1]), .read("y", [])], [.read("x", []), .read("y", [])]))
  }

  @Test("finds a write skew, which snapshot isolation allows (G2)")
  func writeSkew() throws {
    let first: [ListStep] = [.read("x", []), .append("y", 1)]
    try expect(
      .antiDependencyCycle, together(first, [.read("y", []), .append("x", 1)]), from: .serializable,
      below: [.readUncommitted, .readCommitted, .readAtomic, .causal, .snapshotIsolation])
    try expectNone(together(first, [.read("y", [1]), .append("x", 1)]))
  }

  @Test("does not let a transaction that reads and writes one key come before itself")
  func ownSuccessor() throws {
    let transactions = together(
      [.read("x", []), .read("y", []), .append("x", 1)], [.read("x", []), .read("y", []), .append("y", 1)])
    let anomalies = try ListAppendIsolation(.serializable).anomalies(in: TransactionHistory(transactions))
    #expect(anomalies.map(\.transactions) == [[1, 2]])
    #expect(anomalies.first?.cycle.map(\.key) == ["y", "x"])
  }

  @Test("finds a stale read only where time counts")
  func staleRead() throws {
    func apart(_ client: Int) -> [Transaction<ListStep>] {
      [
        Transaction(id: 1, client: 1, call: 0, return: 10, steps: [.append("x", 1)]),
        Transaction(id: 2, client: client, call: 11, return: 20, steps: [.read("x", [])]),
        Transaction(id: 3, client: 3, call: 15, return: 30, steps: [.read("x", [1])]),
      ]
    }
    try expect(
      .singleAntiDependency, apart(2), from: .strictSerializable,
      below: [.serializable, .strongSessionSerializable, .causal])
    try expect(.singleAntiDependency, apart(1), from: .strongSessionSerializable, below: [.serializable])
    try expect(.causalityViolation, apart(1), from: .causal)
    var touching = apart(2)
    touching[1].call = 10
    try expectNone(touching)
    touching[1].client = 1
    try expect(.singleAntiDependency, touching, from: .strictSerializable)
  }

  @Test("explains a cycle, transaction by transaction")
  func explanation() throws {
    let history = try TransactionHistory(
      together([.append("x", 1), .append("y", 1)], [.read("x", [1]), .read("y", [])]))
    let expected = Anomaly(
      kind: .singleAntiDependency, level: .snapshotIsolation, transactions: [1, 2],
      cycle: [
        Anomaly.Dependency(
          from: 1, to: 2, kind: .writeRead, key: "x", reason: "T2 read x = [1], where T1 had appended 1"),
        Anomaly.Dependency(
          from: 2, to: 1, kind: .readWrite, key: "y", reason: "T2 read y = [] without what T1 appended: 1"),
      ],
      evidence: "T1 comes before T2 (wr): T2 read x = [1], where T1 had appended 1; "
        + "T2 comes before T1 (rw): T2 read y = [] without what T1 appended: 1.")
    #expect(ListAppendIsolation(.serializable).anomalies(in: history) == [expected])
    let violation = Violation(
      property: "Serializability", section: "Adya 1999, section 4.2",
      evidence: "G-single (read skew), which already snapshot isolation forbids. " + expected.evidence)
    #expect(ListAppendIsolation(.serializable).check(history) == .violated(violation))
    #expect(ListAppendIsolation(.readCommitted).check(history) == .holds)
  }

  @Test("names the time in a cycle that only time closes")
  func timeInWords() throws {
    let history = try TransactionHistory([
      Transaction(id: 1, client: 1, call: 0, return: 1_500, steps: [ListStep.append("x", 1)]),
      Transaction(id: 2, client: 2, call: 2_000, return: 3_000, steps: [ListStep.read("x", [])]),
    ])
    let anomaly = try #require(ListAppendIsolation(.strictSerializable).anomalies(in: history).first)
    #expect(anomaly.level == .strictSerializable)
    #expect(
      anomaly.cycle.map(\.reason) == [
        "T1 had returned at 1.500 ms when T2 was called at 2.000 ms",
        "T2 read x = [] without what T1 appended: 1",
      ])
  }
}
