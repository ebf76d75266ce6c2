import Checkers
import Testing

private func write(
  _ id: Int, _ client: Int, _ key: String, _ value: Int, at time: Int? = nil,
  _ outcome: TransactionOutcome = .committed
) -> Transaction<RegisterStep> {
  let call = time ?? 100 * id
  return Transaction(
    id: id, client: client, call: call, return: call + 50, steps: [.write(key, value)], outcome: outcome)
}

private func read(
  _ id: Int, _ client: Int, _ key: String, _ value: Int?, at time: Int? = nil
) -> Transaction<RegisterStep> {
  let call = time ?? 100 * id
  return Transaction(id: id, client: client, call: call, return: call + 50, steps: [.read(key, value)])
}

private func evidence(_ verdict: Verdict, location: SourceLocation = #_sourceLocation) -> String? {
  guard case .violated(let violation) = verdict else {
    Issue.record("\(verdict)", sourceLocation: location)
    return nil
  }
  return violation.evidence
}

@Suite("Session guarantees")
struct SessionGuaranteeTests {
  private func check(
    _ guarantees: Set<SessionGuarantee>, _ operations: [Transaction<RegisterStep>]
  ) throws -> Verdict {
    try SessionGuarantees(guarantees).check(TransactionHistory(operations))
  }

  /// Expects a break of the guarantees, and that without any one of them there is none.
  private func expect(
    _ guarantees: Set<SessionGuarantee>, broken operations: [Transaction<RegisterStep>],
    but mended: [Transaction<RegisterStep>], words: String
  ) throws {
    let verdict = try check(guarantees, operations)
    #expect(evidence(verdict) == words)
    for guarantee in guarantees {
      #expect(try check(guarantees.subtracting([guarantee]), operations) == .holds)
    }
    for wider in [guarantees, Set(SessionGuarantee.allCases)] { #expect(try check(wider, mended) == .holds) }
  }

  @Test("hold for no operations at all")
  func empty() throws {
    #expect(try check(Set(SessionGuarantee.allCases), []) == .holds)
  }

  @Test("demand that clients read their writes")
  func readYourWrites() throws {
    try expect(
      [.readYourWrites], broken: [write(1, 1, "x", 1), read(2, 1, "x", nil)],
      but: [write(1, 1, "x", 1), read(2, 2, "x", nil)],
      words: "T2 came after T1, which wrote x = 1, but read x = nothing.")
    try expect(
      [.readYourWrites], broken: [write(1, 1, "x", 1), write(2, 1, "x", 2), read(3, 1, "x", 1)],
      but: [write(1, 1, "x", 1), write(2, 1, "x", 2), read(3, 2, "x", 1), read(4, 1, "x", 2)],
      words: "T1 comes before T2 (session): client 1 called T2 after T1; "
        + "T2 comes before T1 (ww): T3 came after T2, which wrote x = 2, and yet read x = 1 of T1.")
  }

  @Test("demand that reads do not go back")
  func monotonicReads() throws {
    let writes = [write(1, 1, "x", 1), write(2, 1, "x", 2)]
    try expect(
      [.monotonicReads], broken: writes + [read(3, 2, "x", 2), read(4, 2, "x", 1)],
      but: writes + [read(3, 2, "x", 1), read(4, 2, "x", 2), read(5, 3, "x", 1)],
      words: "T1 comes before T2 (session): client 1 called T2 after T1; "
        + "T2 comes before T1 (ww): T4 came after T2, which wrote x = 2, and yet read x = 1 of T1.")
  }

  @Test("demand that a client's writes are seen in their order")
  func monotonicWrites() throws {
    let writes = [write(1, 1, "x", 1), write(2, 1, "y", 2)]
    try expect(
      [.monotonicWrites, .monotonicReads], broken: writes + [read(3, 2, "y", 2), read(4, 2, "x", nil)],
      but: writes + [read(3, 2, "x", nil), read(4, 2, "y", 2)],
      words: "T4 came after T1, which wrote x = 1, but read x = nothing.")
  }

  @Test("demand that a write is seen with what its client had read")
  func writesFollowReads() throws {
    let writes = [write(1, 1, "x", 1), read(2, 2, "x", 1), write(3, 2, "y", 2)]
    try expect(
      [.writesFollowReads, .monotonicReads], broken: writes + [read(4, 3, "y", 2), read(5, 3, "x", nil)],
      but: writes + [read(4, 3, "x", nil), read(5, 3, "y", 2)],
      words: "T5 came after T1, which wrote x = 1, but read x = nothing.")
    let overwritten = try check(
      [.writesFollowReads, .monotonicReads],
      [write(1, 1, "x", 1), read(2, 2, "x", 1), write(3, 2, "x", 2), read(4, 3, "x", 2), read(5, 3, "x", 1)])
    let words = evidence(overwritten)
    #expect(
      words
        == "T1 comes before T3 (wr): client 2 had read x = 1, which T1 wrote, when it called T3; "
        + "T3 comes before T1 (ww): T5 came after T3, which wrote x = 2, and yet read x = 1 of T1.")
  }

  @Test("do not excuse what nobody wrote, or what failed")
  func impossible() throws {
    #expect(
      evidence(try check([], [read(1, 1, "x", 1)]))
        == "read of a value that nobody wrote: T1 read x = 1, but nobody wrote 1.")
    #expect(
      evidence(try check([], [write(1, 1, "x", 1, .aborted), read(2, 1, "x", 1)]))
        == "G1a (aborted read): T2 read x = 1, but T1, which wrote it, aborted.")
  }

  /// Clients at one store that keeps all promises: each operation takes effect at its call.
  private func busyStore(clients: Int, operations: Int) throws -> TransactionHistory<RegisterStep> {
    var generator = Generator(seed: 5)
    var store: [String: Int] = [:]
    return try TransactionHistory(
      (0..<operations).map { number in
        let (client, key) = (number % clients, "\(generator.below(100))")
        guard generator.below(2) == 0 else { return read(number, client, key, store[key]) }
        store[key] = number
        return write(number, client, key, number)
      })
  }

  @Test("are decided of 100,000 operations in seconds", arguments: [2, 10, 50])
  func many(_ clients: Int) throws {
    let history = try busyStore(clients: clients, operations: 100_000)
    let time = ContinuousClock().measure {
      #expect(SessionGuarantees(Set(SessionGuarantee.allCases)).check(history) == .holds)
    }
    // Quadratic memory or time would take minutes; a machine may be busy.
    #expect(time < .seconds(60))
  }

  @Test("of a large store break where one read is out of date")
  func oneStaleReadOfMany() throws {
    var operations = try busyStore(clients: 10, operations: 20_000).transactions
    operations += [write(20_000, 3, "z", -1), write(20_001, 3, "z", -2), read(20_002, 3, "z", -1)]
    #expect(try check([.readYourWrites], operations) != .holds)
    #expect(try check([.monotonicReads], operations) == .holds)
  }

  @Test("are undecided where there are too many clients for so many operations")
  func tooMany() throws {
    let verdict = try check([.monotonicReads], (0..<20_000).map { read($0, $0, "x", nil) })
    #expect(verdict == .undecided(reason: "the history has too many transactions for so many clients"))
  }
}

@Suite("Causal consistency")
struct CausalConsistencyTests {
  private func check(
    _ strength: CausalConsistency.Strength, _ operations: [Transaction<RegisterStep>]
  ) throws -> Verdict {
    try CausalConsistency(strength).check(TransactionHistory(operations))
  }

  @Test("demands that what was overwritten is not read by those who know")
  func hidden() throws {
    let operations = [
      write(1, 1, "x", 1), read(2, 2, "x", 1), write(3, 2, "x", 2), read(4, 3, "x", 2), read(5, 3, "x", 1),
    ]
    for strength in CausalConsistency.Strength.allCases {
      #expect(
        evidence(try check(strength, operations))?.contains("T5 came after T3, which wrote x = 2") == true)
      #expect(try check(strength, Array(operations.dropLast())) == .holds)
    }
  }

  @Test("lets clients disagree about concurrent writes, unless replicas are to converge")
  func disagreement() throws {
    let operations = [
      write(1, 1, "x", 1), write(2, 2, "x", 2), read(3, 1, "x", 2), read(4, 2, "x", 1),
    ]
    #expect(try check(.causal, operations) == .holds)
    #expect(
      evidence(try check(.convergent, operations))
        == "T1 comes before T2 (ww): T3 came after T1, which wrote x = 1, and yet read x = 2 of T2; "
        + "T2 comes before T1 (ww): T4 came after T2, which wrote x = 2, and yet read x = 1 of T1.")
    #expect(try check(.convergent, Array(operations.dropLast())) == .holds)
  }
}

@Suite("Sequential consistency")
struct SequentialConsistencyTests {
  private func check(_ operations: [Transaction<RegisterStep>], budget: Int = 100_000) throws -> Verdict {
    try SequentialConsistency().check(TransactionHistory(operations), budget: budget)
  }

  @Test("does not care for time between clients")
  func outdated() throws {
    #expect(try check([write(1, 1, "x", 1), read(2, 2, "x", nil), read(3, 2, "x", 1)]) == .holds)
  }

  @Test("demands one order for all (the store buffer of relaxed memory breaks it)")
  func storeBuffer() throws {
    let first = [write(1, 1, "x", 1), read(3, 1, "y", nil)]
    #expect(evidence(try check(first + [write(2, 2, "y", 2), read(4, 2, "x", nil)])) != nil)
    #expect(try check(first + [write(2, 2, "y", 2), read(4, 2, "x", 1)]) == .holds)
  }

  @Test("says how far an order can come where only a search tells that there is none")
  func searched() throws {
    // Two clients see the writes of three others in orders that form no cycle of what is known at once.
    let writes = [write(1, 1, "x", 1), write(2, 2, "x", 2), write(3, 1, "y", 3), write(4, 2, "y", 4)]
    let reads = [read(5, 3, "x", 2), read(6, 3, "x", 1), read(7, 4, "y", 3), read(8, 4, "y", 4)]
    #expect(try check(writes + reads) == .holds)
    let contrary = [read(9, 4, "x", 1), read(10, 4, "x", 2)]
    #expect(evidence(try check(writes + reads + contrary)) != nil)
  }

  @Test("is undecided when the budget is spent")
  func budget() throws {
    let operations = (0..<8).flatMap { client in
      (0..<8).map { write(10 * client + $0, client, "x", 10 * client + $0, at: 100 * $0) }
    }
    // No order has the reads of the last client, but there are many to try.
    let reads = [
      read(1_000, 9, "x", 7), read(1_001, 10, "x", 17), read(1_002, 9, "x", 17), read(1_003, 10, "x", 7),
    ]
    #expect(
      try check(operations + reads, budget: 3)
        == .undecided(reason: "no order was found within 3 configurations"))
  }

  @Test("is found in a long history of a store that takes one operation at a time")
  func long() throws {
    var generator = Generator(seed: 3)
    var state: [String: Int] = [:]
    let operations = (0..<20_000).map { id in
      let key = "key\(generator.below(5))"
      if generator.below(2) == 0 {
        state[key] = id
        return write(id, generator.below(10), key, id)
      }
      return read(id, generator.below(10), key, state[key])
    }
    #expect(try check(operations) == .holds)
    #expect(try CausalConsistency(.convergent).check(TransactionHistory(operations)) == .holds)
  }
}

@Suite("Bounded staleness")
struct BoundedStalenessTests {
  private func check(
    _ bound: BoundedStaleness.Bound, _ operations: [Transaction<RegisterStep>]
  ) throws -> Verdict {
    try BoundedStaleness(bound).check(TransactionHistory(operations))
  }

  private let writes = [
    write(1, 1, "x", 1, at: 0), write(2, 1, "x", 2, at: 1_000), write(3, 1, "x", 3, at: 2_000),
  ]

  @Test("allows what was replaced a short time ago, and no longer")
  func time() throws {
    let stale = writes + [read(4, 2, "x", 1, at: 3_000)]
    #expect(try check(.microseconds(1_950), stale) == .holds)
    #expect(
      evidence(try check(.microseconds(1_949), stale))
        == "T4, called at 3.000 ms, read x = 1, 1.950 ms after it was replaced by T2, which had returned at 1.050 ms."
    )
    #expect(try check(.microseconds(0), writes + [read(4, 2, "x", 3, at: 3_000)]) == .holds)
    #expect(evidence(try check(.microseconds(2_949), writes + [read(4, 2, "x", nil, at: 3_000)])) != nil)
    #expect(try check(.microseconds(2_950), writes + [read(4, 2, "x", nil, at: 3_000)]) == .holds)
  }

  @Test("allows so many versions, and no more")
  func versions() throws {
    let stale = writes + [read(4, 2, "x", 1, at: 3_000)]
    #expect(try check(.versions(2), stale) == .holds)
    #expect(
      evidence(try check(.versions(1), stale))
        == "T4, called at 3.000 ms, read x = 1, after it was replaced 2 times, first by T2, which had returned at "
        + "1.050 ms.")
    #expect(try check(.versions(0), writes + [read(4, 2, "x", 3, at: 3_000)]) == .holds)
  }

  @Test("does not count writes that overlap with the one read or with the read")
  func overlapping() throws {
    #expect(
      try check(
        .versions(0), [write(1, 1, "x", 1, at: 0), write(2, 2, "x", 2, at: 50), read(3, 3, "x", 1, at: 200)])
        == .holds)
    #expect(
      try check(
        .versions(0), [write(1, 1, "x", 1, at: 0), write(2, 2, "x", 2, at: 60), read(3, 3, "x", 1, at: 110)])
        == .holds)
    #expect(
      evidence(
        try check(
          .versions(0),
          [write(1, 1, "x", 1, at: 0), write(2, 2, "x", 2, at: 60), read(3, 3, "x", 1, at: 111)]))
        != nil)
  }

  @Test("finds the write that returned first, though called later than another")
  func quickest() throws {
    var slow = write(2, 2, "x", 2, at: 100)
    slow.return = 900
    let operations = [
      write(1, 1, "x", 1, at: 0), slow, write(3, 3, "x", 3, at: 200), read(4, 4, "x", 1, at: 1_000),
    ]
    #expect(try check(.microseconds(750), operations) == .holds)
    #expect(evidence(try check(.microseconds(749), operations))?.contains("by T3") == true)
  }

  @Test("does not count writes whose end nobody saw")
  func unknown() throws {
    let operations = [
      write(1, 1, "x", 1, at: 0), write(2, 2, "x", 2, at: 100, .unknown), read(3, 3, "x", 1, at: 900),
    ]
    #expect(try check(.versions(0), operations) == .holds)
  }
}

@Suite("Convergence")
struct ConvergenceTests {
  private func check(_ values: [[String: String]], written: [String: Set<String>]? = nil) -> Verdict {
    Convergence().check(values.enumerated().map { .init(node: $0, values: $1) }, written: written)
  }

  @Test("holds where all replicas agree")
  func agree() {
    #expect(check([]) == .holds)
    #expect(check([["x": "1"], ["x": "1"]]) == .holds)
    #expect(check([["x": "1"], ["x": "1"]], written: ["x": ["1", "2"]]) == .holds)
  }

  @Test("breaks where one replica differs or lacks a key, and names the nodes")
  func differ() {
    #expect(
      evidence(check([["x": "1"], ["x": "1"], ["x": "2"]]))
        == #"n1 and n2 hold x = "1" and n3 holds x = "2"."#)
    #expect(evidence(check([["x": "1"], [:]])) == #"n1 holds x = "1" and n2 holds no x."#)
  }

  @Test("breaks where replicas agree on what nobody wrote")
  func unwritten() {
    #expect(
      evidence(check([["x": "3"], ["x": "3"]], written: ["x": ["1"]]))
        == #"n1 holds x = "3", which nobody wrote."#)
  }
}

@Suite("The bank")
struct BankInvariantTests {
  private let bank = BankInvariant(accounts: ["a", "b"], total: 10)

  @Test("keeps its total")
  func total() {
    #expect(
      bank.check([
        .init(operation: 1, balances: ["a": 3, "b": 7]), .init(operation: 2, balances: ["a": 0, "b": 10]),
      ]) == .holds)
    #expect(
      evidence(bank.check([.init(operation: 1, balances: ["a": 3, "b": 6])]))
        == "Operation 1 read a = 3 and b = 6, 9 together instead of 10.")
    #expect(
      evidence(bank.check([.init(operation: 1, balances: ["a": .max, "b": .max])]))
        == "Operation 1 read balances too great to be added.")
  }

  @Test("overdraws no account unless it may")
  func negative() {
    let reading = BankInvariant.Reading(operation: 1, balances: ["a": -1, "b": 11])
    #expect(evidence(bank.check([reading])) == "Operation 1 read -1 in a, which may not be overdrawn.")
    #expect(BankInvariant(accounts: ["a", "b"], total: 10, allowsNegative: true).check([reading]) == .holds)
  }

  @Test("reads all accounts and no others")
  func accounts() {
    #expect(
      evidence(bank.check([.init(operation: 1, balances: ["a": 10])])) == "Operation 1 did not read b.")
    #expect(
      evidence(bank.check([.init(operation: 1, balances: ["a": 5, "b": 5, "c": 0])]))
        == "Operation 1 read c, which is no account.")
  }
}

@Suite("Exactly-once effects")
struct ExactlyOnceEffectsTests {
  private func check(_ applied: [String]) -> Verdict {
    ExactlyOnceEffects().check(
      accepted: ["1", "2"], uncertain: ["3"], applied: ["mail": ["2", "1"], "stock": applied])
  }

  @Test("hold where each accepted operation was applied once, and an uncertain one at most once")
  func once() {
    #expect(check(["1", "2"]) == .holds)
    #expect(check(["3", "1", "2"]) == .holds)
  }

  @Test("break where one was applied twice, never, or though it was not accepted")
  func wrong() {
    #expect(evidence(check(["1", "2", "1"])) == "stock applied 1 2 times.")
    #expect(evidence(check(["1", "2", "3", "3"])) == "stock applied 3 2 times.")
    #expect(evidence(check(["1"])) == "stock never applied 2, which was accepted.")
    #expect(evidence(check([])) == "stock never applied 1, which was accepted, and 1 more.")
    #expect(evidence(check(["1", "2", "4"])) == "stock applied 4, which was not accepted.")
  }
}

@Suite("Order per key")
struct PerKeyOrderTests {
  private let published = ["a": ["1", "2", "3"], "b": ["1"]]

  private func check(_ order: PerKeyOrder, _ ids: [String], key: String = "a") -> Verdict {
    let events = ids.map { PerKeyOrder.Event(key: key, id: $0) }
    return order.check(published: published, consumed: ["mail": events + [.init(key: "b", id: "1")]])
  }

  @Test("holds for a beginning of what was published, also seen again")
  func inOrder() {
    #expect(check(PerKeyOrder(), ["1", "2"]) == .holds)
    #expect(check(PerKeyOrder(), ["1", "2", "1", "2", "3"]) == .holds)
    #expect(check(PerKeyOrder(allowsGaps: true), ["1", "3"]) == .holds)
  }

  @Test("breaks for events swapped, left out, repeated where that is not allowed, or made up")
  func disorder() {
    #expect(
      evidence(check(PerKeyOrder(allowsGaps: true), ["2", "1"]))
        == "mail saw 1 of a after 2, which was published later.")
    #expect(
      evidence(check(PerKeyOrder(), ["1", "3"])) == "mail saw 3 of a without 2, which was published before.")
    #expect(evidence(check(PerKeyOrder(allowsRepeats: false), ["1", "1"])) == "mail saw 1 of a twice.")
    #expect(evidence(check(PerKeyOrder(), ["4"])) == "mail saw 4 of a, which was not published.")
  }
}
