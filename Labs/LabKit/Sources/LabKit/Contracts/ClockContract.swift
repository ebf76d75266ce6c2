/// The contract of stage 2A: clocks that tell which of two events came first.
///
/// An event is a step of a process, a message that it sends, or a message that arrives. A clock gives each event of its
/// process a stamp.

/// A process: a node from one start to its next crash.
///
/// A clock lives in memory, and a crash takes it away. One that began anew under the old name would count events twice, so
/// whoever comes back has a new name.
public struct ProcessID: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
  public let node: NodeID
  /// Counts the node's starts, from 1.
  public let boot: Int

  public init(node: NodeID, boot: Int = 1) {
    self.node = node
    self.boot = boot
  }

  public static func < (left: ProcessID, right: ProcessID) -> Bool {
    (left.node, left.boot) < (right.node, right.boot)
  }

  public var description: String { boot == 1 ? "\(node)" : "\(node)/\(boot)" }
}

/// A Lamport clock (Lamport, 1978): a cause has a smaller time than its effect.
public protocol LamportClocking: Hashable, Sendable {
  init()

  /// This process takes a step or sends a message. Returns the event's time, which a message carries.
  mutating func tick() -> Int

  /// A message arrives that was sent at `time`. Returns the arrival's own time.
  mutating func receive(_ time: Int) -> Int
}

/// How one event lies to another.
public enum CausalOrder: UInt8, Hashable, Codable, Sendable {
  /// It may have caused the other.
  case before
  /// The other may have caused it.
  case after
  /// They are one event.
  case equal
  /// Neither may have caused the other.
  case concurrent
}

/// A vector clock (Fidge, 1988; Mattern, 1989): how many events of each process are known. It is its own stamp.
public protocol VectorClocking: Hashable, Codable, Sendable {
  /// A clock that knows of no event.
  init()

  /// `process`, whose clock this is, takes a step or sends a message.
  mutating func tick(at process: ProcessID)

  /// Takes in all that `other` knows. This is no event.
  mutating func merge(_ other: Self)

  /// A message with the stamp `other` arrives at `process`, whose clock this is.
  mutating func receive(_ other: Self, at process: ProcessID)

  /// How this stamp lies to another: `a.compared(to: b) == .before` if `a` happened before `b`.
  func compared(to other: Self) -> CausalOrder
}

/// A stamp of a hybrid logical clock. Stamps are ordered by their physical part, then by their counter.
public protocol HybridTimestamp: Comparable, Hashable, Codable, Sendable {
  /// The latest reading of any wall clock among the event and its causes: milliseconds since 1970.
  var physical: Int { get }
  /// Tells events of one reading apart; 0 where the reading is new.
  var counter: Int { get }
}

/// A hybrid logical clock (Kulkarni and others, 2014): a Lamport clock that stays close to the wall clock.
///
/// `wall` is the node's wall clock in milliseconds since 1970. It may be wrong, and it may jump.
public protocol HybridClocking: Hashable, Sendable {
  associatedtype Timestamp: HybridTimestamp

  init()

  /// This process takes a step or sends a message. Returns the event's stamp, which a message carries.
  mutating func tick(wall: Int) -> Timestamp

  /// A message arrives that was sent at `timestamp`. Returns the arrival's own stamp.
  mutating func receive(_ timestamp: Timestamp, wall: Int) -> Timestamp
}

/// What the suite of stage 2A keeps to, and the handout prints.
public enum ClockBounds {
  /// How far the wall clocks of the notes' three servers are off.
  public static let serverOffsetsMilliseconds = [0, 767, -667]
  /// Where clocks are synchronised, no two of them are further apart than this.
  public static let synchronisedMilliseconds = 50
  /// How far a wall clock jumps, at most.
  public static let jumpMilliseconds = 5_000
}

// MARK: What a probe is asked, and what it shows

/// What the judge asks of the node that holds a clock.
public enum ClockRequest: WireValue {
  /// Take a step.
  case step
  /// Send a message.
  case send(to: NodeID)
  /// Compare each of these stamps with each.
  case compare([[UInt8]])
  /// Merge two stamps.
  case merge([UInt8], [UInt8])

  public func write(to writer: inout WireWriter) {
    switch self {
    case .step: writer.byte(0x20)
    case .send(let receiver):
      writer.byte(0x21)
      writer.integer(receiver.number)
    case .compare(let stamps):
      writer.byte(0x22)
      writer.unsigned(UInt64(stamps.count))
      for stamp in stamps { writer.raw(stamp) }
    case .merge(let first, let second):
      writer.byte(0x23)
      writer.raw(first)
      writer.raw(second)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0x20: self = .step
    case 0x21: self = .send(to: NodeID(try reader.integer()))
    case 0x22:
      var stamps: [[UInt8]] = []
      for _ in 0..<(try reader.count()) { stamps.append(Array(try reader.raw())) }
      self = .compare(stamps)
    case 0x23: self = .merge(Array(try reader.raw()), Array(try reader.raw()))
    default: throw .malformed(what: "an unknown request to a clock", offset: reader.offset)
    }
  }
}

/// What the node that holds a clock answers.
public enum ClockReply: WireValue {
  /// How each stamp lies to each, row by row.
  case orders([CausalOrder])
  /// The merged stamp.
  case merged([UInt8])

  public func write(to writer: inout WireWriter) {
    switch self {
    case .orders(let orders):
      writer.byte(0x24)
      writer.raw(orders.map(\.rawValue))
    case .merged(let stamp):
      writer.byte(0x25)
      writer.raw(stamp)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0x24:
      var orders: [CausalOrder] = []
      for byte in try reader.raw() {
        guard let order = CausalOrder(rawValue: byte) else {
          throw .malformed(what: "an unknown order", offset: reader.offset)
        }
        orders.append(order)
      }
      self = .orders(orders)
    case 0x25: self = .merged(Array(try reader.raw()))
    default: throw .malformed(what: "an unknown answer of a clock", offset: reader.offset)
    }
  }
}

/// An event with the stamp that a clock gave it.
public struct StampedEvent: WireValue {
  public enum Kind: UInt8, Sendable { case step = 0x26, send, arrival }

  public let kind: Kind
  /// What the node's wall clock said then: milliseconds since 1970.
  public let wall: Int
  /// The stamp's numbers, if it is made of a fixed number of them: a Lamport time; physical part and counter.
  public let numbers: [Int]
  /// The stamp in LabKit's codec.
  public let stamp: [UInt8]

  public init(kind: Kind, wall: Int, numbers: [Int], stamp: [UInt8]) {
    self.kind = kind
    self.wall = wall
    self.numbers = numbers
    self.stamp = stamp
  }

  public func write(to writer: inout WireWriter) {
    writer.byte(kind.rawValue)
    writer.integer(wall)
    writer.unsigned(UInt64(numbers.count))
    for number in numbers { writer.integer(number) }
    writer.raw(stamp)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    guard let kind = Kind(rawValue: try reader.byte()) else {
      throw .malformed(what: "an unknown event", offset: reader.offset)
    }
    self.kind = kind
    wall = try reader.integer()
    var numbers: [Int] = []
    for _ in 0..<(try reader.count()) { numbers.append(try reader.integer()) }
    self.numbers = numbers
    stamp = Array(try reader.raw())
  }
}
