import Checkers
import Testing

@Suite("Linearizability")
struct LinearizabilityTests {
  private typealias Call = Operation<KeyValueInput, KeyValueOutput>

  private func check(_ operations: [Call], budget: Int = 100_000) throws -> Verdict {
    try Linearizability(KeyValueModel()).check(History(operations), budget: budget)
  }

  private func call(
    _ id: Int, _ client: Int, _ start: Int, _ end: Int?, _ input: KeyValueInput,
    _ outcome: Outcome<KeyValueOutput>
  ) -> Call {
    Call(id: id, client: client, call: start, return: end, input: input, outcome: outcome)
  }

  @Test("holds for no operations at all")
  func empty() throws {
    #expect(try check([]) == .holds)
  }

  @Test("holds when a read during a write returns the old value or the new one")
  func concurrentRead() throws {
    for value in [nil, "1"] {
      let verdict = try check([
        call(1, 1, 0, 100, .put("x", "1"), .ok(.done)), call(2, 2, 10, 20, .get("x"), .ok(.value(value))),
      ])
      #expect(verdict == .holds)
    }
  }

  @Test("breaks when a read misses a finished write, and says where")
  func staleRead() throws {
    let verdict = try check([
      call(1, 1, 0, 10, .put("x", "1"), .ok(.done)),
      call(2, 1, 20, 30, .put("y", "1"), .ok(.done)),
      call(3, 2, 20, 1_030, .get("x"), .ok(.value(nil))),
    ])
    let evidence = """
      Key "x": the one operation that had returned before can be put in order, the last of them \
      put("x", "1") → done by client 1 (0.000 ms to 0.010 ms); the value is then "1". \
      No such order can be followed by get("x") → nothing by client 2 (0.020 ms to 1.030 ms).
      """
    #expect(
      verdict
        == .violated(
          Violation(
            property: "Linearizability", section: "Herlihy and Wing 1990, section 2", evidence: evidence,
            contradiction: Contradiction(
              key: "x", returned: [1], order: [1], culprit: 3, open: [],
              operations: [
                Contradiction.Operation(
                  id: 1, client: 1, callMicroseconds: 0, returnMicroseconds: 10,
                  words: "put(\"x\", \"1\") → done",
                  stateAfter: "\"1\""),
                Contradiction.Operation(
                  id: 3, client: 2, callMicroseconds: 20, returnMicroseconds: 1_030,
                  words: "get(\"x\") → nothing"),
              ]))))
  }

  @Test("names what was open when no order could go on")
  func openOperations() throws {
    let verdict = try check([
      call(1, 1, 0, 10, .put("x", "1"), .ok(.done)),
      call(2, 2, 15, 40, .append("x", "2"), .ok(.done)),
      call(3, 3, 15, nil, .delete("x"), .unknown),
      call(4, 4, 20, 30, .get("x"), .ok(.value("3"))),
    ])
    guard case .violated(let violation) = verdict else { Issue.record("\(verdict)"); return }
    let contradiction = try #require(violation.contradiction)
    #expect(contradiction.returned == [1] && contradiction.order == [1])
    #expect(contradiction.culprit == 4 && contradiction.open == [2, 3])
    #expect(contradiction.operations.map(\.id) == [1, 2, 3, 4])
    #expect(violation.evidence.contains("the value is then \"1\", "), "\(violation)")
    #expect(
      violation.evidence.hasSuffix(
        "Open at its return: append(\"x\", \"2\") → done by client 2 (0.015 ms to 0.040 ms) and "
          + "delete(\"x\") → no answer by client 3 (from 0.015 ms)."))
  }

  @Test("breaks when two reads see two writes in opposite orders of time")
  func newThenOld() throws {
    let verdict = try check([
      call(1, 1, 0, 100, .put("x", "1"), .ok(.done)),
      call(2, 2, 10, 20, .get("x"), .ok(.value("1"))),
      call(3, 3, 30, 40, .get("x"), .ok(.value(nil))),
    ])
    guard case .violated = verdict else { Issue.record("\(verdict)"); return }
  }

  @Test("lets an unknown write take effect long after, once, or never")
  func unknownWrite() throws {
    func reads(_ values: [String?]) -> [Call] {
      values.enumerated().map { index, value in
        call(10 + index, 2, 100 * index + 100, 100 * index + 150, .get("x"), .ok(.value(value)))
      }
    }
    let lost = call(1, 1, 0, 10, .append("x", "1"), .unknown)
    #expect(try check([lost] + reads([nil, nil])) == .holds)
    #expect(try check([lost] + reads([nil, "1"])) == .holds)
    guard case .violated = try check([lost] + reads(["1", nil])) else { Issue.record(); return }
    guard case .violated = try check([lost] + reads(["1", "11"])) else { Issue.record(); return }
  }

  @Test("keeps apart two ways to a value that made use of different unknown writes")
  func unknownWritesApart() throws {
    let verdict = try check([
      call(1, 1, 0, 10, .put("x", "1"), .unknown),
      call(2, 2, 0, 10, .compareAndSet("x", expected: nil, new: "1"), .unknown),
      call(3, 3, 20, 30, .get("x"), .ok(.value("1"))),
      call(4, 3, 40, 50, .put("x", "0"), .ok(.done)),
      call(5, 3, 60, 70, .get("x"), .ok(.value("1"))),
    ])
    #expect(verdict == .holds)
  }

  @Test("lets an unknown write come after what its client did until that very instant")
  func unknownWriteAtOnce() throws {
    let verdict = try check([
      call(1, 1, 0, 5, .put("x", "b"), .ok(.done)),
      call(2, 1, 5, 5, .append("x", "b"), .ok(.done)),
      call(3, 1, 5, 8, .put("x", "a"), .unknown),
      call(4, 1, 10, 15, .get("x"), .ok(.value("a"))),
    ])
    #expect(verdict == .holds)
  }

  @Test("does not let a failed write take effect")
  func failedWrite() throws {
    let verdict = try check([
      call(1, 1, 0, 10, .put("x", "1"), .failed), call(2, 2, 5, 20, .get("x"), .ok(.value("1"))),
    ])
    guard case .violated(let violation) = verdict else { Issue.record("\(verdict)"); return }
    #expect(violation.evidence.contains("no operation had returned before; the value is then nothing"))
  }

  @Test("counts operations that touch as concurrent, but keeps a client's own in order")
  func touching() throws {
    let write = call(1, 1, 0, 10, .put("x", "1"), .ok(.done))
    #expect(try check([write, call(2, 2, 10, 20, .get("x"), .ok(.value(nil)))]) == .holds)
    guard case .violated = try check([write, call(2, 1, 10, 20, .get("x"), .ok(.value(nil)))]) else {
      Issue.record()
      return
    }
  }

  @Test("judges every kind of operation")
  func kinds() throws {
    #expect(
      try check([
        call(1, 1, 0, 1, .append("x", "a"), .ok(.done)),
        call(2, 1, 2, 3, .append("x", "b"), .ok(.done)),
        call(3, 1, 4, 5, .compareAndSet("x", expected: "ab", new: "c"), .ok(.swapped(true))),
        call(4, 1, 6, 7, .compareAndSet("x", expected: "ab", new: "d"), .ok(.swapped(false))),
        call(5, 1, 8, 9, .get("x"), .ok(.value("c"))),
        call(6, 1, 10, 11, .delete("x"), .ok(.done)),
        call(7, 1, 12, 13, .compareAndSet("x", expected: nil, new: "e"), .ok(.swapped(true))),
        call(8, 1, 14, 15, .get("x"), .ok(.value("e"))),
      ]) == .holds)
    guard case .violated = try check([call(1, 1, 0, 1, .put("x", "a"), .ok(.swapped(true)))]) else {
      Issue.record("A put does not answer whether it swapped.")
      return
    }
  }

  @Test("finds an easy contradiction beside a key that is too hard")
  func hardKey() throws {
    // Many writes open at once, all of which a last read shows, in an order that cannot have been.
    let numbers = (0..<24).map { "\($0)." }
    var operations = numbers.enumerated().map { call($0, $0, 0, 1_000, .append("hard", $1), .ok(.done)) }
    operations.append(call(99, 99, 0, 1_000, .put("hard", ""), .ok(.done)))
    let shown = numbers.joined() + "?"
    operations.append(call(100, 100, 2_000, 2_100, .get("hard"), .ok(.value(shown))))
    let undecided = try check(operations, budget: 50_000)
    #expect(
      undecided
        == .undecided(reason: "The budget of 50000 steps ran out before key \"hard\" could be judged."))
    operations.append(call(101, 101, 0, 10, .get("easy"), .ok(.value("?"))))
    guard case .violated(let violation) = try check(operations, budget: 50_000) else {
      Issue.record(); return
    }
    #expect(violation.evidence.hasPrefix("Key \"easy\""))
  }

  @Test("copes with more open operations than fit in a word")
  func manyUnknown() throws {
    var operations = (0..<80).map { call($0, $0, $0, nil, .put("x", "\($0)"), .unknown) }
    operations += (0..<80).map {
      call(1_000 + $0, 1_000, 1_000 + 10 * $0, 1_005 + 10 * $0, .get("x"), .ok(.value("\($0 * 7 % 80)")))
    }
    #expect(try check(operations) == .holds)
    operations.append(call(2_000, 1_000, 9_000, 9_001, .get("x"), .ok(.value("5"))))
    guard case .violated = try check(operations, budget: 10_000_000) else { Issue.record(); return }
  }

  // MARK: - Large histories

  @Test("judges 4,000 operations of 20 clients on 5 keys, and finds one wrong answer among them")
  func large() throws {
    for (title, lost) in [("no operation unknown", 0), ("one operation in 50 unknown", 2)] {
      var generator = Generator(seed: 3)
      var operations = largeHistory(lostInHundred: lost, &generator)
      let history = try History(operations)
      let clock = ContinuousClock()
      var verdict = Verdict.holds
      let time = clock.measure { verdict = Linearizability(KeyValueModel()).check(history) }
      print("4,000 operations, \(title), at first: \(time)")
      #expect(verdict == .holds)

      let reads = operations.indices.filter {
        if case .get = operations[$0].input { operations[$0].output != nil } else { false }
      }
      operations[reads[reads.count / 2]].outcome = .ok(.value("never written"))
      let wrong = try History(operations)
      let steady =
        clock.measure { for _ in 0..<20 { _ = Linearizability(KeyValueModel()).check(history) } } / 20
      print("4,000 operations, \(title), steady: \(steady)")
      let wrongTime = clock.measure { verdict = Linearizability(KeyValueModel()).check(wrong) }
      print("4,000 operations, \(title), one wrong: \(wrongTime)")
      guard case .violated(let violation) = verdict else { Issue.record("\(verdict)"); continue }
      #expect(violation.evidence.contains("never written"))
    }
  }

  /// Twenty clients at work on a store that answers at a random moment within each operation.
  private func largeHistory(lostInHundred: Int, _ generator: inout Generator) -> [Call] {
    struct Plan {
      var moment: Int
      var call: Call
      var isLost: Bool
    }
    var plans: [Plan] = []
    for client in 0..<20 {
      var time = generator.below(1_000)
      for number in 0..<200 {
        let key = "k\(generator.below(5))"
        let value = "\(client)-\(number)"
        let input: KeyValueInput =
          switch generator.below(10) {
          case 0..<5: .get(key)
          case 5..<8: .put(key, value)
          case 8: .append(key, "+\(value)")
          default: .compareAndSet(key, expected: value, new: "new")
          }
        let end = time + 1_000 + generator.below(9_000)
        let isLost = generator.below(100) < lostInHundred
        let call = Call(id: client * 1_000 + number, client: client, call: time, return: end, input: input)
        plans.append(Plan(moment: time + generator.below(end - time), call: call, isLost: isLost))
        time = end + 1 + generator.below(1_000)
      }
    }
    var store: [String: String] = [:]
    return plans.sorted { $0.moment < $1.moment }.map { plan in
      var call = plan.call
      let state = store[call.input.key]
      let swaps = if case .compareAndSet(_, let expected, _) = call.input { state == expected } else { false }
      let output: KeyValueOutput =
        switch call.input {
        case .get: .value(state)
        case .compareAndSet: .swapped(swaps)
        default: .done
        }
      store[call.input.key] = KeyValueModel().step(state, call.input, returning: output)!
      if !plan.isLost { call.outcome = .ok(output) }
      return call
    }
  }
}
