import LabKit
import Runner

extension RunPicture {
  /// A message that takes longer than this is shown as delayed: an ordinary link is faster.
  static let ordinaryDelayMicroseconds = RaftBounds.ordinaryDelayMilliseconds.upperBound * 1_000

  /// The picture of a recorded run.
  ///
  /// - Parameter mostEvents: of a longer run, so many events before its end are shown.
  /// - Throws: A `WireError` if the trace is damaged.
  public init(trace: [UInt8], about facts: RunFacts, mostEvents: Int = 12_000) throws {
    let limit = facts.recordCount ?? .max
    var count = 0
    try Self.read(trace, limit: limit) { _, record in if record.isPictured { count += 1 } }
    var artist = Artist(facts, skipping: max(0, count - max(1, mostEvents)))
    try Self.read(trace, limit: limit) { artist.draw($1, at: $0) }
    self = artist.finished()
  }

  /// Reads so many records and those that tell what the last handler did: a property breaks with what a node shows, which
  /// stands before the handler's effects.
  private static func read(
    _ trace: [UInt8], limit: Int, _ body: (_ timeMicroseconds: Int, _ record: TraceRecord) -> Void
  ) throws {
    var records = 0
    var hasEnded = false
    var reader = TraceReader()
    try reader.read(trace) { time, record in
      records += 1
      hasEnded = hasEnded || records > limit && record.endsHandler
      if !hasEnded { body(time, record) }
    }
  }

  /// An empty picture of a run.
  init(_ facts: RunFacts) { self.facts = facts }
}

extension TraceRecord {
  /// Whether a picture has an event for this: it happened to a node, or a handler that was held up goes on.
  var isPictured: Bool {
    if case .continued = self { true } else { isEvent }
  }

  /// Whether what follows is not of the handler before any more.
  fileprivate var endsHandler: Bool {
    if case .faultChanged = self { true } else { isPictured }
  }
}

/// Draws a picture, record by record.
private struct Artist {
  private typealias Event = RunPicture.Event
  private typealias Effect = RunPicture.Effect

  private struct LinkNumber: Hashable {
    let from: Int
    let to: Int
    let number: Int
  }

  /// A message that is under way, and how many of its copies have ended.
  private struct Flight {
    var message: RunPicture.Message
    var copies: Int
    /// Its place in the picture, if it is there yet.
    var place: Int?
  }

  private struct Node {
    var status = SIMD8<Int64>.zero
    var log = ShownLog()
    var hasStatus = false
    var isUp = false
    /// The latest event that ran a handler.
    var handler: Int?
    /// The event at which that handler's effects go on, if it was held up.
    var continued: Int?
    var role: Int?
    /// What the running handler has changed that must outlive a crash.
    var unsaved: [String] = []
    var hasPersisted = false
    /// It leads, and has added to its log. What it sends then is no promise to have saved that.
    var hasLedChange = false
  }

  private var picture: RunPicture
  private var skip: Int
  private var nodes: [Node]
  /// Whose handler the effects that come are of.
  private var current = 0
  private var linkCounts: [[Int]]
  private var flights: [LinkNumber: Flight] = [:]
  private var faults = FaultLedger()
  private var operations = OperationLedger()
  private var now = 0
  /// Where the code asked for the effect that comes next.
  private var source: String?

  init(_ facts: RunFacts, skipping skip: Int) {
    picture = RunPicture(facts)
    picture.eventsLeftOut = skip
    self.skip = skip
    // A trace names nodes by a byte that its reader has checked to be at most 64.
    nodes = Array(repeating: Node(), count: 65)
    linkCounts = Array(repeating: Array(repeating: 0, count: 65), count: 65)
  }

  private var isKept: Bool { skip == 0 }

  // MARK: Records

  mutating func draw(_ record: TraceRecord, at time: Int) {
    now = time
    switch record {
    case .started(let node, let boot):
      nodes[node].isUp = true
      faults.end(.crashed, node: node, at: place)
      begin(.start, node, runsHandler: true) {
        $0.boot = boot
        $0.words = boot == 1 ? "n\(node) starts" : "n\(node) starts again, boot \(boot)"
      }
      // A status that is as it was before is not told again.
      followRole(node, nodes[node].status, nodes[node].status)
    case .delivered(let node, let from, let kind, let number):
      let message = arrive(node, from, kind, number, isReceived: true)
      begin(.receive, node, runsHandler: true) {
        $0.label = Self.label(kind)
        $0.from = from
        $0.linkNumber = number
        $0.message = message
        $0.words = "n\(node) receives \(kind) from n\(from)"
      }
    case .lost(let node, let from, let kind, let number):
      let message = arrive(node, from, kind, number, isReceived: false)
      let why = nodes[node].isUp ? "the link is cut" : "n\(node) is down"
      begin(.lost, node) {
        $0.label = Self.label(kind)
        $0.from = from
        $0.linkNumber = number
        $0.message = message
        $0.words = "\(kind) from n\(from) is lost on its way to n\(node): \(why)"
      }
    case .timerFired(let node, let timer):
      begin(.timer, node, runsHandler: true) {
        $0.label = timer
        $0.words = "n\(node): the timer \(timer) runs out"
      }
    case .requested(let node, let client, let operation):
      let asked = operations.ask(picture.facts, client, operation, isKept ? picture.events.count : nil)
      begin(.request, node, runsHandler: true) {
        $0.label = asked
        $0.client = client
        $0.operation = operation
        $0.words = "client \(client) asks n\(node): \(asked)"
      }
    case .crashed(let node, let isCutShort):
      crash(node, isCutShort: isCutShort)
    case .paused(let node):
      faults.begin(.paused, node: node, words: "n\(node) is paused", at: place)
      begin(.pause, node) { $0.words = "n\(node) is paused" }
    case .resumed(let node):
      faults.end(.paused, node: node, at: place)
      begin(.resume, node) { $0.words = "n\(node) goes on" }
    case .continued(let node):
      let handler = nodes[node].handler
      begin(.continued, node) {
        $0.continues = handler
        $0.words = "n\(node) goes on with what its handler asked for"
      }
      nodes[node].continued = isKept && handler != nil ? picture.events.count - 1 : nil
      current = node
    case .faultChanged(let bytes):
      if let command = try? WorldCommand(wireBytes: bytes) { faults.apply(command, at: place) }
    case .status(let node, let fields): show(node, fields)
    case .log(let node, let first, let marks):
      nodes[node].unsaved.append("log")
      let words = nodes[node].log.change(from: first, marks)
      change(nodes[node].handler) { $0.logChange = words }
    case .sent(let to, let kind, let fate): send(kind, to, SendFate(rawValue: fate) ?? .ordinary)
    case .timerSet(let timer, let delay):
      add(
        Effect(
          kind: .setTimer, words: "set timer \(timer): \(Milliseconds.words(delay, isShort: true))",
          label: timer,
          delayMicroseconds: delay))
    case .timerCancelled(let timer):
      add(Effect(kind: .cancelTimer, words: "cancel timer \(timer)", label: timer))
    case .persisted(let key):
      nodes[current].hasPersisted = true
      add(Effect(kind: .persist, words: "persist \(key)", label: key))
    case .replied(_, _, let operation, let isAccepted, let body): reply(operation, body, isAccepted)
    case .output(_, let body):
      let words =
        (try? RaftOutput(wireBytes: body))?.words ?? StoreWords.output(body)
        ?? ServiceWords.output(body) ?? CallWords.output(body) ?? "something"
      add(Effect(kind: .output, words: "announce " + words, note: missing("announcement")))
    case .source(let file, let line): source = "\(file):\(line)"
    case .weighed, .diskWeighed: break
    }
  }

  /// Where the picture has come to.
  private var place: FaultLedger.Place { FaultLedger.Place(time: now, event: picture.events.count) }

  private mutating func begin(
    _ kind: Event.Kind, _ node: Int, runsHandler: Bool = false, _ describe: (inout Event) -> Void
  ) {
    if runsHandler {
      endHandler(node)
      current = node
      nodes[node].hasLedChange = false
      nodes[node].unsaved = []
      nodes[node].hasPersisted = false
      nodes[node].continued = nil
    }
    guard isKept else {
      skip -= 1
      nodes[node].handler = nil
      return
    }
    if picture.events.isEmpty {
      picture.startMicroseconds = now
      if picture.eventsLeftOut > 0 { picture.nodesAtStart = states }
    }
    var event = Event(
      id: picture.events.count, timeMicroseconds: now, node: node, kind: kind, words: "")
    describe(&event)
    if runsHandler { nodes[node].handler = event.id }
    picture.events.append(event)
  }

  private var states: [RunPicture.NodeState] {
    (1...max(1, picture.facts.nodeCount)).map { node in
      let names = nodes[node].hasStatus ? fieldNames(of: node) : []
      let fields = names.enumerated().map { position, name in
        (name, value(position, nodes[node].status[position]))
      }
      return RunPicture.NodeState(
        node: node, isUp: nodes[node].isUp, status: Dictionary(uniqueKeysWithValues: fields))
    }
  }

  private mutating func endHandler(_ node: Int) {
    guard nodes[node].hasLedChange, !nodes[node].hasPersisted else { return }
    change(nodes[node].handler) { $0.notes.append("The log changed, and the handler persisted nothing.") }
  }

  private mutating func change(_ event: Int?, _ body: (inout Event) -> Void) {
    guard let event, picture.events.indices.contains(event) else { return }
    body(&picture.events[event])
  }

  /// The effects after a record "continued" belong to that event, others to the handler's own.
  private mutating func add(_ effect: Effect) {
    var effect = effect
    effect.source = source
    source = nil
    guard let handler = nodes[current].handler else { return }
    change(nodes[current].continued ?? handler) { $0.effects.append(effect) }
  }

  private mutating func crash(_ node: Int, isCutShort: Bool) {
    nodes[node].isUp = false
    if isCutShort {
      change(nodes[node].handler) {
        $0.notes.append(
          "A crash came between two effects of this handler; what it would have done next is missing.")
      }
    }
    nodes[node].handler = nil
    endRole(node)
    faults.end(.paused, node: node, at: place)
    faults.begin(.crashed, node: node, words: "n\(node) is down", at: place)
    begin(.crash, node) {
      $0.words = "n\(node) crashes\(isCutShort ? ", between two effects of its handler" : "")"
    }
  }

  // MARK: Messages

  /// A message's kind without what it says: "records" of "records (placed o7)".
  private static func label(_ kind: String) -> String {
    kind.firstRange(of: " (").map { String(kind[..<$0.lowerBound]) } ?? kind
  }

  private mutating func send(_ kind: String, _ to: Int, _ fate: SendFate) {
    let from = current
    linkCounts[from][to] += 1
    let copies = fate == .lost ? 0 : fate == .duplicated ? 2 : 1
    var flight = Flight(
      message: RunPicture.Message(
        id: picture.messages.count, from: from, to: to, label: Self.label(kind), number: linkCounts[from][to],
        sentEvent: nodes[from].handler,
        sentMicroseconds: now,
        fate: fate == .lost ? .lost : fate == .duplicated ? .duplicated : .ordinary, inFlight: copies),
      copies: copies)
    let words = "send \(kind) to n\(to)"
    let note = missing("send")
    if flight.message.sentEvent != nil {
      flight.place = picture.messages.count
      picture.messages.append(flight.message)
      let end = fate == .lost ? ", lost" : fate == .duplicated ? ", duplicated" : ""
      add(Effect(kind: .send, words: words + end, label: Self.label(kind), message: flight.place, note: note))
    }
    if copies > 0 { flights[LinkNumber(from: from, to: to, number: linkCounts[from][to])] = flight }
  }

  /// Notes the end of one copy. Returns the message's place in the picture.
  private mutating func arrive(_ node: Int, _ from: Int, _ kind: String, _ number: Int, isReceived: Bool)
    -> Int?
  {
    let key = LinkNumber(from: from, to: node, number: number)
    guard var flight = flights[key] else { return nil }
    flight.copies -= 1
    flights[key] = flight.copies > 0 ? flight : nil
    guard isKept, let place = flight.place else { return nil }
    let event = picture.events.count
    if isReceived {
      picture.messages[place].arrivals.append(event)
    } else {
      picture.messages[place].losses.append(event)
    }
    picture.messages[place].inFlight -= 1
    if now - flight.message.sentMicroseconds > RunPicture.ordinaryDelayMicroseconds {
      picture.messages[place].isDelayed = true
    }
    return place
  }

  private mutating func reply(_ operation: Int, _ body: [UInt8], _ isAccepted: Bool) {
    let answer = operations.answer(
      picture.facts, operation, body, isAccepted: isAccepted, event: nodes[current].handler, at: now)
    let end = isAccepted ? "" : ", which nobody waits for"
    add(Effect(kind: .reply, words: "reply to request \(operation): \(answer)\(end)", note: missing("reply")))
  }

  // MARK: What nodes show

  private mutating func show(_ node: Int, _ fields: SIMD8<Int64>) {
    let before = nodes[node].status
    nodes[node].status = fields
    nodes[node].hasStatus = true
    let names = fieldNames(of: node)
    var changes: [RunPicture.Change] = []
    for (position, name) in names.enumerated() where before[position] != fields[position] {
      changes.append(
        RunPicture.Change(
          field: name, before: value(position, before[position]),
          after: value(position, fields[position])))
      if name == "term" || name == "vote" { nodes[node].unsaved.append(name) }
    }
    // A start shows what came back from the disk: nothing of that waits to be saved.
    if let handler = nodes[node].handler, picture.events[handler].kind == .start {
      nodes[node].unsaved = []
      if picture.events[handler].boot ?? 1 > 1 {
        let lost = changes.filter { ["term", "vote", "last"].contains($0.field) }
        for change in lost {
          self.change(handler) {
            let field = change.field == "last" ? "the last index" : "the \(change.field)"
            $0.notes.append("Before the crash, \(field) was \(change.before); now it is \(change.after).")
          }
        }
      }
    }
    if isRaft, fields[0] == Int64(RaftStatus.Role.leader.rawValue), nodes[node].unsaved.contains("log") {
      nodes[node].unsaved.removeAll { $0 == "log" }
      nodes[node].hasLedChange = true
    }
    change(nodes[node].handler) { $0.changes += changes }
    followRole(node, before, fields)
  }

  /// Whether the nodes show what nodes of Raft do; those of the later weeks show something else.
  private var isRaft: Bool { picture.facts.week == "week1" }

  private func fieldNames(of node: Int) -> [String] {
    switch picture.facts.week {
    case "week1": RaftStatus.fieldNames
    case "week2": StoreStatus.fieldNames
    case "week3": ServiceWords.fieldNames(of: node, in: picture.facts.program)
    default: CallWords.fieldNames(of: node, in: picture.facts.program)
    }
  }

  private func value(_ position: Int, _ value: Int64) -> String {
    guard isRaft else { return "\(value)" }
    return switch RaftStatus.Field(rawValue: position) {
    case .role: RaftStatus.Role(rawValue: Int(value)).map { "\($0)" } ?? "\(value)"
    case .vote, .leader: value == 0 ? "none" : "n\(value)"
    case .members:
      value == 0
        ? "not shown" : (0..<64).filter { value & (1 << $0) != 0 }.map { "n\($0 + 1)" }.joined(separator: " ")
    default: "\(value)"
    }
  }

  private mutating func followRole(_ node: Int, _ before: SIMD8<Int64>, _ fields: SIMD8<Int64>) {
    guard isRaft, isKept || nodes[node].isUp else { return }
    let isSame = nodes[node].role != nil && before[0] == fields[0] && before[1] == fields[1]
    guard !isSame, let role = RunPicture.RoleSpan.Role(fields[0]) else { return }
    endRole(node)
    nodes[node].role = picture.roles.count
    picture.roles.append(
      RunPicture.RoleSpan(
        node: node, role: role, term: Int(fields[1]), startEvent: nodes[node].handler ?? 0))
  }

  private mutating func endRole(_ node: Int) {
    guard let role = nodes[node].role else { return }
    picture.roles[role].endEvent = nodes[node].handler ?? picture.events.count
    nodes[node].role = nil
  }

  /// A note where something leaves the node before what it rests on is on the disk.
  private func missing(_ what: String) -> String? {
    let node = nodes[current]
    guard !node.hasPersisted, !node.unsaved.isEmpty else { return nil }
    let changed = ["term", "vote", "log"].filter(node.unsaved.contains)
    let names =
      changed.count > 1
      ? changed.dropLast().joined(separator: ", ") + " and " + changed[changed.count - 1] : changed[0]
    return "nothing persisted before this \(what), though \(names) changed"
  }

  // MARK: The end

  func finished() -> RunPicture {
    var picture = picture
    picture.endMicroseconds = max(now, picture.startMicroseconds)
    picture.faults = faults.spans(upTo: picture.events.count)
    picture.roles.removeAll { $0.endEvent == $0.startEvent && $0.endEvent != nil }
    picture.operations = operations.operations
    picture.findViolation()
    picture.findCauses()
    return picture
  }
}

extension RunPicture.RoleSpan.Role {
  fileprivate init?(_ value: Int64) {
    switch RaftStatus.Role(rawValue: Int(value)) {
    case .follower: self = .follower
    case .candidate: self = .candidate
    case .leader: self = .leader
    case nil: return nil
    }
  }
}

extension RaftOutput {
  fileprivate var words: String {
    switch self {
    case .applied(let index, let term, let command):
      "entry \(index) of term \(term) applied: \(command.map { ShownLog.name(of: $0.id) } ?? "no command")"
    case .restored(let index, let snapshot): "snapshot up to \(index) restored, \(snapshot.count) bytes"
    }
  }
}
