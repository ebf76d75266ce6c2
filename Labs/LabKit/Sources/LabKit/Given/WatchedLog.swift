/// The log of stage 3F: the same log as in the other stages, which also tells whoever watches how far it was
/// read, and what services append to it.
struct WatchedLog: Node {
  typealias Message = ServiceMessage
  typealias Request = LogRequest
  typealias Reply = LogReply
  typealias Output = LogNews
  typealias Status = WatchedLogStatus

  private var log: EventLog

  init(id: NodeID, members: [NodeID]) { log = EventLog(id: id, members: members) }

  var status: WatchedLogStatus {
    WatchedLogStatus(records: log.status.records, lag: log.lag, generation: log.status.generation)
  }

  mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    _ = context.run(&log, translating: { $0 }) { log, context in log.start(from: disk, &context) }
  }

  mutating func receive(_ message: ServiceMessage, from sender: NodeID, _ context: inout Context<Self>) {
    guard case .ask(let request, let call) = message else { return }
    let reply = answer(request, &context)
    switch (request, reply) {
    case (.poll(let partition, _, _), .records(let records, let next)) where !records.isEmpty:
      context.output(.read(partition, next: next))
    case (.append(_, let key, let value), .appended(let partition, let offset)):
      context.output(.appended(LogRecord(offset: offset, key: key, value: value), topic: partition.topic))
    default: break
    }
    context.send(.answer(reply, call: call), to: sender)
  }

  mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {}

  mutating func handle(_ request: LogRequest, replyTo token: Token, _ context: inout Context<Self>) {
    let reply = answer(request, &context)
    context.reply(reply, to: token)
  }

  private mutating func answer(_ request: LogRequest, _ context: inout Context<Self>) -> LogReply {
    var reply = LogReply.unknown
    _ = context.run(&log, translating: { $0 }) { log, context in reply = log.answer(request, &context) }
    return reply
  }
}

/// What the log tells whoever watches.
public enum LogNews: WireValue, CustomStringConvertible {
  /// A service has read a partition up to this offset.
  case read(Partition, next: Int)
  /// A service has appended a record.
  case appended(LogRecord, topic: String)

  public var description: String {
    switch self {
    case .read(let partition, let next): "\(partition) is read up to \(next)"
    case .appended(let record, let topic): "\(record.value) is in \(topic)"
    }
  }

  public func write(to writer: inout WireWriter) {
    switch self {
    case .read(let partition, let next):
      writer.byte(0xE0)
      partition.write(to: &writer)
      writer.integer(next)
    case .appended(let record, let topic):
      writer.byte(0xE1)
      record.write(to: &writer)
      writer.text(topic)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0xE0: self = .read(try Partition(from: &reader), next: try reader.integer())
    case 0xE1: self = .appended(try LogRecord(from: &reader), topic: try reader.text())
    default: throw .malformed(what: "an unknown announcement of a log", offset: reader.offset)
    }
  }
}

/// What the log of stage 3F claims about itself: it is shown in pictures.
public struct WatchedLogStatus: NodeStatus {
  public var records: Int
  /// How many records the group that is furthest behind has not committed.
  public var lag: Int
  public var generation: Int

  public static var fieldNames: [String] { ["records", "lag", "generation"] }
  public var fields: SIMD8<Int64> { [Int64(records), Int64(lag), Int64(generation), 0, 0, 0, 0, 0] }
}
