import Checkers

/// What random histories are made of.
protocol World: Sendable {
  associatedtype Model: SequentialModel
  var model: Model { get }
  /// Something to ask for in the history's operation of that number.
  func input(_ number: Int, _ generator: inout Generator) -> Model.Input
  /// The right answer.
  func output(to input: Model.Input, in state: Model.State) -> Model.Output
  /// Any answer.
  func output(to input: Model.Input, _ generator: inout Generator) -> Model.Output
}

/// How large random histories are, and how wrong.
struct Shape: Sendable {
  var clients = 3
  var operations = 6
  /// The longest that an operation takes, and the longest pause before it.
  var time = 5
  var pause = 3
  /// Of a hundred operations, how many fail, how many are never heard of again, and how many of the others have an
  /// answer drawn at random.
  var failed = 10
  var unknown = 17
  var random = 35
}

typealias Call<W: World> = Operation<W.Model.Input, W.Model.Output>

/// A history of up to so many clients and operations, each answered rightly at some moment between its call and its
/// return, but for some.
func history<W: World>(of world: W, _ shape: Shape = Shape(), _ generator: inout Generator) -> [Call<W>] {
  var calls: [(moment: Int, call: Call<W>)] = []
  let clients = 1 + generator.below(shape.clients)
  var times = Array(repeating: 0, count: clients)
  for id in 0..<(1 + generator.below(shape.operations)) {
    let client = generator.below(clients)
    // Short times, so that many fall on one instant.
    let start = times[client] + generator.below(shape.pause + 1)
    let end = start + generator.below(shape.time + 1)
    times[client] = end
    let call = Call<W>(id: id, client: client, call: start, return: end, input: world.input(id, &generator))
    calls.append((start + generator.below(end - start + 1), call))
  }
  var states: [W.Model.Key?: W.Model.State] = [:]
  let isSplit = calls.allSatisfy { world.model.key(of: $0.call.input) != nil }
  let random = generator.below(2) * shape.random
  return calls.sorted { ($0.moment, $0.call.id) < ($1.moment, $1.call.id) }.map { _, call in
    var call = call
    if generator.below(100) < shape.failed {
      call.outcome = .failed
      return call
    }
    let key = isSplit ? world.model.key(of: call.input) : nil
    let state = states[key] ?? world.model.initial
    let right = world.output(to: call.input, in: state)
    states[key] = world.model.step(state, call.input, returning: right)!
    if generator.below(100) < shape.unknown { return call }
    let isRandom = generator.below(100) < random
    call.outcome = .ok(isRandom ? world.output(to: call.input, &generator) : right)
    return call
  }
}

/// The history with one small change: two answers swapped, or a call or a return moved.
func mutation<Input, Output>(
  of operations: [Operation<Input, Output>], _ generator: inout Generator
) -> [Operation<Input, Output>] {
  var changed = operations
  let index = generator.below(operations.count)
  let other = generator.below(operations.count)
  switch generator.below(3) {
  case 0:
    if operations[index].output != nil, operations[other].output != nil {
      (changed[index].outcome, changed[other].outcome) = (
        operations[other].outcome, operations[index].outcome
      )
    }
  case 1: changed[index].return = operations[index].call + generator.below(12)
  default: changed[index].call = max(0, operations[index].call - 6 + generator.below(12))
  }
  return (try? History(changed)) == nil ? operations : changed
}

// MARK: - The worlds

struct RegisterWorld: World {
  var model: RegisterModel { RegisterModel() }

  func input(_ number: Int, _ generator: inout Generator) -> RegisterInput {
    switch generator.below(5) {
    case 0, 1: .read
    case 2, 3: .write(generator.below(3))
    default: .compareAndSet(expected: [nil, 0, 1, 2][generator.below(4)], new: generator.below(3))
    }
  }

  func output(to input: RegisterInput, in state: Int?) -> RegisterOutput {
    switch input {
    case .read: .value(state)
    case .write: .done
    case .compareAndSet(let expected, _): .swapped(state == expected)
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

/// A register whose values are each written once.
struct UniqueRegisterWorld: World {
  var values: Int = 6
  var comparisons = true
  var model: RegisterModel { RegisterModel() }

  func input(_ number: Int, _ generator: inout Generator) -> RegisterInput {
    switch generator.below(comparisons ? 6 : 5) {
    case 0, 1, 2: .read
    case 3, 4: .write(number)
    default: .compareAndSet(expected: generator.below(4) == 0 ? nil : generator.below(values), new: number)
    }
  }

  func output(to input: RegisterInput, in state: Int?) -> RegisterOutput {
    RegisterWorld().output(to: input, in: state)
  }

  func output(to input: RegisterInput, _ generator: inout Generator) -> RegisterOutput {
    switch input {
    case .read: .value(generator.below(4) == 0 ? nil : generator.below(values))
    case .write: .done
    case .compareAndSet: .swapped(generator.below(4) > 0)
    }
  }
}

struct KeyValueWorld: World {
  var model: KeyValueModel { KeyValueModel() }

  private static let values: [String?] = [
    nil, "", "a", "b", "aa", "ab", "ba", "bb", "aaa", "aab", "aba", "abb", "baa", "bab", "bba", "bbb",
  ]

  func input(_ number: Int, _ generator: inout Generator) -> KeyValueInput {
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

  func output(to input: KeyValueInput, in state: String?) -> KeyValueOutput {
    switch input {
    case .get: .value(state)
    case .put, .append, .delete: .done
    case .compareAndSet(_, let expected, _): .swapped(state == expected)
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

/// One key whose value mostly grows, by parts that differ.
struct GrowingValueWorld: World {
  var model: KeyValueModel { KeyValueModel(initial: "") }

  private static let parts = ["a", "b", "c", "d", "e", "f"]

  func input(_ number: Int, _ generator: inout Generator) -> KeyValueInput {
    let part = number < Self.parts.count ? Self.parts[number] : "\(number)."
    return switch generator.below(12) {
    case 0..<5: .get("x")
    case 5: .put("x", part)
    default: .append("x", part)
    }
  }

  func output(to input: KeyValueInput, in state: String?) -> KeyValueOutput {
    KeyValueWorld().output(to: input, in: state)
  }

  func output(to input: KeyValueInput, _ generator: inout Generator) -> KeyValueOutput {
    guard case .get = input else { return .done }
    return .value((0..<generator.below(4)).map { _ in Self.parts[generator.below(5)] }.joined())
  }
}

struct SetWorld: World {
  /// Whether all members are asked for too, so that the history cannot be split.
  var asksForAll: Bool
  var model: SetModel { SetModel() }

  func input(_ number: Int, _ generator: inout Generator) -> SetInput {
    let element = ["a", "b"][generator.below(2)]
    return switch generator.below(asksForAll ? 8 : 6) {
    case 0, 1: .add(element)
    case 2, 3: .remove(element)
    case 4, 5: .contains(element)
    default: .members
    }
  }

  func output(to input: SetInput, in state: Set<String>) -> SetOutput {
    switch input {
    case .add(let element): .changed(!state.contains(element))
    case .remove(let element): state.contains(element) ? .changed(true) : .done
    case .contains(let element): .contained(state.contains(element))
    case .members: .members(state)
    }
  }

  func output(to input: SetInput, _ generator: inout Generator) -> SetOutput {
    switch input {
    case .add, .remove: generator.below(3) == 0 ? .done : .changed(generator.below(2) == 0)
    case .contains: .contained(generator.below(2) == 0)
    case .members: .members([[], ["a"], ["b"], ["a", "b"]][generator.below(4)])
    }
  }
}

struct QueueWorld: World {
  var isUnique: Bool
  var model: QueueModel { QueueModel() }

  func input(_ number: Int, _ generator: inout Generator) -> QueueInput {
    generator.below(2) == 0 ? .dequeue : .enqueue("\(isUnique ? number : generator.below(2))")
  }

  func output(to input: QueueInput, in state: [String]) -> QueueOutput {
    input == .dequeue ? .element(state.first) : .done
  }

  func output(to input: QueueInput, _ generator: inout Generator) -> QueueOutput {
    guard input == .dequeue else { return .done }
    return .element(generator.below(4) == 0 ? nil : "\(generator.below(isUnique ? 6 : 2))")
  }
}

struct LogWorld: World {
  var model: LogModel { LogModel() }

  func input(_ number: Int, _ generator: inout Generator) -> LogInput {
    switch generator.below(6) {
    case 0, 1, 2: .append("\(generator.below(3))")
    case 3, 4: .read(at: generator.below(3))
    default: .readAll
    }
  }

  func output(to input: LogInput, in state: [String]) -> LogOutput {
    switch input {
    case .append: state.count % 2 == 0 ? .appended(at: state.count) : .done
    case .read(let offset): .entry(offset < state.count ? state[offset] : nil)
    case .readAll: .entries(state)
    }
  }

  func output(to input: LogInput, _ generator: inout Generator) -> LogOutput {
    switch input {
    case .append: generator.below(2) == 0 ? .done : .appended(at: generator.below(3))
    case .read: .entry(generator.below(3) == 0 ? nil : "\(generator.below(3))")
    case .readAll: .entries((0..<generator.below(4)).map { _ in "\(generator.below(3))" })
    }
  }
}
