/// Where events are kept for good: a node that the course provides in stage 3E. What it has acknowledged is on its disk. It
/// tells whoever watches what is written to it, and what is read of it.
struct EventStore: Node {
  typealias Message = ServiceMessage
  typealias Request = EventStoreRequest
  typealias Reply = Arranged
  typealias Output = EventStoreNews
  typealias Status = EventStoreStatus

  /// So many events lie under one key of the disk.
  private static let block = 64

  /// By position: the first has position 1.
  private var events: [StoredEvent] = []
  /// The places in `events` of each account's events, by version.
  private var places: [String: [Int]] = [:]

  init(id: NodeID, members: [NodeID]) {}

  var status: EventStoreStatus { EventStoreStatus(events: events.count) }

  mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    var block = 0
    while let kept = disk.value([StoredEvent].self, under: "events \(block)") {
      for event in kept { add(event.record, to: event.account) }
      block += 1
    }
  }

  mutating func receive(_ message: ServiceMessage, from sender: NodeID, _ context: inout Context<Self>) {
    guard case .askStore(let question, let call) = message else { return }
    context.send(.storeAnswer(answer(question, of: sender, &context), call: call), to: sender)
  }

  mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {}

  mutating func handle(_ request: EventStoreRequest, replyTo token: Token, _ context: inout Context<Self>) {
    for event in request.events { write(event.record, to: event.account, &context) }
    context.reply(Arranged(), to: token)
  }

  // MARK: Answers

  private mutating func answer(
    _ question: StoreQuestion, of sender: NodeID, _ context: inout Context<Self>
  ) -> StoreAnswer {
    switch question {
    case .append(let account, let expected, let record):
      let version = places[account]?.count ?? 0
      guard expected ?? version == version else { return .conflict(version: version) }
      let event = write(record, to: account, &context)
      context.output(.appended(event, by: sender))
      return .appended(event)
    case .read(let account, let version):
      // Before the first event there is nothing, however far before.
      let version = max(0, version)
      let page = (places[account] ?? []).dropFirst(version).prefix(StoreQuestion.pageSize)
        .map { events[$0] }
      if !page.isEmpty { context.output(.read(account, afterVersion: version, page.count, by: sender)) }
      return .events(page)
    case .readAll(let position):
      let position = max(0, position)
      let page = Array(events.dropFirst(position).prefix(StoreQuestion.pageSize))
      if !page.isEmpty { context.output(.readAll(afterPosition: position, page.count, by: sender)) }
      return .events(page)
    }
  }

  @discardableResult
  private mutating func write(
    _ record: EventRecord, to account: String, _ context: inout Context<Self>
  ) -> StoredEvent {
    let event = add(record, to: account)
    let block = (events.count - 1) / Self.block
    context.persist(Array(events[(block * Self.block)...]), under: "events \(block)")
    return event
  }

  @discardableResult
  private mutating func add(_ record: EventRecord, to account: String) -> StoredEvent {
    places[account, default: []].append(events.count)
    events.append(
      StoredEvent(
        account: account, version: places[account]?.count ?? 1, position: events.count + 1, record: record))
    return events[events.count - 1]
  }
}

/// What the judge arranges with the store: it holds these events, too. The store gives them versions and positions.
public struct EventStoreRequest: WireValue {
  public struct Entry: Hashable, Sendable {
    public let account: String
    public let record: EventRecord

    public init(account: String, record: EventRecord) {
      self.account = account
      self.record = record
    }
  }

  public let events: [Entry]

  public init(events: [Entry]) { self.events = events }

  public func write(to writer: inout WireWriter) {
    writer.byte(0xE8)
    writer.unsigned(UInt64(events.count))
    for event in events {
      writer.text(event.account)
      event.record.write(to: &writer)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    guard try reader.byte() == 0xE8 else {
      throw .malformed(what: "an unknown request to a store", offset: reader.offset)
    }
    var events: [Entry] = []
    for _ in 0..<(try reader.count()) {
      events.append(Entry(account: try reader.text(), record: try EventRecord(from: &reader)))
    }
    self.init(events: events)
  }
}

/// What the store tells whoever watches. Reads that find nothing are not told of.
public enum EventStoreNews: WireValue, CustomStringConvertible {
  case appended(StoredEvent, by: NodeID)
  /// So many events of an account went to a node.
  case read(String, afterVersion: Int, Int, by: NodeID)
  /// So many events of all accounts went to a node.
  case readAll(afterPosition: Int, Int, by: NodeID)

  public var description: String {
    switch self {
    case .appended(let event, let node): "\(event), by \(node)"
    case .read(let account, let version, let count, let node):
      "\(node) reads \(account)/\(version + 1) to \(version + count)"
    case .readAll(let position, let count, let node):
      "\(node) reads all from \(position + 1) to \(position + count)"
    }
  }

  public func write(to writer: inout WireWriter) {
    switch self {
    case .appended(let event, let node):
      writer.byte(0xE9)
      event.write(to: &writer)
      writer.integer(node.number)
    case .read(let account, let version, let count, let node):
      writer.byte(0xEA)
      writer.text(account)
      for number in [version, count, node.number] { writer.integer(number) }
    case .readAll(let position, let count, let node):
      writer.byte(0xEB)
      for number in [position, count, node.number] { writer.integer(number) }
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0xE9: self = .appended(try StoredEvent(from: &reader), by: NodeID(try reader.integer()))
    case 0xEA:
      self = .read(
        try reader.text(), afterVersion: try reader.integer(), try reader.integer(),
        by: NodeID(try reader.integer()))
    case 0xEB:
      self = .readAll(
        afterPosition: try reader.integer(), try reader.integer(), by: NodeID(try reader.integer()))
    default: throw .malformed(what: "an unknown announcement of a store", offset: reader.offset)
    }
  }
}

/// What the event store claims about itself: it is shown in pictures.
public struct EventStoreStatus: NodeStatus {
  public var events: Int

  public static var fieldNames: [String] { ["events"] }
  public var fields: SIMD8<Int64> { [Int64(events), 0, 0, 0, 0, 0, 0, 0] }
}
