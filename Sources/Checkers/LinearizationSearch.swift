/// The search for a linearization of one object's history, which can be stopped and taken up again.
struct LinearizationSearch<Model: SequentialModel> {
  enum End {
    case linearizable, contradiction, unfinished
  }

  /// An operation with what the search needs to know of it.
  private struct Candidate {
    var input: Model.Input
    var output: Model.Output?
    var isUnknown: Bool
    var isReadOnly: Bool
    /// Its place in the set of open operations, or in that of uncertain ones.
    var slot = 0
    /// The position of its return among the events.
    var end = Int.max
    /// The operation that its client ended at the very instant of this call, or -1.
    var predecessor = -1
  }

  private struct Event {
    var candidate: Int
    var isReturn: Bool
    /// At a return, where in `open` to find the operations that may be placed before it, the returning one first.
    var open = 0..<0
  }

  /// How far the search is, which open operations are placed, and the state after them.
  private struct Configuration {
    var position: Int
    var state: Model.State
    /// Operations that are known to have happened.
    var placed = SlotSet()
    /// Operations that may have happened, of which this order makes use.
    var used = SlotSet()
  }

  /// What a configuration is remembered under.
  private struct Essence: Hashable {
    var position: Int
    var placed: SlotSet
    var state: Model.State
  }

  /// The orders to try before one return: those that place the fewest operations come first.
  private struct Frame {
    var queue: [Configuration]
    var head = 0
    /// The next of the open operations to place after the head.
    var next = 0
  }

  /// The object's key in words, or nil if it is the only one.
  let name: String?
  /// How often the model was asked.
  private(set) var steps = 0

  private let model: Model
  private let operations: [Operation<Model.Input, Model.Output>]
  private var candidates: [Candidate] = []
  private var events: [Event] = []
  private var open: [Int] = []
  private var stack: [Frame] = []
  /// For each configuration, the sets of uncertain operations that it was reached with.
  private var seen: [Essence: Antichain] = [:]
  private var isStarted = false
  private var furthest = -1
  private var furthestStates: [Model.State] = []

  init(_ model: Model, _ operations: [Operation<Model.Input, Model.Output>], of name: String?) {
    self.model = model
    self.name = name
    self.operations = operations.filter { if case .failed = $0.outcome { false } else { true } }
    layOutEvents()
  }

  /// Searches on, for about as many steps of the model.
  mutating func run(steps limit: Int) -> End {
    let stop = steps + limit
    if !isStarted {
      isStarted = true
      if enter(Configuration(position: 0, state: model.initial)) { return .linearizable }
    }
    while let top = stack.indices.last {
      guard steps < stop else { return .unfinished }
      guard stack[top].head < stack[top].queue.count else {
        stack.removeLast()
        continue
      }
      let configuration = stack[top].queue[stack[top].head]
      let event = events[configuration.position]
      guard stack[top].next < event.open.count else {
        stack[top].head += 1
        stack[top].next = 0
        continue
      }
      let candidate = open[event.open.lowerBound + stack[top].next]
      stack[top].next += 1
      guard let next = placing(candidate, after: configuration) else { continue }
      if next.placed.contains(candidates[event.candidate].slot) {
        if enter(next) { return .linearizable }
      } else if remember(next) {
        stack[top].queue.append(next)
      }
    }
    return .contradiction
  }

  /// The configuration after placing `candidate`, if it can be placed.
  private mutating func placing(_ candidate: Int, after before: Configuration) -> Configuration? {
    guard isFree(candidate, in: before), let state = state(after: candidate, from: before.state) else {
      return nil
    }
    var next = before
    next.state = state
    if candidates[candidate].isUnknown {
      // Leaving it out keeps more ways open than placing it without effect.
      if state == before.state { return nil }
      next.used.insert(candidates[candidate].slot)
    } else {
      next.placed.insert(candidates[candidate].slot)
    }
    for index in events[before.position].open where candidates[open[index]].isReadOnly {
      placeIfReadable(open[index], in: &next)
    }
    return next
  }

  /// Places a read that fits: it changes nothing, so that doing it now can only help.
  private mutating func placeIfReadable(_ candidate: Int, in configuration: inout Configuration) {
    guard !candidates[candidate].isUnknown, isFree(candidate, in: configuration),
      state(after: candidate, from: configuration.state) != nil
    else { return }
    configuration.placed.insert(candidates[candidate].slot)
  }

  private func isFree(_ candidate: Int, in configuration: Configuration) -> Bool {
    let slot = candidates[candidate].slot
    if candidates[candidate].isUnknown
      ? configuration.used.contains(slot) : configuration.placed.contains(slot)
    {
      return false
    }
    let predecessor = candidates[candidate].predecessor
    return predecessor < 0 || candidates[predecessor].end < configuration.position
      || configuration.placed.contains(candidates[predecessor].slot)
  }

  private mutating func state(after candidate: Int, from state: Model.State) -> Model.State? {
    steps += 1
    return model.step(state, candidates[candidate].input, returning: candidates[candidate].output)
  }

  /// Goes on to the next return whose operation is not yet placed, and answers whether there is none.
  private mutating func enter(_ start: Configuration) -> Bool {
    var configuration = start
    while configuration.position < events.count {
      let event = events[configuration.position]
      let slot = candidates[event.candidate].slot
      if event.isReturn {
        guard configuration.placed.contains(slot) else { break }
        configuration.placed.remove(slot)
      } else if candidates[event.candidate].isReadOnly {
        placeIfReadable(event.candidate, in: &configuration)
      }
      configuration.position += 1
    }
    if configuration.position == events.count { return true }
    if remember(configuration) { stack.append(Frame(queue: [configuration])) }
    return false
  }

  /// Answers whether the search has not been here before, nor where more ways were open.
  private mutating func remember(_ configuration: Configuration) -> Bool {
    note(configuration)
    let essence = Essence(
      position: configuration.position, placed: configuration.placed, state: configuration.state)
    return seen[essence, default: Antichain()].insert(configuration.used)
  }

  private mutating func layOutEvents() {
    var latest: [Int: Int] = [:]
    var order: [(time: Int, isReturn: Bool, candidate: Int)] = []
    for (index, operation) in operations.enumerated() {
      var candidate = Candidate(
        input: operation.input, output: operation.output, isUnknown: operation.output == nil,
        isReadOnly: model.isReadOnly(operation.input, returning: operation.output))
      if let earlier = latest[operation.client], operations[earlier].return == operation.call {
        candidate.predecessor = earlier
      }
      if !candidate.isUnknown { latest[operation.client] = index }
      candidates.append(candidate)
      order.append((operation.call, false, index))
      if !candidate.isUnknown, let end = operation.return { order.append((end, true, index)) }
    }
    // At one instant calls come first: operations that touch count as concurrent, but for a client's own.
    order.sort { ($0.time, $0.isReturn ? 1 : 0, $0.candidate) < ($1.time, $1.isReturn ? 1 : 0, $1.candidate) }
    var active: [Int] = []
    var freeSlots: [Int] = []
    var slots = 0
    var unknownSlots = 0
    for (position, entry) in order.enumerated() {
      var event = Event(candidate: entry.candidate, isReturn: entry.isReturn)
      if entry.isReturn {
        active.removeAll { $0 == entry.candidate }
        let start = open.count
        open.append(entry.candidate)
        open.append(contentsOf: active)
        event.open = start..<open.count
        candidates[entry.candidate].end = position
        freeSlots.append(candidates[entry.candidate].slot)
      } else {
        if candidates[entry.candidate].isUnknown {
          candidates[entry.candidate].slot = unknownSlots
          unknownSlots += 1
        } else if let slot = freeSlots.popLast() {
          candidates[entry.candidate].slot = slot
        } else {
          candidates[entry.candidate].slot = slots
          slots += 1
        }
        active.append(entry.candidate)
      }
      events.append(event)
    }
  }
}

// MARK: - Evidence

extension LinearizationSearch {
  private static var statesToShow: Int { 3 }

  /// Remembers the furthest return that could not be passed, and a few of the states before it.
  private mutating func note(_ configuration: Configuration) {
    guard configuration.position >= furthest else { return }
    if configuration.position > furthest {
      furthest = configuration.position
      furthestStates.removeAll(keepingCapacity: true)
    }
    guard furthestStates.count <= Self.statesToShow, !furthestStates.contains(configuration.state) else {
      return
    }
    furthestStates.append(configuration.state)
  }

  /// What a finished search that found no linearization has to show.
  func violation() -> Violation {
    let culprit = operations[events[furthest].candidate]
    let earlier = events[..<furthest].filter(\.isReturn)
    var evidence = name.map { "Key \"\($0)\": " } ?? ""
    switch earlier.count {
    case 0: evidence += "no operation had returned before"
    case 1: evidence += "the one operation that had returned before can be put in order"
    default: evidence += "the \(earlier.count) operations that had returned before can be put in order"
    }
    if let last = earlier.last { evidence += ", the last of them \(describe(operations[last.candidate]))" }
    evidence +=
      "; the value is then \(possibleStates). No such order can be followed by \(describe(culprit))."
    return Violation(
      property: "Linearizability", section: "Herlihy and Wing 1990, section 2", evidence: evidence)
  }

  private var possibleStates: String {
    let shown = furthestStates.prefix(Self.statesToShow).map { model.describe(state: $0) }
    return list(shown, last: "or") + (furthestStates.count > shown.count ? " or another" : "")
  }

  private func describe(_ operation: Operation<Model.Input, Model.Output>) -> String {
    let call = model.describe(operation.input, returning: operation.output)
    let time = operation.return.map { "\(milliseconds(operation.call)) to \(milliseconds($0))" }
    return "\(call) by client \(operation.client) (\(time ?? "from \(milliseconds(operation.call))"))"
  }
}

/// A set of small numbers, the first 64 of which need no allocation.
private struct SlotSet: Hashable {
  private var low: UInt64 = 0
  private var high: [UInt64] = []

  func contains(_ slot: Int) -> Bool {
    if slot < 64 { return low & (1 << UInt64(slot)) != 0 }
    let word = slot / 64 - 1
    return word < high.count && high[word] & (1 << UInt64(slot % 64)) != 0
  }

  mutating func insert(_ slot: Int) {
    guard slot >= 64 else { return low |= 1 << UInt64(slot) }
    let word = slot / 64 - 1
    while high.count <= word { high.append(0) }
    high[word] |= 1 << UInt64(slot % 64)
  }

  func isSubset(of other: SlotSet) -> Bool {
    guard low & ~other.low == 0, high.count <= other.high.count else { return false }
    for (word, bits) in high.enumerated() where bits & ~other.high[word] != 0 { return false }
    return true
  }

  mutating func remove(_ slot: Int) {
    guard slot >= 64 else { return low &= ~(1 << UInt64(slot)) }
    high[slot / 64 - 1] &= ~(1 << UInt64(slot % 64))
    // Equal sets must have equal words.
    while high.last == 0 { high.removeLast() }
  }
}

/// Sets of which none holds another.
private struct Antichain {
  // Most have one set, which then needs no allocation.
  private var first: SlotSet?
  private var others: [SlotSet] = []

  /// Adds `set` unless a part of it is there already, and answers whether it did.
  mutating func insert(_ set: SlotSet) -> Bool {
    guard let known = first else {
      first = set
      return true
    }
    if known.isSubset(of: set) || others.contains(where: { $0.isSubset(of: set) }) { return false }
    others.removeAll { set.isSubset(of: $0) }
    if set.isSubset(of: known) { first = set } else { others.append(set) }
    return true
  }
}
