/// The search for a linearization of one object's history.
///
/// It goes from one return to the next, and places operations only when a return forces one (Lowe, "Testing for
/// linearizability", 2017, there called just in time); among the orders that lead past a return it tries those first
/// that place the fewest operations.
struct LinearizationSearch<Object: CodedObject, Slots: SlotSet>: LinearizationJudge {
  private typealias Place = Configuration<Slots>

  /// The configurations before one return that are still to be tried: those in `queue` from `head` on.
  private struct Frame {
    var start: Int
    var head: Int
    /// The next of the open operations to place after the head.
    var next: Int32 = 0
  }

  private let timeline: Timeline
  private var object: Object
  private(set) var steps = 0
  /// The frames' configurations as they are numbered in memory, one frame's after another's.
  private var queue: [Int32] = []
  private var frames: [Frame] = []
  private var memory = ConfigurationMemory<Slots>()
  private var isStarted = false
  /// How many of the events count: a search of a part of the history ends early, and knows nothing of what comes after.
  private let limit: Int32
  /// Where in memory the configurations are that came to the end.
  private var ends: [Int32] = []
  /// The furthest position that a configuration came to.
  private var furthest: Int32 = -1
  /// The last return that a configuration was given up for.
  private var horizon: Int32 = -1

  var configurations: Int { memory.configurations.count }

  init(_ object: Object, _ timeline: Timeline) {
    self.init(object, timeline, limit: Int32(timeline.events.count))
  }

  private init(_ object: Object, _ timeline: Timeline, limit: Int32) {
    self.object = object
    self.timeline = timeline
    self.limit = limit
  }

  mutating func run(steps limit: Int) -> SearchEnd {
    let stop = steps + limit
    if !isStarted {
      isStarted = true
      if enter(Place(state: object.initial)) { return .linearizable }
    }
    while var frame = frames.popLast() {
      guard frame.head < queue.count else {
        queue.removeLast(queue.count - frame.start)
        continue
      }
      guard steps < stop else {
        frames.append(frame)
        return .unfinished
      }
      let configuration = memory.configurations[Int(queue[frame.head])]
      let event = timeline.events[Int(configuration.position)]
      let choices = Int32(event.effects.count) + event.optionalKinds
      guard frame.next < choices else {
        frames.append(Frame(start: frame.start, head: frame.head + 1))
        continue
      }
      let number = frame.next
      frame.next += 1
      frames.append(frame)
      guard var next = choose(number, after: configuration, at: event) else { continue }
      next.origin = queue[frame.head]
      if next.placed.contains(timeline.operations[Int(event.operation)].slot) {
        if enter(next) { return .linearizable }
      } else if let number = remember(next) {
        queue.append(number)
      }
    }
    return .contradiction
  }

  /// The configuration after the choice of that number, if it is one.
  private mutating func choose(
    _ number: Int32, after before: Place, at event: Timeline.Event
  ) -> Place? {
    let number = Int(number)
    guard number < event.effects.count else {
      return use(timeline.optionalKinds[number - event.effects.count], after: before, at: event)
    }
    let place = Int(event.effects.lowerBound) + number
    let forerunner = timeline.forerunners[place]
    guard forerunner < 0 || before.placed.contains(forerunner) else { return nil }
    return self.place(timeline.open[place], after: before, at: event)
  }

  /// The configuration after placing an operation that is known to have happened, if it can be placed.
  private mutating func place(
    _ index: Int32, after before: Place, at event: Timeline.Event
  ) -> Place? {
    let operation = timeline.operations[Int(index)]
    guard !before.placed.contains(operation.slot), isFree(operation, in: before) else { return nil }
    let state = step(before.state, operation.kind)
    guard state != noState else { return nil }
    var next = before
    next.placed.insert(operation.slot)
    return settle(&next, state, choice: index, at: event) ? next : nil
  }

  /// The configuration after making use of an operation that may have happened, if that changes something.
  private mutating func use(
    _ kind: Timeline.OptionalKind, after before: Place, at event: Timeline.Event
  ) -> Place? {
    guard let slot = firstUnused(kind, in: before) else { return nil }
    let state = step(before.state, kind.kind)
    guard state != noState, state != before.state else { return nil }
    var next = before
    next.used.insert(slot)
    return settle(&next, state, choice: timeline.optionals[Int(slot)], at: event) ? next : nil
  }

  private func firstUnused(_ kind: Timeline.OptionalKind, in configuration: Place) -> Int32? {
    for slot in kind.slots where !configuration.used.contains(slot) {
      let operation = timeline.operations[Int(timeline.optionals[Int(slot)])]
      guard operation.call < configuration.position else { return nil }
      if isFree(operation, in: configuration) { return slot }
    }
    return nil
  }

  /// Takes on the new state with all that follows at once; answers whether there is any hope in it.
  private mutating func settle(
    _ next: inout Place, _ state: Int32, choice: Int32, at event: Timeline.Event
  ) -> Bool {
    let isChanged = state != next.state
    next.state = state
    next.choice = choice
    if isChanged || timeline.hasPredecessors {
      for place in event.pures { placePure(timeline.open[Int(place)], in: &next) }
    }
    return !isChanged || !isRuledOut(next, at: event)
  }

  /// Places an operation that changes nothing, if it fits: doing it now can only help.
  private mutating func placePure(_ index: Int32, in configuration: inout Place) {
    let operation = timeline.operations[Int(index)]
    guard !configuration.placed.contains(operation.slot), isFree(operation, in: configuration),
      step(configuration.state, operation.kind) != noState
    else { return }
    configuration.placed.insert(operation.slot)
  }

  /// Whether what its client did before is placed.
  private func isFree(_ operation: Timeline.Operation, in configuration: Place) -> Bool {
    guard operation.predecessor >= 0 else { return true }
    let predecessor = timeline.operations[Int(operation.predecessor)]
    return predecessor.end < configuration.position || configuration.placed.contains(predecessor.slot)
  }

  private mutating func step(_ state: Int32, _ kind: Int32) -> Int32 {
    steps += 1
    return object.step(state, kind)
  }

  /// Whether the next answer that shows something cannot follow, and nothing that might help can come before it.
  private mutating func isRuledOut(_ configuration: Place, at event: Timeline.Event) -> Bool {
    for index in timeline.observations[Int(event.observation)...] {
      let operation = timeline.operations[Int(index)]
      guard operation.end < limit else { return false }
      if operation.call < configuration.position, configuration.placed.contains(operation.slot) { continue }
      guard event.nextReset > operation.end, object.rulesOut(configuration.state, operation.kind),
        !canReset(configuration, at: event)
      else { return false }
      horizon = max(horizon, operation.end)
      return true
    }
    return false
  }

  /// Whether an operation that resets is open and not placed, though its client's last may have to be placed before.
  private func canReset(_ configuration: Place, at event: Timeline.Event) -> Bool {
    for place in event.effects {
      let operation = timeline.operations[Int(timeline.open[Int(place)])]
      if operation.traits.isReset, !configuration.placed.contains(operation.slot) { return true }
    }
    for kind in timeline.optionalKinds[..<Int(event.optionalKinds)] where kind.isReset {
      guard let slot = kind.slots.first(where: { !configuration.used.contains($0) }) else { continue }
      if timeline.operations[Int(timeline.optionals[Int(slot)])].call < configuration.position { return true }
    }
    return false
  }

  /// Goes on to the next return whose operation is not yet placed, and answers whether there is none.
  private mutating func enter(_ start: Place) -> Bool {
    var configuration = start
    advance(&configuration)
    guard let number = remember(configuration) else { return false }
    if configuration.position == limit {
      ends.append(number)
    } else {
      frames.append(Frame(start: queue.count, head: queue.count))
      queue.append(number)
    }
    return configuration.position == limit
  }

  /// Goes past the events up to the next return whose operation is not placed.
  private mutating func advance(_ configuration: inout Place) {
    while configuration.position < limit, advanceOne(&configuration) {}
  }

  /// Goes past the next event, unless it is a return whose operation is not placed; answers whether it did.
  @inline(__always)
  private mutating func advanceOne(_ configuration: inout Place) -> Bool {
    let event = timeline.events[Int(configuration.position)]
    let operation = timeline.operations[Int(event.operation)]
    if event.isReturn {
      guard configuration.placed.contains(operation.slot) else { return false }
      configuration.placed.remove(operation.slot)
    } else if operation.traits.isPure {
      placePure(event.operation, in: &configuration)
    }
    configuration.position += 1
    return true
  }

  private mutating func remember(_ configuration: Place) -> Int32? {
    furthest = max(furthest, configuration.position)
    return memory.insert(configuration)
  }
}

// MARK: - Evidence

extension LinearizationSearch {
  private static var endsToShow: Int { 8 }

  func deadEnd() -> DeadEnd {
    // What was given up with a view to a later answer may have led further.
    var reached = furthest
    var missed = max(furthest, horizon) + 1
    while missed - reached > 1 {
      let middle = reached + (missed - reached) / 2
      var part = LinearizationSearch(object, timeline, limit: middle)
      if part.run(steps: 2 * steps + 1_000) == .linearizable { reached = middle } else { missed = middle }
    }
    return deadEnd(at: reached, steps: 2 * steps + 1_000)
  }

  func deadEnd(at position: Int32, steps: Int) -> DeadEnd {
    let event = timeline.events[Int(position)]
    var part = LinearizationSearch(object, timeline, limit: position)
    while part.steps < steps, part.ends.count < Self.endsToShow {
      guard part.run(steps: steps - part.steps) == .linearizable else { break }
    }
    part.goOn(at: event)
    let open = timeline.operations.indices.filter { index in
      let operation = timeline.operations[index]
      let isSkipped = operation.isOptional && operation.traits.isPure
      return !isSkipped && index != event.operation && operation.call < position && operation.end > position
    }
    return DeadEnd(
      culprit: Int(event.operation),
      returned: timeline.events[..<Int(position)].filter(\.isReturn).map { Int($0.operation) }, open: open,
      orders: part.ends.map { part.order(to: $0).map(Int.init) })
  }

  /// Adds what open operations lead to from the ends of a part.
  private mutating func goOn(at event: Timeline.Event) {
    var next = 0
    while next < ends.count, ends.count < Self.endsToShow {
      let configuration = memory.configurations[Int(ends[next])]
      for number in 0..<Int32(event.effects.count) + event.optionalKinds {
        guard var after = choose(number, after: configuration, at: event) else { continue }
        after.origin = ends[next]
        if let number = remember(after) { ends.append(number) }
      }
      next += 1
    }
  }

  /// The operations that lead to a configuration, in their order.
  private func order(to end: Int32) -> [Int32] {
    var choices: [Int32] = []
    var configuration = memory.configurations[Int(end)]
    while configuration.choice >= 0 {
      choices.append(configuration.choice)
      configuration = memory.configurations[Int(configuration.origin)]
    }
    var replay = LinearizationSearch(object, timeline, limit: limit)
    return replay.order(of: choices.reversed())
  }

  /// Places the choices one after another, and records them with the operations that were placed along with them.
  private mutating func order(of choices: [Int32]) -> [Int32] {
    var order: [Int32] = []
    var configuration = Place(state: object.initial)
    advance(&configuration, noting: &order)
    for choice in choices {
      let event = timeline.events[Int(configuration.position)]
      let before = configuration
      let operation = timeline.operations[Int(choice)]
      if operation.isOptional {
        configuration.used.insert(operation.slot)
      } else {
        configuration.placed.insert(operation.slot)
      }
      order.append(choice)
      _ = settle(&configuration, step(before.state, operation.kind), choice: choice, at: event)
      for place in event.pures {
        let index = timeline.open[Int(place)]
        let slot = timeline.operations[Int(index)].slot
        if configuration.placed.contains(slot), !before.placed.contains(slot) { order.append(index) }
      }
      advance(&configuration, noting: &order)
    }
    return order
  }

  private mutating func advance(_ configuration: inout Place, noting order: inout [Int32]) {
    while configuration.position < limit {
      let event = timeline.events[Int(configuration.position)]
      guard advanceOne(&configuration) else { return }
      let operation = timeline.operations[Int(event.operation)]
      if !event.isReturn, operation.traits.isPure, configuration.placed.contains(operation.slot) {
        order.append(event.operation)
      }
    }
  }
}
