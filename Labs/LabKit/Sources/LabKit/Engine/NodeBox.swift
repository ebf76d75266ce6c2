/// What happens to a node.
@usableFromInline enum NodeEvent<Message: NodeMessage> {
  case start(Disk)
  case message(Message, from: NodeID)
  case timer(TimerName)
  case request([UInt8], Token)
}

/// The clocks and the chance of one handler.
@usableFromInline struct HandlerEnvironment {
  @usableFromInline var uptimeMicroseconds: Int
  @usableFromInline var wallMicroseconds: Int
  @usableFromInline var randomSeed: UInt64
}

/// What a handler asked for, and what the node claimed after it.
@usableFromInline struct HandlerResult<Message: NodeMessage> {
  @usableFromInline var effects: [Effect] = []
  @usableFromInline var messages: [Message] = []
  @usableFromInline var outputs: [[UInt8]] = []
  @usableFromInline var replies: [(body: [UInt8], token: Token)] = []
  /// Changes of status and log, as trace records.
  @usableFromInline var claims: [UInt8] = []
}

/// A node whose own type is erased, so that different services can share a world.
@usableFromInline class NodeBox<Message: NodeMessage> {
  /// What the node claimed after its latest handler.
  var status: SIMD8<Int64> { .zero }

  @usableFromInline func perform(_ event: NodeEvent<Message>, _ environment: HandlerEnvironment) throws
    -> HandlerResult<Message>
  { fatalError("a node box without a node") }
}

/// A node in this process.
@usableFromInline final class LocalNodeBox<N: Node>: NodeBox<N.Message> {
  @usableFromInline var node: N
  private let id: NodeID
  private let members: [NodeID]
  private var recorder: ClaimRecorder
  override var status: SIMD8<Int64> { recorder.status }

  @usableFromInline init(id: NodeID, members: [NodeID]) {
    self.id = id
    self.members = members
    node = N(id: id, members: members)
    recorder = ClaimRecorder(node: id.number)
  }

  @usableFromInline override func perform(_ event: NodeEvent<N.Message>, _ environment: HandlerEnvironment)
    throws
    -> HandlerResult<N.Message>
  {
    var context = Context<N>(
      id: id, uptimeMicroseconds: environment.uptimeMicroseconds,
      wallMicroseconds: environment.wallMicroseconds, randomSeed: environment.randomSeed)
    switch event {
    case .start(let disk):
      node = N(id: id, members: members)
      node.start(from: disk, &context)
    case .message(let message, let sender): node.receive(message, from: sender, &context)
    case .timer(let name): node.timerFired(name, &context)
    case .request(let bytes, let token):
      node.handle(try N.Request(wireBytes: bytes), replyTo: token, &context)
    }
    var result = HandlerResult<N.Message>()
    result.claims = recorder.record(
      node, comparesWholeLog: { if case .start = event { true } else { false } }())
    result.outputs = context.outputs.map(\.wireBytes)
    result.replies = context.replies.map { ($0.reply.wireBytes, $0.token) }
    result.messages = context.messages
    result.effects = context.effects.list
    return result
  }
}

/// Turns a node's claims into trace records that hold only what changed.
struct ClaimRecorder {
  private let node: Int
  private(set) var status = SIMD8<Int64>.zero
  private var firstIndex = 1
  private var marks: [EntryMark] = []

  init(node: Int) { self.node = node }

  mutating func record<N: Node>(_ value: N, comparesWholeLog: Bool) -> [UInt8] {
    let fields = value.status.fields
    let held = value.heldEntries
    var writer = WireWriter()
    let roleChanged = fields[0] != status[0]
    if held.lowerBound != firstIndex {
      let dropped = min(max(0, held.lowerBound - firstIndex), marks.count)
      marks.removeFirst(dropped)
      if held.lowerBound < firstIndex { marks = [] }
      firstIndex = held.lowerBound
      recordLog(value, held, comparesWholeLog: true, into: &writer)
    } else if held.upperBound > firstIndex || !marks.isEmpty {
      recordLog(value, held, comparesWholeLog: comparesWholeLog || roleChanged, into: &writer)
    }
    // A changed log is followed by a status, changed or not, so that a judge sees both together.
    if fields != status || !writer.bytes.isEmpty {
      recordStatus(fields, into: &writer)
    }
    return writer.bytes
  }

  private mutating func recordStatus(_ fields: SIMD8<Int64>, into writer: inout WireWriter) {
    var mask: UInt8 = 0
    for field in 0..<8 where fields[field] != status[field] { mask |= 1 << UInt8(field) }
    writer.byte(TraceTag.status.rawValue)
    writer.byte(UInt8(node))
    writer.byte(mask)
    for field in 0..<8 where fields[field] != status[field] { writer.integer(Int(fields[field])) }
    status = fields
  }

  private mutating func recordLog<N: Node>(
    _ value: N, _ held: Range<Int>, comparesWholeLog: Bool, into writer: inout WireWriter
  ) {
    func mark(_ index: Int) -> EntryMark { value.entry(at: index) ?? EntryMark(term: -1, digest: 0) }
    var firstChange = held.upperBound
    let known = firstIndex + marks.count
    var index = held.upperBound - 1
    while index >= held.lowerBound {
      if index < known, marks[index - firstIndex] == mark(index) {
        if !comparesWholeLog { break }
      } else {
        firstChange = index
      }
      index -= 1
    }
    guard firstChange < held.upperBound || known > held.upperBound else { return }
    marks.removeLast(marks.count - min(marks.count, firstChange - firstIndex))
    writer.byte(TraceTag.log.rawValue)
    writer.byte(UInt8(node))
    writer.integer(firstChange)
    writer.unsigned(UInt64(held.upperBound - firstChange))
    for index in firstChange..<held.upperBound {
      let mark = mark(index)
      marks.append(mark)
      writer.integer(mark.term)
      writer.unsigned(mark.digest)
    }
  }
}
