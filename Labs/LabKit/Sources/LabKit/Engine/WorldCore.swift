/// The engine of a world, which knows of messages only where they lie: compiled once, with all its types known.
///
/// Its properties are private or of this module, and no method holds one while another method changes it: the checks of
/// that at run time, a tenth of a world's time, are left out.
@usableFromInline final class WorldCore {
  /// Handlers in a row without time passing, and messages under way, that no correct node reaches.
  static var stormLimit: Int { 100_000 }

  struct Process {
    var isUp = false
    var isPaused = false
    var boot = 0
    /// When the monotonic clock took up its present drift, and what it read then.
    var clockTime = 0
    var clockReading = 0
    var events = 0
    var disk = Disk()
    /// More than minus a million: a clock that stands still is no clock.
    var driftPartsPerMillion = 0
    var wallOffsetMicroseconds = 0
    /// The timers that run, and the reading of the monotonic clock at which each runs out.
    var timers: [(name: Int32, generation: Int32, deadline: Int)] = []
    var held: [PendingEvent] = []
    var armedHandler = 0
    var armedFraction = 0
    var openRequests: Set<Int> = []
    /// What the node claimed after its latest handler.
    var status = SIMD8<Int64>.zero

    /// What the monotonic clock reads. It never goes back, whenever its drift changes.
    func uptime(at now: Int) -> Int {
      let elapsed = now - clockTime
      return clockReading + elapsed + elapsed * driftPartsPerMillion / 1_000_000
    }
  }

  let configuration: WorldConfiguration
  @exclusivity(unchecked) private(set) var now = 0
  /// How many handlers have run.
  @exclusivity(unchecked) private(set) var calls = 0
  let boxes: [NodeBox]
  let messages: MessageSlots
  let names: NameTable
  @exclusivity(unchecked) private(set) var processes: [Process]
  @exclusivity(unchecked) private var links: [LinkProfile]
  @exclusivity(unchecked) private var cuts: [Bool]
  @exclusivity(unchecked) private var linkCounts: [Int32]
  @exclusivity(unchecked) private var queue = EventQueue()
  private var requests: [(body: [UInt8], token: Token)?] = []
  private var freeRequests: [Int32] = []
  @exclusivity(unchecked) private var trace: TraceWriter
  /// Arrays with room in them for the next handler's result.
  @exclusivity(unchecked) private var emptyResult = HandlerResult()
  @exclusivity(unchecked) private var hasReplied = false
  @exclusivity(unchecked) private var callsAtThisInstant = 0
  /// The node whose handler the trace is in.
  @exclusivity(unchecked) private var nodeInTrace = 0
  @exclusivity(unchecked) private var weighsMessages = false
  @exclusivity(unchecked) private var notesSources = false
  /// The messages that are treated as their links say, in order; nil for all of them.
  @exclusivity(unchecked) private var extraordinary: [LinkMessage]?
  /// What a branch lets happen out of turn, in order, and after which handler the first of it is due.
  @exclusivity(unchecked) private var turns: [(handler: Int, turn: Turn)] = []
  @exclusivity(unchecked) private var nextTurn = Int.max
  @exclusivity(unchecked) var watches: [ArmedWatch] = []
  /// Handlers that have returned and whose effects wait for the judge, the latest last.
  @exclusivity(unchecked) var stopped: [StoppedHandler] = []
  /// Told before each handler: node, and how many handlers have run.
  var willCall: ((Int, Int) -> Void)?
  /// Handed the trace so far whenever it has grown long, so that a long advance needs no long memory.
  var flush: (([UInt8]) throws -> Void)?
  private static var batchBytes: Int { 1 << 17 }

  @usableFromInline init(
    _ configuration: WorldConfiguration, messages: MessageSlots, names: NameTable,
    makeBox: (NodeID, [NodeID]) -> NodeBox
  ) {
    self.configuration = configuration
    self.messages = messages
    self.names = names
    trace = TraceWriter(names)
    let members = configuration.members
    boxes = (1...configuration.nodes).map { makeBox(NodeID($0), members) }
    processes = Array(repeating: Process(), count: configuration.nodes)
    links = Array(repeating: LinkProfile(), count: configuration.nodes * configuration.nodes)
    cuts = Array(repeating: false, count: links.count)
    linkCounts = Array(repeating: 0, count: links.count)
  }

  /// A node that is up.
  func runningNode(_ node: Int) -> AnyObject? {
    (1...boxes.count).contains(node) && processes[node - 1].isUp ? boxes[node - 1].owner : nil
  }

  /// The trace since the last call.
  func takeTrace() -> [UInt8] { trace.take() }

  // MARK: Commands

  func perform(_ command: WorldCommand) throws {
    if let node = command.node, !(1...boxes.count).contains(node) {
      throw WireError.malformed(what: "node \(node) of a world with \(boxes.count)", offset: 0)
    }
    if let latest = stopped.indices.last, !stopped[latest].isTold {
      stopped[latest].postponed.append(command)
      return
    }
    switch command {
    case .boot(let node): try boot(node - 1)
    case .crash(let node): crash(node - 1)
    case .crashBetweenEffects(let node, let handler, let fraction):
      processes[node - 1].armedHandler = handler
      processes[node - 1].armedFraction = fraction
    case .pause(let node):
      processes[node - 1].isPaused = true
      record(.paused, node)
    case .resume(let node):
      processes[node - 1].isPaused = false
      record(.resumed, node)
      for var event in processes[node - 1].held {
        event.time = now
        queue.push(event)
      }
      processes[node - 1].held = []
    case .setLink(let from, let to, let profile):
      links[try link(from, to)] = profile
      recordFault(command)
    case .cut(let from, let to, let isCut):
      cuts[try link(from, to)] = isCut
      recordFault(command)
    case .setClock(let node, let drift, let offset):
      processes[node - 1].clockReading = processes[node - 1].uptime(at: now)
      processes[node - 1].clockTime = now
      processes[node - 1].driftPartsPerMillion = max(-999_999, drift)
      for position in processes[node - 1].timers.indices { arm(position, node - 1) }
      processes[node - 1].wallOffsetMicroseconds = offset
      recordFault(command)
    case .request(let node, let client, let operation, let time, let body):
      let slot = store(body, Token(client: client, operation: operation))
      queue.push(
        PendingEvent(
          time: max(now, time), tie: key(3, client, operation), kind: .request, node: UInt8(node), from: 0,
          slot: slot, number: 0))
    case .watch(let number, let watch):
      watches.removeAll { $0.number == number }
      watches.append(ArmedWatch(number: number, watch: watch))
    case .unwatch(let number): watches.removeAll { $0.number == number }
    case .applyFirst(let count):
      if let last = stopped.indices.last(where: { stopped[$0].isTold }) {
        try applyEffects(of: last, upTo: count)
      }
    case .weighMessages(let weighs): weighsMessages = weighs
    case .weighDisks: try weighDisks()
    case .noteSources(let notes): notesSources = notes
    case .keepOrdinary(let exceptions): extraordinary = exceptions.sorted()
    case .turn(let handler, let turn):
      turns.append((handler, turn))
      turns.sort { $0.handler < $1.handler }
      nextTurn = turns[0].handler
    }
  }

  private func weighDisks() throws {
    for index in processes.indices {
      let bytes = try processes[index].disk.values.reduce(0) { $0 + (try $1.value.bytes().count) }
      trace.append(.diskWeighed)
      trace.wire.byte(UInt8(index + 1))
      trace.wire.integer(bytes)
    }
  }

  /// Brings forward what a branch lets happen now.
  private func takeTurns() {
    while let first = turns.first, first.handler <= calls {
      turns.removeFirst()
      bringForward(first.turn)
    }
    nextTurn = turns.first?.handler ?? .max
  }

  private func bringForward(_ turn: Turn) {
    switch turn {
    case .deliver(let message):
      let copy = queue.remove {
        $0.kind == .message && Int($0.from) == message.from && Int($0.node) == message.to
          && Int($0.number) == message.number
      }
      guard var copy else { return }
      (copy.time, copy.tie) = (now, 0)
      queue.push(copy)
    case .ring(let node, let timer):
      guard processes.indices.contains(node - 1),
        let position = processes[node - 1].timers.firstIndex(where: { names.text($0.name) == timer })
      else { return }
      let generation = processes[node - 1].timers[position].generation
      guard var event = queue.remove({ $0.kind == .timer && $0.number == generation }) else { return }
      (event.time, event.tie) = (now, 0)
      queue.push(event)
    }
  }

  private func link(_ from: Int, _ to: Int) throws -> Int {
    guard (1...boxes.count).contains(from), (1...boxes.count).contains(to) else {
      throw WireError.malformed(what: "link \(from) to \(to) of a world with \(boxes.count) nodes", offset: 0)
    }
    return (from - 1) * boxes.count + to - 1
  }

  private func record(_ tag: TraceTag, _ node: Int) {
    trace.begin(tag, at: now)
    trace.wire.byte(UInt8(node))
  }

  private func recordFault(_ command: WorldCommand) {
    trace.begin(.faultChanged, at: now)
    trace.wire.raw(command.wireBytes)
  }

  // MARK: Choices

  private func key(_ purpose: Int, _ first: Int, _ second: Int) -> UInt64 {
    Mixing.combine(
      Mixing.combine(configuration.seed, UInt64(purpose)),
      UInt64(truncatingIfNeeded: first) << 40 ^ UInt64(truncatingIfNeeded: second))
  }

  // MARK: Running

  /// Runs events in the order of their times, up to and including `time`, until a watch hits, or until a reply if
  /// `stopsOnReply`. Effects that a watch held back take place first.
  func advance(until time: Int, stopsOnReply: Bool) throws -> AdvanceEnd {
    defer { hasReplied = false }
    if try tellNextHit() { return .watch }
    if stopsOnReply && hasReplied { return .reply }
    while true {
      if calls >= nextTurn { takeTurns() }
      guard let next = queue.first, next.time <= time else { break }
      guard let event = queue.popFirst() else { break }
      if event.time > now {
        now = event.time
        callsAtThisInstant = 0
      }
      try run(event)
      if callsAtThisInstant > Self.stormLimit || queue.count > 10 * Self.stormLimit { return .messageStorm }
      if try tellNextHit() { return .watch }
      if stopsOnReply && hasReplied { return .reply }
      if trace.wire.bytes.count > Self.batchBytes, let flush { try flush(trace.take()) }
    }
    now = max(now, time)
    callsAtThisInstant = 0
    return .time
  }

  private func boot(_ index: Int) throws {
    guard !processes[index].isUp else { return }
    processes[index].isUp = true
    processes[index].isPaused = false
    processes[index].boot += 1
    processes[index].clockTime = now
    processes[index].clockReading = 0
    trace.begin(.started, at: now)
    trace.wire.byte(UInt8(index + 1))
    trace.wire.unsigned(UInt64(processes[index].boot))
    try call(index, .start(processes[index].disk))
  }

  private func crash(_ index: Int, isCutShort: Bool = false) {
    guard processes[index].isUp else { return }
    let isCutShort = dropEffects(of: index) || isCutShort
    processes[index].isUp = false
    processes[index].isPaused = false
    processes[index].timers = []
    processes[index].openRequests = []
    processes[index].armedHandler = 0
    for event in processes[index].held { release(event) }
    processes[index].held = []
    record(.crashed, index + 1)
    trace.wire.byte(isCutShort ? 1 : 0)
  }

  private func run(_ event: PendingEvent) throws {
    let index = Int(event.node) - 1
    switch event.kind {
    case .timer:
      guard processes[index].isUp,
        let position = processes[index].timers.firstIndex(where: { $0.generation == event.number })
      else { return }
      if processes[index].isPaused {
        processes[index].held.append(event)
        return
      }
      let name = processes[index].timers.remove(at: position).name
      let number = trace.number(of: name)
      record(.timerFired, index + 1)
      trace.wire.unsigned(UInt64(number))
      try call(index, .timer(name))
    case .message:
      if processes[index].isUp && processes[index].isPaused {
        processes[index].held.append(event)
        return
      }
      let kind = trace.number(of: messages.kind(event.slot))
      let isLost = !processes[index].isUp || cuts[(Int(event.from) - 1) * boxes.count + index]
      record(isLost ? .lost : .delivered, index + 1)
      trace.wire.byte(event.from)
      trace.wire.unsigned(UInt64(kind))
      trace.wire.integer(Int(event.number))
      guard !isLost else {
        messages.release(event.slot)
        return
      }
      let isLast = messages.consume(event.slot)
      try call(index, .message(slot: event.slot, isLast: isLast, from: Int(event.from)))
    case .request:
      if processes[index].isUp && processes[index].isPaused {
        processes[index].held.append(event)
        return
      }
      guard let (body, token) = takeRequest(event.slot), processes[index].isUp else { return }
      record(.requested, index + 1)
      trace.wire.integer(token.client)
      trace.wire.integer(token.operation)
      processes[index].openRequests.insert(token.operation)
      try call(index, .request(body, token))
    }
  }

  private func call(_ index: Int, _ event: NodeEvent) throws {
    calls += 1
    callsAtThisInstant += 1
    processes[index].events += 1
    willCall?(index + 1, calls)
    let environment = HandlerEnvironment(
      uptimeMicroseconds: processes[index].uptime(at: now),
      wallMicroseconds: 1_700_000_000_000_000 + now + processes[index].wallOffsetMicroseconds,
      randomSeed: key(4, index, processes[index].events), notesSources: notesSources)
    let statusBefore = processes[index].status
    // Held here meanwhile: a property would be copied whenever a part of it is handed on.
    var result = HandlerResult()
    swap(&result, &emptyResult)
    try boxes[index].perform(event, environment, &result)
    processes[index].status = result.status
    if result.effects.count > Self.stormLimit { callsAtThisInstant = Self.stormLimit + 1 }
    let applied = effectCount(of: result, index)
    let isCutShort = processes[index].armedHandler == -1
    trace.wire.bytes.append(contentsOf: result.claims.bytes)
    nodeInTrace = index
    if !watches.isEmpty {
      let hit = matches(event, result, count: applied, index, statusBefore: statusBefore)
      if !hit.isEmpty {
        stopped.append(
          StoppedHandler(node: index, result: result, end: applied, isCutShort: isCutShort, matches: hit))
        return
      }
    }
    for position in 0..<applied { try handOver(position, of: result, index) }
    for slot in result.slots { messages.releaseIfUnused(slot) }
    result.removeAll()
    swap(&result, &emptyResult)
    if isCutShort { crash(index, isCutShort: true) }
  }

  /// Lets the next effects of a stopped handler take place.
  func applyEffects(of position: Int, upTo count: Int) throws {
    let handler = stopped[position]
    let end = min(handler.end, handler.next + max(0, count))
    guard handler.next < end else { return }
    if nodeInTrace != handler.node {
      trace.append(.continued)
      trace.wire.byte(UInt8(handler.node + 1))
      nodeInTrace = handler.node
    }
    stopped[position].next = end
    for position in handler.next..<end { try handOver(position, of: handler.result, handler.node) }
  }

  /// Lets what remains of the handlers that the judge has heard of take place. True if it has yet to hear of one.
  private func tellNextHit() throws -> Bool {
    while let latest = stopped.indices.last {
      guard stopped[latest].isTold else {
        stopped[latest].isTold = true
        return true
      }
      try applyEffects(of: latest, upTo: stopped[latest].end)
      let handler = stopped.removeLast()
      for slot in handler.result.slots { messages.releaseIfUnused(slot) }
      if handler.isCutShort { crash(handler.node, isCutShort: true) }
      for command in handler.postponed { try perform(command) }
    }
    return false
  }

  /// How many effects take place: all of them, unless a crash between two of them is armed and due.
  private func effectCount(of result: borrowing HandlerResult, _ index: Int) -> Int {
    guard processes[index].armedHandler > 0,
      result.effects.contains(where: { if case .persist = $0 { true } else { false } })
    else { return result.effects.count }
    processes[index].armedHandler -= 1
    guard processes[index].armedHandler == 0 else { return result.effects.count }
    processes[index].armedHandler = -1
    return result.effects.count * processes[index].armedFraction / 1_000_000
  }

  private func handOver(_ position: Int, of result: borrowing HandlerResult, _ index: Int) throws {
    if notesSources, position < result.sources.count { recordSource(result.sources[position]) }
    switch result.effects[position] {
    case .send(let message, let receiver):
      try send(result.slots[Int(message)], from: index, to: Int(receiver))
    case .setTimer(let name, let delay): setTimer(name, delay, index)
    case .cancelTimer(let name):
      processes[index].timers.removeAll { $0.name == name }
      let number = trace.number(of: name)
      trace.append(.timerCancelled)
      trace.wire.unsigned(UInt64(number))
    case .persist(let key, let value):
      processes[index].disk.set(result.values[Int(value)], under: names.text(key))
      let number = trace.number(of: key)
      trace.append(.persisted)
      trace.wire.unsigned(UInt64(number))
    case .reply(let position):
      let (body, token) = result.replies[Int(position)]
      let isAccepted = processes[index].openRequests.remove(token.operation) != nil
      hasReplied = hasReplied || isAccepted
      trace.append(.replied)
      trace.wire.byte(UInt8(index + 1))
      trace.wire.integer(token.client)
      trace.wire.integer(token.operation)
      trace.wire.byte(isAccepted ? 1 : 0)
      trace.wire.raw(body)
    case .output(let position):
      trace.append(.output)
      trace.wire.byte(UInt8(index + 1))
      trace.wire.raw(result.outputs[Int(position)])
    }
  }

  private func recordSource(_ source: EffectSource) {
    let file = trace.number(of: names.number(of: "\(source.file)"))
    trace.append(.source)
    trace.wire.unsigned(UInt64(file))
    trace.wire.integer(source.line)
  }

  /// Puts the event in at which a timer runs out, as its node's clock runs now; one put in before counts no more.
  private func arm(_ position: Int, _ index: Int) {
    nextGeneration &+= 1
    processes[index].timers[position].generation = nextGeneration
    // A clock that runs fast reaches the same reading sooner.
    let rest = processes[index].timers[position].deadline - processes[index].uptime(at: now)
    let real = rest * 1_000_000 / (1_000_000 + processes[index].driftPartsPerMillion)
    queue.push(
      PendingEvent(
        time: now + max(0, real), tie: key(2, index, processes[index].events), kind: .timer,
        node: UInt8(index + 1), from: 0, slot: 0, number: nextGeneration))
  }

  private func setTimer(_ name: Int32, _ delay: Int, _ index: Int) {
    // No timer is longer than eleven days.
    let deadline = processes[index].uptime(at: now) + min(delay, 1_000_000_000_000)
    if let position = processes[index].timers.firstIndex(where: { $0.name == name }) {
      processes[index].timers[position].deadline = deadline
      arm(position, index)
    } else {
      processes[index].timers.append((name, 0, deadline))
      arm(processes[index].timers.count - 1, index)
    }
    let number = trace.number(of: name)
    trace.append(.timerSet)
    trace.wire.unsigned(UInt64(number))
    trace.wire.integer(delay)
  }

  @exclusivity(unchecked) private var nextGeneration: Int32 = 0

  private func send(_ slot: Int32, from index: Int, to receiver: Int) throws {
    guard receiver >= 1, receiver <= boxes.count else { return }
    let link = index * boxes.count + receiver - 1
    linkCounts[link] += 1
    let number = linkCounts[link]
    let profile = isOrdinary(from: index + 1, to: receiver, Int(number)) ? LinkProfile() : links[link]
    let seed = key(1, link, Int(number))
    var stream = RandomStream(seed: seed)
    let fate: SendFate =
      if cuts[link] || stream.chance(partsPerMillion: profile.lossPartsPerMillion) {
        .lost
      } else if stream.chance(partsPerMillion: profile.duplicationPartsPerMillion) {
        .duplicated
      } else {
        .ordinary
      }
    let kind = trace.number(of: messages.kind(slot))
    trace.append(.sent)
    trace.wire.byte(UInt8(receiver))
    trace.wire.unsigned(UInt64(kind))
    trace.wire.byte(fate.rawValue)
    if weighsMessages {
      trace.append(.weighed)
      trace.wire.byte(UInt8(receiver))
      trace.wire.integer(try messages.byteCount(slot))
    }
    let copies = fate == .lost ? 0 : fate == .duplicated ? 2 : 1
    for copy in 0..<copies {
      let delay =
        stream.chance(partsPerMillion: profile.tailPartsPerMillion)
        ? stream.next(
          in: profile.delayMicroseconds
            .upperBound...max(
              profile.tailMicroseconds, profile.delayMicroseconds.upperBound))
        : stream.next(in: profile.delayMicroseconds)
      messages.retain(slot)
      queue.push(
        PendingEvent(
          time: now + delay, tie: Mixing.combine(seed, UInt64(copy)), kind: .message,
          node: UInt8(receiver), from: UInt8(index + 1), slot: slot, number: number))
    }
  }

  /// Whether a message is kept from what its link would do to it.
  private func isOrdinary(from sender: Int, to receiver: Int, _ number: Int) -> Bool {
    guard let extraordinary else { return false }
    let message = LinkMessage(from: sender, to: receiver, number: number)
    var (low, high) = (0, extraordinary.count)
    while low < high {
      let middle = (low + high) / 2
      if extraordinary[middle] < message { low = middle + 1 } else { high = middle }
    }
    return low == extraordinary.count || extraordinary[low] != message
  }

  // MARK: Requests

  private func store(_ body: [UInt8], _ token: Token) -> Int32 {
    if let slot = freeRequests.popLast() {
      requests[Int(slot)] = (body, token)
      return slot
    }
    requests.append((body, token))
    return Int32(requests.count - 1)
  }

  private func takeRequest(_ slot: Int32) -> (body: [UInt8], token: Token)? {
    freeRequests.append(slot)
    return requests[Int(slot)].take()
  }

  private func release(_ event: PendingEvent) {
    switch event.kind {
    case .message: messages.release(event.slot)
    case .request: _ = takeRequest(event.slot)
    case .timer: break
    }
  }
}

extension WorldCommand {
  /// The node that a command is about, if it is about one.
  var node: Int? {
    switch self {
    case .boot(let node), .crash(let node), .pause(let node), .resume(let node): node
    case .crashBetweenEffects(let node, _, _), .setClock(let node, _, _), .request(let node, _, _, _, _): node
    case .watch(_, let watch): watch.node
    case .setLink, .cut, .unwatch, .applyFirst, .weighMessages, .weighDisks, .keepOrdinary, .noteSources,
      .turn:
      nil
    }
  }
}
