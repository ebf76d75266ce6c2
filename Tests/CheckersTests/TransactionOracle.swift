import Checkers

/// What a step does to keys that hold lists; a register holds a list of at most one element.
protocol SimulatedStep: TransactionStep {
  /// Takes the step if its answer is right for `state`.
  func apply(to state: inout [String: [Int]]) -> Bool
  /// The step with the answer that `state` gives.
  func answered(by state: [String: [Int]]) -> Self
  static func random(_ key: String, _ value: Int, reads: Bool) -> Self
}

extension ListStep: SimulatedStep {
  func apply(to state: inout [String: [Int]]) -> Bool {
    switch self {
    case .append(let key, let value):
      state[key, default: []].append(value)
      return true
    case .read(let key, let list): return state[key, default: []] == list
    }
  }

  func answered(by state: [String: [Int]]) -> ListStep {
    if case .read(let key, _) = self { .read(key, state[key, default: []]) } else { self }
  }

  static func random(_ key: String, _ value: Int, reads: Bool) -> ListStep {
    reads ? .read(key, nil) : .append(key, value)
  }
}

extension RegisterStep: SimulatedStep {
  func apply(to state: inout [String: [Int]]) -> Bool {
    switch self {
    case .write(let key, let value):
      state[key] = [value]
      return true
    case .read(let key, let value): return state[key]?.last == value
    }
  }

  func answered(by state: [String: [Int]]) -> RegisterStep {
    if case .read(let key, _) = self { .read(key, state[key]?.last) } else { self }
  }

  static func random(_ key: String, _ value: Int, reads: Bool) -> RegisterStep {
    reads ? .read(key, nil) : .write(key, value)
  }
}

/// Tries all orders of a small history, by the levels' definitions.
struct TransactionOracle<Step: SimulatedStep> {
  private typealias State = [String: [Int]]
  let history: TransactionHistory<Step>

  private var all: [Transaction<Step>] { history.transactions }

  /// Whether some choice of the unknown transactions and some order of it and the committed ones satisfies `body`.
  private func someOrder(_ body: ([Transaction<Step>]) -> Bool) -> Bool {
    let unknown = all.indices.filter { all[$0].outcome == .unknown }
    return (0..<(1 << unknown.count)).contains { choice in
      let chosen = all.indices.filter { place in
        switch all[place].outcome {
        case .committed: true
        case .aborted: false
        case .unknown: choice >> (unknown.firstIndex(of: place) ?? 0) & 1 == 1
        }
      }
      return permutations(chosen.map { all[$0] }, body)
    }
  }

  private func permutations(_ rest: [Transaction<Step>], _ body: ([Transaction<Step>]) -> Bool) -> Bool {
    func extend(_ order: [Transaction<Step>], _ rest: [Transaction<Step>]) -> Bool {
      if rest.isEmpty { return body(order) }
      return rest.indices.contains { place in
        var others = rest
        let next = others.remove(at: place)
        return extend(order + [next], others)
      }
    }
    return extend([], rest)
  }

  private func run(_ transaction: Transaction<Step>, on state: inout State) -> Bool {
    // Nobody knows the answers of a transaction that did not end.
    transaction.steps.allSatisfy { step in
      let isRight = step.apply(to: &state)
      return isRight || transaction.outcome != .committed
    }
  }

  private func inSession(_ first: Transaction<Step>, _ second: Transaction<Step>) -> Bool {
    guard first.outcome == .committed, first.client == second.client, let end = first.return else {
      return false
    }
    return end <= second.call && place(first) < place(second)
  }

  private func place(_ transaction: Transaction<Step>) -> Int {
    all.firstIndex { $0.id == transaction.id } ?? 0
  }

  func isSerializable(_ level: IsolationLevel) -> Bool {
    someOrder { order in
      var state: State = [:]
      for (place, transaction) in order.enumerated() {
        for later in order[place...].dropFirst() {
          let mustSwap =
            switch level {
            case .strictSerializable:
              later.outcome == .committed && (later.return ?? .max) < transaction.call
                || inSession(later, transaction)
            case .strongSessionSerializable: inSession(later, transaction)
            default: false
            }
          if mustSwap { return false }
        }
        guard run(transaction, on: &state) else { return false }
      }
      return true
    }
  }

  /// Whether there are snapshots, taken at any earlier time, such that no two transactions that wrote one key overlap.
  func isSnapshotIsolated() -> Bool {
    someOrder { order in
      // The number of transactions that the snapshot of each has seen.
      func choose(_ starts: [Int], _ states: [State]) -> Bool {
        let place = starts.count
        if place == order.count { return true }
        let keys = writtenKeys(order[place])
        return (0...place).contains { start in
          guard (start..<place).allSatisfy({ writtenKeys(order[$0]).isDisjoint(with: keys) }) else {
            return false
          }
          var snapshot = states[start]
          guard run(order[place], on: &snapshot) else { return false }
          var after = states[place]
          for key in keys { after[key] = snapshot[key] }
          return choose(starts + [start], states + [after])
        }
      }
      return choose([], [[:]])
    }
  }

  private func writtenKeys(_ transaction: Transaction<Step>) -> Set<String> {
    Set(transaction.steps.filter { $0.written != nil }.map(\.key))
  }

  /// Whether there is one order of all writes such that each read is of the last visible one (Biswas and Enea 2019).
  func isVisible(causally: Bool) -> Bool {
    someOrder { order in
      let keys = Set(order.flatMap { $0.steps.map(\.key) }).sorted()
      var states: [State] = [[:]]
      for transaction in order {
        var state = states[states.count - 1]
        for step in transaction.steps where step.written != nil { _ = step.apply(to: &state) }
        states.append(state)
      }
      // For each transaction the places of those read from, and for each key that of the writer of the version read.
      var sources = Array(repeating: Set<Int>(), count: order.count)
      var versions = Array(repeating: [String: Int](), count: order.count)
      for (place, transaction) in order.enumerated() {
        if causally {
          for earlier in order.indices where inSession(order[earlier], transaction) {
            guard earlier < place else { return false }
            sources[place].insert(earlier)
          }
        }
        guard transaction.outcome == .committed else { continue }
        for key in keys where transaction.steps.contains(where: { $0.key == key && $0.written == nil }) {
          let writers = [-1] + (0..<place).filter { writtenKeys(order[$0]).contains(key) }
          let steps = transaction.steps.filter { $0.key == key }
          let right = writers.filter { writer in
            var state = states[writer + 1]
            return steps.allSatisfy { $0.apply(to: &state) }
          }
          // Where a transaction reads only what it wrote, any version would do.
          if right.count == writers.count { continue }
          guard let version = right.last else { return false }
          versions[place][key] = version
          if version >= 0 { sources[place].insert(version) }
        }
      }
      for place in order.indices {
        var visible = sources[place]
        if causally { for source in sources[place].sorted() { visible.formUnion(sources[source]) } }
        sources[place] = visible
        for (key, version) in versions[place] {
          for other in visible where other > version && writtenKeys(order[other]).contains(key) {
            return false
          }
        }
      }
      return true
    }
  }
}

/// A small history whose reads are answered by states that a serial run passed through, some of them outdated.
func transactions<Step: SimulatedStep>(
  of _: Step.Type, clients most: Int = 3, steps: Int = 3, readFirst: Bool = false,
  _ generator: inout Generator
) -> [Transaction<Step>] {
  let clients = 1 + generator.below(most)
  let count = 2 + generator.below(3)
  var times = Array(repeating: 0, count: clients)
  let keys = ["x", "y", "z"].prefix(1 + generator.below(3))
  var states: [[String: [Int]]] = [[:]]
  var value = 0
  let outdated = 1 + generator.below(6)
  let wrong = [0, 4, 9][generator.below(3)]
  return (0..<count).map { id in
    let client = generator.below(clients)
    let start = times[client] + generator.below(4)
    let end = start + generator.below(6)
    times[client] = end
    let outcome: TransactionOutcome =
      generator.below(8) == 0 ? .unknown : generator.below(12) == 0 ? .aborted : .committed
    var seen = states[states.count - 1]
    var after = seen
    if generator.below(6) < outdated { seen = states[generator.below(states.count)] }
    var taken: [Step] = []
    for _ in 0..<(1 + generator.below(steps)) {
      let key = keys[generator.below(keys.count)]
      value += 1
      var step = Step.random(key, value, reads: generator.below(2) == 0)
      if readFirst, step.written != nil, !taken.contains(where: { $0.key == key }) {
        taken.append(Step.random(key, 0, reads: true).answered(by: seen))
      }
      if step.written == nil {
        let isWrong = generator.below(10) < wrong
        step = step.answered(by: isWrong ? states[generator.below(states.count)] : seen)
      }
      _ = step.apply(to: &seen)
      if step.written != nil { _ = step.apply(to: &after) }
      taken.append(step)
    }
    if outcome == .committed || generator.below(3) == 0 { states.append(after) }
    return Transaction(id: id, client: client, call: start, return: end, steps: taken, outcome: outcome)
  }
}
