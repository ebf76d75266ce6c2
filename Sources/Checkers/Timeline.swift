/// What the search may take for granted of operations of one kind.
struct Traits: Sendable {
  /// It leaves every state as it is that allows its answer.
  var isPure = false
  /// Its answer shows something of the state, so that a state may rule it out.
  var isObservation = false
  /// After it, an answer may be possible that the state before ruled out.
  var isReset = false
}

/// When an operation was open.
struct Interval: Sendable {
  var client: Int
  var call: Int
  /// Nil if the operation may take effect at any later time, or never.
  var `return`: Int?
}

/// One object's operations laid out along the calls and returns that the search goes through.
///
/// Operations that share an input and an answer are of one kind. Those that may never have happened are *optional*:
/// none has a return, so that of one kind the one called first can stand for any other.
struct Timeline: Sendable {
  struct Operation: Sendable {
    var kind: Int32
    /// Its place in the set of open operations, or in that of optional ones.
    var slot: Int32 = 0
    /// The positions of its call and its return among the events.
    var call: Int32 = 0
    var end = Int32.max
    /// The operation that its client ended at the very instant of this call, or -1.
    var predecessor: Int32 = -1
    var isOptional: Bool
    var traits: Traits
  }

  struct Event: Sendable {
    var operation: Int32
    var isReturn: Bool
    /// At a return: where in `open` to find the operations that may be placed before it and change something, the one
    /// that returns next first.
    var effects: Range<Int32> = 0..<0
    /// At a return: where in `open` to find those that change nothing, in the order of their calls.
    var pures: Range<Int32> = 0..<0
    /// How many of the optional kinds have been called.
    var optionalKinds: Int32 = 0
    /// Where in `observations` those begin that have not returned before.
    var observation: Int32 = 0
    /// The position of the next call of an operation that resets.
    var nextReset = Int32.max
  }

  struct OptionalKind: Sendable {
    var kind: Int32
    /// The slots of its operations, in the order of their calls.
    var slots: Range<Int32>
    var isReset: Bool
  }

  private(set) var operations: [Operation] = []
  private(set) var events: [Event] = []
  private(set) var open: [Int32] = []
  /// For each place in `open`, the slot of the operation of the same kind that returns before, which then can stand for
  /// this one, or -1.
  private(set) var forerunners: [Int32] = []
  private(set) var optionalKinds: [OptionalKind] = []
  /// The optional operations by slot.
  private(set) var optionals: [Int32] = []
  /// The operations whose answer shows something of the state, in the order of their returns.
  private(set) var observations: [Int32] = []
  /// Whether some operation was called at the very instant at which its client's last one returned.
  private(set) var hasPredecessors = false
  /// How many slots are in use at once at most.
  private(set) var slots: Int32 = 0

  /// Lays out operations that are given in the order of their calls.
  init(_ intervals: [Interval], kinds: [Int32], traits: [Traits]) {
    var latest: [Int: Int32] = [:]
    operations.reserveCapacity(intervals.count)
    for (index, interval) in intervals.enumerated() {
      let kind = kinds[index]
      var operation = Operation(
        kind: kind, isOptional: interval.return == nil, traits: traits[Int(kind)])
      if let earlier = latest[interval.client], intervals[Int(earlier)].return == interval.call {
        operation.predecessor = earlier
        hasPredecessors = true
      }
      if !operation.isOptional { latest[interval.client] = Int32(index) }
      operations.append(operation)
    }
    layOutEvents(intervals)
    layOutOptionals()
    layOutOpen(kinds: traits.count)
    layOutObservations()
  }

  /// At one instant calls come first: operations that touch count as concurrent, but for a client's own.
  private mutating func layOutEvents(_ intervals: [Interval]) {
    var returns: [(time: Int, operation: Int32)] = []
    returns.reserveCapacity(intervals.count)
    for (index, interval) in intervals.enumerated() {
      if let end = interval.return { returns.append((end, Int32(index))) }
    }
    returns.sort { ($0.time, $0.operation) < ($1.time, $1.operation) }
    events.reserveCapacity(intervals.count + returns.count)
    var next = 0
    for (index, interval) in intervals.enumerated() {
      // What changes nothing and may never have happened says nothing.
      if operations[index].isOptional && operations[index].traits.isPure { continue }
      while next < returns.count, returns[next].time < interval.call {
        addReturn(of: returns[next].operation)
        next += 1
      }
      operations[index].call = Int32(events.count)
      events.append(Event(operation: Int32(index), isReturn: false))
    }
    for entry in returns[next...] { addReturn(of: entry.operation) }
  }

  private mutating func addReturn(of operation: Int32) {
    operations[Int(operation)].end = Int32(events.count)
    events.append(Event(operation: operation, isReturn: true))
  }

  private mutating func layOutOptionals() {
    var places: [Int32: Int] = [:]
    var called: [[Int32]] = []
    for position in events.indices {
      let index = events[position].operation
      let operation = operations[Int(index)]
      if operation.isOptional {
        if let place = places[operation.kind] {
          called[place].append(index)
        } else {
          places[operation.kind] = called.count
          called.append([index])
        }
      }
      events[position].optionalKinds = Int32(called.count)
    }
    for members in called {
      let start = Int32(optionals.count)
      for index in members {
        operations[Int(index)].slot = Int32(optionals.count)
        optionals.append(index)
      }
      let first = operations[Int(members[0])]
      optionalKinds.append(
        OptionalKind(
          kind: first.kind, slots: start..<Int32(optionals.count), isReset: first.traits.isReset))
    }
  }

  private mutating func layOutOpen(kinds: Int) {
    var effects: [Int32] = []
    var pures: [Int32] = []
    var freeSlots: [Int32] = []
    var lastOfKind = Array(repeating: (position: -1, slot: Int32(-1)), count: kinds)
    for position in events.indices {
      let index = events[position].operation
      let operation = operations[Int(index)]
      guard !operation.isOptional else { continue }
      if events[position].isReturn {
        events[position].effects = append(effects)
        for index in effects {
          let (kind, slot) = (Int(operations[Int(index)].kind), operations[Int(index)].slot)
          // What its client must have done before may keep the one from standing for the other.
          let hasForerunner = lastOfKind[kind].position == position && !hasPredecessors
          forerunners.append(hasForerunner ? lastOfKind[kind].slot : -1)
          lastOfKind[kind] = (position, slot)
        }
        events[position].pures = append(pures)
        forerunners.append(contentsOf: repeatElement(-1, count: pures.count))
        if operation.traits.isPure {
          pures.removeAll { $0 == index }
        } else {
          effects.removeFirst()
        }
        freeSlots.append(operation.slot)
        continue
      }
      if operation.traits.isPure {
        pures.append(index)
      } else {
        let place = effects.firstIndex { operations[Int($0)].end > operation.end } ?? effects.endIndex
        effects.insert(index, at: place)
      }
      if let slot = freeSlots.popLast() {
        operations[Int(index)].slot = slot
      } else {
        operations[Int(index)].slot = slots
        slots += 1
      }
    }
  }

  private mutating func append(_ members: [Int32]) -> Range<Int32> {
    let start = Int32(open.count)
    open.append(contentsOf: members)
    return start..<Int32(open.count)
  }

  private mutating func layOutObservations() {
    for position in events.indices {
      events[position].observation = Int32(observations.count)
      let operation = events[position].operation
      if events[position].isReturn, operations[Int(operation)].traits.isObservation {
        observations.append(operation)
      }
    }
    var nextReset = Int32.max
    for position in events.indices.reversed() {
      if !events[position].isReturn, operations[Int(events[position].operation)].traits.isReset {
        nextReset = Int32(position)
      }
      events[position].nextReset = nextReset
    }
  }
}
