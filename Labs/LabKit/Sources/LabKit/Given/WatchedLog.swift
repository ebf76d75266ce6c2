/// The log of stage 3F: the same log as in the other stages, which also tells whoever watches how far it was read.
struct WatchedLog: Node {
  typealias Message = ServiceMessage
  typealias Request = LogRequest
  typealias Reply = LogReply
  typealias Output = LogRead
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
    if case (.poll(let partition, _, _), .records(let records, let next)) = (request, reply), !records.isEmpty
    {
      context.output(LogRead(partition, next: next))
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

/// How far a service has read a partition, told by the log.
public struct LogRead: WireValue, CustomStringConvertible {
  public let partition: Partition
  /// The offset behind the last record that was read.
  public let next: Int

  public init(_ partition: Partition, next: Int) {
    self.partition = partition
    self.next = next
  }

  public var description: String { "\(partition) is read up to \(next)" }

  public func write(to writer: inout WireWriter) {
    writer.byte(0xE0)
    partition.write(to: &writer)
    writer.integer(next)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    guard try reader.byte() == 0xE0 else {
      throw .malformed(what: "an unknown announcement of a log", offset: reader.offset)
    }
    self.init(try Partition(from: &reader), next: try reader.integer())
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
