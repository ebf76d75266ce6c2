import Checkers

/// Judges small histories of single reads and writes by the definitions, with all orders of the writes.
struct ConsistencyOracle {
  let history: TransactionHistory<RegisterStep>

  private struct Event {
    var place: Int
    var client: Int
    var isKnown: Bool
    var key: String
    var written: Int?
    var read: Int?
  }

  private let events: [Event]

  init(_ history: TransactionHistory<RegisterStep>) {
    self.history = history
    // A write whose end nobody saw counts if it was read.
    let committed = history.transactions.filter { $0.outcome == .committed }
    let read = Set(
      committed.flatMap(\.steps).compactMap { step in
        if case .read(_, let value) = step { value } else { nil }
      })
    events = history.transactions.enumerated().compactMap { place, transaction in
      guard let step = transaction.steps.first, transaction.outcome != .aborted else { return nil }
      if transaction.outcome == .unknown, !(step.written.map { read.contains($0) } ?? false) { return nil }
      var event = Event(
        place: place, client: transaction.client, isKnown: transaction.outcome == .committed, key: step.key,
        written: step.written)
      if case .read(_, let value) = step { event.read = value }
      return event
    }
  }

  private func isRead(_ event: Event) -> Bool { event.written == nil }

  private func precedes(_ first: Event, _ second: Event) -> Bool {
    first.isKnown && first.client == second.client && first.place < second.place
  }

  /// The event whose value another returned, if there is one.
  private func source(_ read: Event) -> Event? {
    guard let value = read.read else { return nil }
    return events.first { $0.written == value && $0.key == read.key }
  }

  private var allReadsHaveSources: Bool {
    events.allSatisfy { !isRead($0) || $0.read == nil || source($0) != nil }
  }

  private func permutations(_ rest: [Event], _ order: [Event], _ body: ([Event]) -> Bool) -> Bool {
    if rest.isEmpty { return body(order) }
    return rest.indices.contains { place in
      var others = rest
      let next = others.remove(at: place)
      return permutations(others, order + [next], body)
    }
  }

  func keeps(_ guarantees: Set<SessionGuarantee>) -> Bool {
    guard allReadsHaveSources else { return false }
    let writes = events.filter { !isRead($0) }
    let reads = events.filter(isRead)
    // The writes that must be seen by whoever sees a write, and what comes before it.
    func before(_ write: Event) -> Set<Int> {
      var found: Set<Int> = []
      var waiting = [write]
      while let next = waiting.popLast() {
        for other in events where precedes(other, next) {
          if guarantees.contains(.monotonicWrites), !isRead(other), found.insert(other.place).inserted {
            waiting.append(other)
          }
          if guarantees.contains(.writesFollowReads), let seen = source(other),
            found.insert(seen.place).inserted
          {
            waiting.append(seen)
          }
        }
      }
      return found
    }
    func visible(_ read: Event) -> Set<Int> {
      var roots = source(read).map { [$0] } ?? []
      for other in events where precedes(other, read) {
        if guarantees.contains(.readYourWrites), !isRead(other) { roots.append(other) }
        if guarantees.contains(.monotonicReads), let seen = source(other) { roots.append(seen) }
      }
      return roots.reduce(into: []) { $0.formUnion(before($1).union([$1.place])) }
    }
    let mustPrecede = writes.map { before($0) }
    let mustSee = reads.map(visible)
    return permutations(writes, []) { order in
      let position = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1.place, $0) })
      for (write, earlier) in zip(writes, mustPrecede) {
        guard let own = position[write.place] else { return false }
        if earlier.contains(where: { (position[$0] ?? 0) >= own }) { return false }
        for other in writes where precedes(other, write) && other.key == write.key {
          if (position[other.place] ?? 0) > own { return false }
        }
      }
      return zip(reads, mustSee).allSatisfy { read, seen in
        order.last { seen.contains($0.place) && $0.key == read.key }?.written == read.read
      }
    }
  }

  func isCausal(_ strength: CausalConsistency.Strength) -> Bool {
    guard allReadsHaveSources else { return false }
    var past = Dictionary(uniqueKeysWithValues: events.map { ($0.place, Set<Int>()) })
    for _ in events {
      for event in events {
        for other in events where precedes(other, event) || source(event)?.place == other.place {
          past[event.place, default: []].formUnion((past[other.place] ?? []).union([other.place]))
        }
      }
    }
    func comes(_ first: Event, _ second: Event) -> Bool { past[second.place]?.contains(first.place) ?? false }
    if events.contains(where: { comes($0, $0) }) { return false }
    let writes = events.filter { !isRead($0) }
    func isRight(_ read: Event, _ order: [Event]) -> Bool {
      order.last { comes($0, read) && $0.key == read.key }?.written == read.read
    }
    func isOrder(_ order: [Event]) -> Bool {
      order.indices.allSatisfy { place in !order[place...].dropFirst().contains { comes($0, order[place]) } }
    }
    let reads = events.filter(isRead)
    if strength == .convergent {
      return permutations(writes, []) { order in isOrder(order) && reads.allSatisfy { isRight($0, order) } }
    }
    return reads.allSatisfy { read in permutations(writes, []) { isOrder($0) && isRight(read, $0) } }
  }

  func isSequential() -> Bool {
    guard allReadsHaveSources else { return false }
    return permutations(events, []) { order in
      var state: [String: Int] = [:]
      for (place, event) in order.enumerated() {
        if order[place...].dropFirst().contains(where: { precedes($0, event) }) { return false }
        if let value = event.written {
          state[event.key] = value
        } else if state[event.key] != event.read {
          return false
        }
      }
      return true
    }
  }
}

/// A small history of single reads and writes, the reads answered by some replica that has taken some of the writes.
func operations(_ most: Int, _ generator: inout Generator) -> [Transaction<RegisterStep>] {
  let clients = 1 + generator.below(3)
  let keys = ["x", "y"].prefix(1 + generator.below(2))
  var replicas = Array(repeating: [String: Int](), count: 1 + generator.below(3))
  let randomInTen = [0, 2, 8][generator.below(3)]
  return (0..<(2 + generator.below(most - 1))).map { id in
    let client = generator.below(clients)
    let key = keys[generator.below(keys.count)]
    // Mostly one's own replica; writes reach others, or not.
    let replica = generator.below(4) > 0 ? client % replicas.count : generator.below(replicas.count)
    let outcome: TransactionOutcome =
      generator.below(12) == 0 ? .unknown : generator.below(20) == 0 ? .aborted : .committed
    if generator.below(2) == 0 {
      replicas[replica][key] = id
      for other in replicas.indices where generator.below(2) == 0 { replicas[other][key] = id }
      return Transaction(
        id: id, client: client, call: 10 * id, return: 10 * id + 5, steps: [.write(key, id)], outcome: outcome
      )
    }
    let isRandom = generator.below(10) < randomInTen
    let value = (isRandom ? replicas[generator.below(replicas.count)] : replicas[replica])[key]
    return Transaction(
      id: id, client: client, call: 10 * id, return: 10 * id + 5, steps: [.read(key, value)], outcome: outcome
    )
  }
}
