import Checkers

/// Tries every order of a small history, without memory and without splitting anything but by key.
struct KeyedOracle<Model: SequentialModel> {
  var model: Model

  func holds(_ operations: [Operation<Model.Input, Model.Output>]) -> Bool {
    let live = operations.filter { if case .failed = $0.outcome { false } else { true } }
    return orders(live, Array(repeating: false, count: live.count), [:])
  }

  private func orders(
    _ operations: [Operation<Model.Input, Model.Output>], _ placed: [Bool],
    _ states: [Model.Key?: Model.State]
  ) -> Bool {
    let waiting = operations.indices.filter { !placed[$0] }
    if waiting.allSatisfy({ operations[$0].output == nil }) { return true }
    return waiting.contains { candidate in
      let operation = operations[candidate]
      let mustWait = waiting.contains { other in
        other != candidate && precedes(operations[other], operation)
      }
      let key = model.key(of: operation.input)
      let state = states[key] ?? model.initial
      guard !mustWait, let next = model.step(state, operation.input, returning: operation.output) else {
        return false
      }
      var after = placed
      after[candidate] = true
      return orders(operations, after, states.merging([key: next]) { $1 })
    }
  }

  private func precedes(
    _ first: Operation<Model.Input, Model.Output>, _ second: Operation<Model.Input, Model.Output>
  ) -> Bool {
    guard first.output != nil, let end = first.return else { return false }
    return end < second.call || end == second.call && first.client == second.client && first.id < second.id
  }
}

/// What random histories are made of.
protocol World {
  associatedtype Model: SequentialModel
  var model: Model { get }
  func input(_ generator: inout Generator) -> Model.Input
  func output(to input: Model.Input, _ generator: inout Generator) -> Model.Output
}

/// A history of up to three clients and six operations, some answered at random, the others rightly at some moment.
func history<W: World>(
  of world: W, _ generator: inout Generator
) -> [Operation<W.Model.Input, W.Model.Output>] {
  typealias Call = Operation<W.Model.Input, W.Model.Output>
  var calls: [(moment: Int, call: Call)] = []
  let clients = 1 + generator.below(3)
  var times = Array(repeating: 0, count: clients)
  for id in 0..<(1 + generator.below(6)) {
    let client = generator.below(clients)
    // Short times, so that many fall on one instant.
    let start = times[client] + generator.below(4)
    let end = start + generator.below(6)
    times[client] = end
    let call = Call(id: id, client: client, call: start, return: end, input: world.input(&generator))
    calls.append((start + generator.below(end - start + 1), call))
  }
  var states: [W.Model.Key?: W.Model.State] = [:]
  let randomInTen = generator.below(5)
  return calls.sorted { ($0.moment, $0.call.id) < ($1.moment, $1.call.id) }.map { _, call in
    var call = call
    if generator.below(10) == 0 {
      call.outcome = .failed
      return call
    }
    let key = world.model.key(of: call.input)
    let state = states[key] ?? world.model.initial
    var output = world.output(to: call.input, &generator)
    // The world's answers are few, so that a right one is soon drawn, if it is among them.
    for _ in 0..<200 where world.model.step(state, call.input, returning: output) == nil {
      output = world.output(to: call.input, &generator)
    }
    states[key] = world.model.step(state, call.input, returning: output) ?? state
    if generator.below(6) == 0 { return call }
    if generator.below(10) < randomInTen { output = world.output(to: call.input, &generator) }
    call.outcome = .ok(output)
    return call
  }
}

struct RegisterWorld: World {
  var model: RegisterModel { RegisterModel() }

  func input(_ generator: inout Generator) -> RegisterInput {
    switch generator.below(5) {
    case 0, 1: .read
    case 2, 3: .write(generator.below(3))
    default: .compareAndSet(expected: generator.below(3), new: generator.below(3))
    }
  }

  func output(to input: RegisterInput, _ generator: inout Generator) -> RegisterOutput {
    switch input {
    case .read: .value([nil, 0, 1, 2][generator.below(4)])
    case .write: .done
    case .compareAndSet: .swapped(generator.below(2) == 0)
    }
  }
}

struct KeyValueWorld: World {
  var model: KeyValueModel { KeyValueModel() }

  private static let values: [String?] = [
    nil, "", "a", "b", "aa", "ab", "ba", "bb", "aaa", "aab", "aba", "abb", "baa", "bab", "bba", "bbb",
  ]

  func input(_ generator: inout Generator) -> KeyValueInput {
    let key = generator.below(4) == 0 ? "y" : "x"
    let value = ["a", "b"][generator.below(2)]
    return switch generator.below(8) {
    case 0, 1, 2: .get(key)
    case 3: .put(key, value)
    case 4: .append(key, value)
    case 5: .delete(key)
    default: .compareAndSet(key, expected: [nil, "a", "b"][generator.below(3)], new: value)
    }
  }

  func output(to input: KeyValueInput, _ generator: inout Generator) -> KeyValueOutput {
    switch input {
    case .get: .value(Self.values[generator.below(Self.values.count)])
    case .put, .append, .delete: .done
    case .compareAndSet: .swapped(generator.below(2) == 0)
    }
  }
}
