import Checkers

/// A database of lists or registers that runs many transactions at a time at a chosen level of isolation.
struct SimulatedDatabase<Step: SimulatedStep> {
  enum Behaviour: CaseIterable {
    /// One transaction at a time.
    case serial
    /// Reads from a snapshot; of two transactions that wrote the same key at the same time, the later one aborts.
    case snapshots
    /// Each read is of what is committed at that moment; writes are made when the transaction commits.
    case readsCommitted
    /// Each step is taken on the one copy of the data at once, and nothing is undone.
    case direct
  }

  private struct Open {
    var transaction: Transaction<Step>
    var left: [Step]
    var snapshot: [String: [Int]]
    var start: Int
  }

  let behaviour: Behaviour
  private var state: [String: [Int]] = [:]
  /// When each key was last written, in commits.
  private var changed: [String: Int] = [:]
  private var commits = 0
  private var value = 0

  init(_ behaviour: Behaviour) { self.behaviour = behaviour }

  /// What `clients` clients see of `count` transactions on a few keys.
  mutating func run(_ count: Int, clients: Int, _ generator: inout Generator) -> [Transaction<Step>] {
    var open: [Open?] = Array(repeating: nil, count: clients)
    var done: [Transaction<Step>] = []
    var time = 0
    var created = 0
    while done.count < count {
      time += 1
      let client =
        behaviour == .serial
        ? open.firstIndex { $0 != nil } ?? generator.below(clients) : generator.below(clients)
      guard var current = open[client] else {
        let steps = (0..<(1 + generator.below(4))).map { _ in
          value += 1
          return Step.random(
            "key\(created / 40 * 4 + generator.below(4))", value, reads: generator.below(2) == 0)
        }
        let transaction = Transaction<Step>(id: created, client: client, call: time, return: nil, steps: [])
        created += 1
        open[client] = Open(transaction: transaction, left: steps, snapshot: state, start: commits)
        continue
      }
      if current.left.isEmpty {
        finish(&current.transaction, current.start)
        current.transaction.return = time
        done.append(current.transaction)
        open[client] = nil
      } else {
        take(current.left.removeFirst(), &current)
        open[client] = current
      }
    }
    return done
  }

  private mutating func take(_ step: Step, _ open: inout Open) {
    var view = behaviour == .snapshots ? open.snapshot : state
    if behaviour == .snapshots || behaviour == .readsCommitted {
      for own in open.transaction.steps where own.written != nil { _ = own.apply(to: &view) }
    }
    open.transaction.steps.append(step.answered(by: view))
    if behaviour == .direct || behaviour == .serial { _ = step.apply(to: &state) }
  }

  private mutating func finish(_ transaction: inout Transaction<Step>, _ start: Int) {
    let writes = transaction.steps.filter { $0.written != nil }
    if behaviour == .snapshots, writes.contains(where: { (changed[$0.key] ?? 0) > start }) {
      transaction.outcome = .aborted
      return
    }
    commits += 1
    for step in writes {
      if behaviour == .snapshots || behaviour == .readsCommitted { _ = step.apply(to: &state) }
      changed[step.key] = commits
    }
  }
}
