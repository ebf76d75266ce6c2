/// The contract of stage 3A, and of the log that the other stages of week 3 are given: a partitioned log with groups of
/// consumers (Kreps, Narkhede and Rao, "Kafka", NetDB 2011).

/// One of the parts of a topic: `orders/2`. Records have an order within a partition, and none between partitions.
public struct Partition: WireValue, Codable, Comparable, CustomStringConvertible {
  public let topic: String
  /// Counted from 0.
  public let number: Int

  public init(_ topic: String, _ number: Int) {
    self.topic = topic
    self.number = number
  }

  public static func < (left: Partition, right: Partition) -> Bool {
    (left.topic, left.number) < (right.topic, right.number)
  }

  public var description: String { "\(topic)/\(number)" }

  public func write(to writer: inout WireWriter) {
    writer.text(topic)
    writer.integer(number)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    self.init(try reader.text(), try reader.integer())
  }
}

/// A record as it lies in its partition.
public struct LogRecord: WireValue, Codable {
  /// Its place. Offsets of a partition rise; they may have gaps, and none is given twice.
  public let offset: Int
  /// Records of one key lie in one partition, in the order in which they were appended.
  public let key: String
  public let value: String

  public init(offset: Int, key: String, value: String) {
    self.offset = offset
    self.key = key
    self.value = value
  }

  public func write(to writer: inout WireWriter) {
    writer.integer(offset)
    writer.text(key)
    writer.text(value)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    self.init(offset: try reader.integer(), key: try reader.text(), value: try reader.text())
  }
}

/// Consumers that share out the partitions of one topic among themselves.
public struct ConsumerGroup: WireValue, Codable, CustomStringConvertible {
  public let name: String
  public let topic: String

  public init(_ name: String, of topic: String) {
    self.name = name
    self.topic = topic
  }

  public var description: String { "\(name) of \(topic)" }

  public func write(to writer: inout WireWriter) {
    writer.text(name)
    writer.text(topic)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    self.init(try reader.text(), of: try reader.text())
  }
}

/// What can be asked of the log. Any of its nodes takes any request.
public enum LogRequest: WireValue, Codable {
  /// Puts a record at the end of the partition that its key belongs to.
  case append(topic: String, key: String, value: String)
  /// The records of a partition from an offset on, so many at most.
  case poll(Partition, from: Int, limit: Int)
  /// I am a member, or still am: which partitions are mine?
  case join(ConsumerGroup, member: String)
  /// I am a member no longer.
  case leave(ConsumerGroup, member: String)
  /// The group has done with all records before these offsets, by number of partition: a member that starts anew goes on
  /// from them. The generation is that in which the member was assigned the partitions.
  case commit(ConsumerGroup, member: String, generation: Int, offsets: [Int: Int])
  /// The offsets that were last committed.
  case committed(ConsumerGroup)
  /// An operator wants only so many of the partition's records to be kept, the last ones. All that a group which has joined has
  /// yet to commit is kept as well.
  case retain(Partition, last: Int)

  public func write(to writer: inout WireWriter) {
    switch self {
    case .append(let topic, let key, let value):
      writer.byte(0x50)
      writer.text(topic)
      writer.text(key)
      writer.text(value)
    case .poll(let partition, let offset, let limit):
      writer.byte(0x51)
      partition.write(to: &writer)
      writer.integer(offset)
      writer.integer(limit)
    case .join(let group, let member):
      writer.byte(0x52)
      group.write(to: &writer)
      writer.text(member)
    case .leave(let group, let member):
      writer.byte(0x53)
      group.write(to: &writer)
      writer.text(member)
    case .commit(let group, let member, let generation, let offsets):
      writer.byte(0x54)
      group.write(to: &writer)
      writer.text(member)
      writer.integer(generation)
      writer.offsets(offsets)
    case .committed(let group):
      writer.byte(0x55)
      group.write(to: &writer)
    case .retain(let partition, let count):
      writer.byte(0x56)
      partition.write(to: &writer)
      writer.integer(count)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0x50: self = .append(topic: try reader.text(), key: try reader.text(), value: try reader.text())
    case 0x51:
      self = .poll(try Partition(from: &reader), from: try reader.integer(), limit: try reader.integer())
    case 0x52: self = .join(try ConsumerGroup(from: &reader), member: try reader.text())
    case 0x53: self = .leave(try ConsumerGroup(from: &reader), member: try reader.text())
    case 0x54:
      self = .commit(
        try ConsumerGroup(from: &reader), member: try reader.text(), generation: try reader.integer(),
        offsets: try reader.offsets())
    case 0x55: self = .committed(try ConsumerGroup(from: &reader))
    case 0x56: self = .retain(try Partition(from: &reader), last: try reader.integer())
    default: throw .malformed(what: "an unknown request to a log", offset: reader.offset)
    }
  }
}

/// What the log answers.
public enum LogReply: WireValue, Codable {
  /// To an append: the record is on disk, at this place.
  case appended(Partition, offset: Int)
  /// To a poll: the records in order, and the offset to go on from.
  case records([LogRecord], next: Int)
  /// To a join: the member's partitions by number, sorted, and the generation of the assignment. Whenever the assignment changes, a
  /// generation ends and the next begins.
  case assigned(generation: Int, partitions: [Int])
  /// To a leave.
  case left
  /// To a commit: it is on disk.
  case committed
  /// To a commit: it is not the member's to make, and changes nothing now. The group's generation is another one, or the
  /// partition another member's. One that was passed on twice may have taken effect the first time.
  case refused(generation: Int)
  /// To `committed`: by number of partition; those without a commit are left out.
  case offsets([Int: Int])
  /// To a retain: the records before this offset are gone.
  case retained(from: Int)
  /// The node that knows does not answer. What was asked may have taken effect, and may do so later.
  case unknown

  public func write(to writer: inout WireWriter) {
    switch self {
    case .appended(let partition, let offset):
      writer.byte(0x60)
      partition.write(to: &writer)
      writer.integer(offset)
    case .records(let records, let next):
      writer.byte(0x61)
      writer.unsigned(UInt64(records.count))
      for record in records { record.write(to: &writer) }
      writer.integer(next)
    case .assigned(let generation, let partitions):
      writer.byte(0x62)
      writer.integer(generation)
      writer.unsigned(UInt64(partitions.count))
      for partition in partitions { writer.integer(partition) }
    case .left: writer.byte(0x63)
    case .committed: writer.byte(0x64)
    case .refused(let generation):
      writer.byte(0x65)
      writer.integer(generation)
    case .offsets(let offsets):
      writer.byte(0x66)
      writer.offsets(offsets)
    case .retained(let offset):
      writer.byte(0x67)
      writer.integer(offset)
    case .unknown: writer.byte(0x68)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0x60: self = .appended(try Partition(from: &reader), offset: try reader.integer())
    case 0x61:
      var records: [LogRecord] = []
      for _ in 0..<(try reader.count()) { records.append(try LogRecord(from: &reader)) }
      self = .records(records, next: try reader.integer())
    case 0x62:
      let generation = try reader.integer()
      var partitions: [Int] = []
      for _ in 0..<(try reader.count()) { partitions.append(try reader.integer()) }
      self = .assigned(generation: generation, partitions: partitions)
    case 0x63: self = .left
    case 0x64: self = .committed
    case 0x65: self = .refused(generation: try reader.integer())
    case 0x66: self = .offsets(try reader.offsets())
    case 0x67: self = .retained(from: try reader.integer())
    case 0x68: self = .unknown
    default: throw .malformed(what: "an unknown answer of a log", offset: reader.offset)
    }
  }
}

extension WireWriter {
  fileprivate mutating func offsets(_ offsets: [Int: Int]) {
    unsigned(UInt64(offsets.count))
    for (partition, offset) in offsets.sorted(by: { $0.key < $1.key }) {
      integer(partition)
      integer(offset)
    }
  }
}

extension WireReader {
  fileprivate mutating func offsets() throws(WireError) -> [Int: Int] {
    var offsets: [Int: Int] = [:]
    for _ in 0..<(try count()) {
      let partition = try integer()
      offsets[partition] = try integer()
    }
    return offsets
  }
}

/// What a node of the log claims about itself. Nothing is judged by it: it is shown in pictures.
public struct LogStatus: NodeStatus {
  /// How many records the node holds.
  public var records: Int
  /// How many requests it is at work on.
  public var open: Int
  /// The highest generation of a group that the node looks after.
  public var generation: Int

  public init(records: Int, open: Int = 0, generation: Int = 0) {
    self.records = records
    self.open = open
    self.generation = generation
  }

  public static var fieldNames: [String] { ["records", "open", "generation"] }
  public var fields: SIMD8<Int64> { [Int64(records), Int64(open), Int64(generation), 0, 0, 0, 0, 0] }
}

/// A node of the log.
public protocol LogNode: Node
where Request == LogRequest, Reply == LogReply, Output == NoOutput, Status == LogStatus {}

/// What the suites of week 3 keep to about the log, and the handouts print.
public enum LogBounds {
  /// How many partitions a topic has.
  public static let partitions = 4
  /// A request to a node that does not crash is answered within this time, if only by `unknown`.
  public static let answerMilliseconds = 3_000
  /// Where the node that knows is in reach, within this time and by what was asked for.
  public static let successMilliseconds = 1_500
  /// Where nothing is down, nodes that agree on who keeps a key have an append answered within this time (3A.place).
  public static let placingMilliseconds = 100
  /// A member that joins again within this time stays one. Where the node that looks after its group has crashed, the time
  /// begins when that is back.
  public static let sessionMilliseconds = 1_000
  /// A member that has not for this time is none.
  public static let expiryMilliseconds = 2_000
}
