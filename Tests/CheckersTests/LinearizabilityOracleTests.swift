import Checkers
import Foundation
import Testing

@Suite("Linearizability against an oracle")
struct LinearizabilityOracleTests {
  /// Histories a test; LAB_LONG_TESTS=1 has five times as many.
  private static let count =
    ProcessInfo.processInfo.environment["LAB_LONG_TESTS"] == nil ? 125_000 : 625_000

  @Test("agrees with trying every order of a register's operations")
  func register() throws {
    try compare(RegisterWorld(), seed: 1) { Linearizability(RegisterModel()).check($0) }
  }

  @Test("agrees with trying every order of a register's operations that write each value once")
  func uniqueRegister() throws {
    try compare(UniqueRegisterWorld(), seed: 2) { Linearizability(RegisterModel()).check($0) }
  }

  @Test("agrees with trying every order of a key-value store's operations")
  func keyValue() throws {
    try compare(KeyValueWorld(), seed: 3) { Linearizability(KeyValueModel()).check($0) }
  }

  @Test("agrees with trying every order of a growing value's operations")
  func growingValue() throws {
    try compare(GrowingValueWorld(), seed: 4) { Linearizability(KeyValueModel(initial: "")).check($0) }
  }

  @Test("agrees with trying every order of a set's operations, whether it can be split or not")
  func set() throws {
    try compare(SetWorld(asksForAll: false), seed: 5, share: 2) { Linearizability(SetModel()).check($0) }
    try compare(SetWorld(asksForAll: true), seed: 6, share: 2) { Linearizability(SetModel()).check($0) }
  }

  @Test("agrees with trying every order of a queue's operations")
  func queue() throws {
    try compare(QueueWorld(isUnique: false), seed: 7, share: 2) { Linearizability(QueueModel()).check($0) }
    try compare(QueueWorld(isUnique: true), seed: 8, share: 2) { Linearizability(QueueModel()).check($0) }
  }

  @Test("agrees with trying every order of a log's operations")
  func log() throws {
    try compare(LogWorld(), seed: 9) { Linearizability(LogModel()).check($0) }
  }

  @Test("agrees with trying every order after a linearizable history was changed a little")
  func mutations() throws {
    try compare(RegisterWorld(), seed: 10, share: 5, mutates: true) {
      Linearizability(RegisterModel()).check($0)
    }
    try compare(UniqueRegisterWorld(), seed: 11, share: 5, mutates: true) {
      Linearizability(RegisterModel()).check($0)
    }
    try compare(GrowingValueWorld(), seed: 12, share: 5, mutates: true) {
      Linearizability(KeyValueModel(initial: "")).check($0)
    }
    try compare(QueueWorld(isUnique: true), seed: 13, share: 5, mutates: true) {
      Linearizability(QueueModel()).check($0)
    }
    try compare(LogWorld(), seed: 14, share: 5, mutates: true) { Linearizability(LogModel()).check($0) }
  }

  /// Judges random histories both ways, and looks at the evidence of every tenth contradiction.
  private func compare<W: World>(
    _ world: W, seed: UInt64, share: Int = 1, mutates: Bool = false,
    _ check: (History<W.Model.Input, W.Model.Output>) -> Verdict
  ) throws {
    var generator = Generator(seed: seed)
    let oracle = Oracle(model: world.model)
    var (holding, broken) = (0, 0)
    var shape = mutates ? Shape(failed: 5, random: 0) : Shape()
    while holding + broken < Self.count / share {
      shape.unknown = [0, 10, 20, 50][generator.below(4)]
      var operations = history(of: world, shape, &generator)
      if mutates { operations = mutation(of: operations, &generator) }
      let history = try History(operations)
      let expected = oracle.holds(history.operations)
      switch check(history) {
      case .holds where expected: holding += 1
      case .violated(let violation) where !expected:
        broken += 1
        guard broken % 10 == 0 else { continue }
        let contradiction = try #require(violation.contradiction)
        if let fault = oracle.fault(in: contradiction, of: history) {
          Issue.record("\(fault) \(violation) \(contradiction) \(history.operations)")
          return
        }
      case let verdict:
        Issue.record("The oracle says \(expected), the checker \(verdict): \(history.operations)")
        return
      }
    }
    print("\(W.self)\(mutates ? ", changed" : ""): \(holding) hold, \(broken) do not")
    #expect(holding > Self.count / share / 10 && broken > Self.count / share / 50)
  }
}

@Suite("The fast ways to judge linearizability")
struct LinearizabilityAgreementTests {
  /// A model that nothing special is known of.
  private struct Plain<Model: SequentialModel>: SequentialModel {
    let model: Model
    var initial: Model.State { model.initial }

    func step(_ state: Model.State, _ input: Model.Input, returning output: Model.Output?) -> Model.State? {
      model.step(state, input, returning: output)
    }
  }

  @Test("agree with the general search where each value is written once")
  func uniqueValues() throws {
    for comparisons in [false, true] {
      let world = UniqueRegisterWorld(values: 40, comparisons: comparisons)
      try compare(world, seed: 20) { Linearizability(RegisterModel()).check($0) }
    }
  }

  @Test("agree with the general search where few values are written")
  func fewValues() throws {
    try compare(RegisterWorld(), seed: 21) { Linearizability(RegisterModel()).check($0) }
  }

  @Test("agree with the general search where values grow")
  func growingValues() throws {
    try compare(GrowingValueWorld(), seed: 22) { Linearizability(KeyValueModel(initial: "")).check($0) }
  }

  @Test("agree with the general search where a log's entries rule states out")
  func log() throws {
    try compare(LogWorld(), seed: 23) { Linearizability(LogModel()).check($0) }
  }

  @Test("agree with the general search where each element is enqueued once")
  func uniqueElements() throws {
    try compare(QueueWorld(isUnique: true), seed: 24) { Linearizability(QueueModel()).check($0) }
  }

  private func compare<W: World>(
    _ world: W, seed: UInt64, _ check: (History<W.Model.Input, W.Model.Output>) -> Verdict
  ) throws {
    var generator = Generator(seed: seed)
    var (holding, broken) = (0, 0)
    let shape = Shape(clients: 5, operations: 40, time: 12, pause: 4, failed: 3, unknown: 4, random: 3)
    for _ in 0..<2_000 {
      var operations = history(of: world, shape, &generator)
      if generator.below(2) == 0 { operations = mutation(of: operations, &generator) }
      let history = try History(operations)
      switch (check(history), Linearizability(Plain(model: world.model)).check(history)) {
      case (.holds, .holds): holding += 1
      case (.violated, .violated): broken += 1
      case (let fast, let general):
        Issue.record("The fast way says \(fast), the general one \(general): \(history.operations)")
        return
      }
    }
    print("\(W.self), of middle size: \(holding) hold, \(broken) do not")
    #expect(holding > 200 && broken > 200)
  }
}
