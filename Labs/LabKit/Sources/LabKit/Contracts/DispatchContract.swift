/// The contract of stage 3F: a service that hands parcels to a carrier, and what becomes of those that the carrier will not
/// take (Hohpe and Woolf, "Enterprise Integration Patterns", 2003: dead letter channel).

/// A parcel: a record of the topic `parcels`.
public struct Parcel: WireValue, Codable {
  /// The carrier takes one parcel of an id, however often it is handed over. It is the record's value.
  public let id: String
  /// Whose parcel it is: the record's key. The parcels of one customer go out in the order of the log.
  public let customer: String

  public init(id: String, customer: String) {
    self.id = id
    self.customer = customer
  }

  /// The parcel that a record tells of.
  public init(_ record: LogRecord) { self.init(id: record.value, customer: record.key) }

  public static let topic = "parcels"
  /// Where parcels go that the carrier will not take, and those behind them: with the same key and value.
  public static let deadLetters = "parcels.dead"

  public func write(to writer: inout WireWriter) {
    writer.text(id)
    writer.text(customer)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    self.init(id: try reader.text(), customer: try reader.text())
  }
}

extension ConsumerGroup {
  /// What dispatch reads.
  public static let dispatch = ConsumerGroup("dispatch", of: Parcel.topic)
}

/// What an operator asks of dispatch.
public enum DispatchRequest: WireValue {
  /// The carrier will take this customer's parcels now: hand over all that were held back, in their order, and go on as ever.
  case redrive(customer: String)
  /// How many parcels of this customer are held back?
  case heldBack(customer: String)

  public func write(to writer: inout WireWriter) {
    switch self {
    case .redrive(let customer):
      writer.byte(0xC0)
      writer.text(customer)
    case .heldBack(let customer):
      writer.byte(0xC1)
      writer.text(customer)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0xC0: self = .redrive(customer: try reader.text())
    case 0xC1: self = .heldBack(customer: try reader.text())
    default: throw .malformed(what: "an unknown request to dispatch", offset: reader.offset)
    }
  }
}

/// What dispatch answers.
public enum DispatchReply: WireValue {
  /// To a redrive, at once: it will be done, whatever crashes.
  case redriving
  /// By what is on the disk. A customer none of whose parcels was refused for good has none held back.
  case heldBack(Int)

  public func write(to writer: inout WireWriter) {
    switch self {
    case .redriving: writer.byte(0xC8)
    case .heldBack(let count):
      writer.byte(0xC9)
      writer.integer(count)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0xC8: self = .redriving
    case 0xC9: self = .heldBack(try reader.integer())
    default: throw .malformed(what: "an unknown answer of dispatch", offset: reader.offset)
    }
  }
}

/// What dispatch claims about itself. Nothing is judged by it: it is shown in pictures.
public struct DispatchStatus: NodeStatus {
  /// How many parcels it has in hand: taken from the log, and not yet handed over.
  public var inHand: Int
  /// How many are held back.
  public var heldBack: Int

  public init(inHand: Int, heldBack: Int = 0) {
    self.inHand = inHand
    self.heldBack = heldBack
  }

  public static var fieldNames: [String] { ["inHand", "heldBack"] }
  public var fields: SIMD8<Int64> { [Int64(inHand), Int64(heldBack), 0, 0, 0, 0, 0, 0] }
}

/// The dispatch service.
public protocol DispatchNode: Node
where
  Message == ServiceMessage, Request == DispatchRequest, Reply == DispatchReply, Output == NoOutput,
  Status == DispatchStatus
{}

/// What the suite of stage 3F keeps to, and the handout prints.
public enum DispatchBounds {
  /// A parcel that was rejected fewer times than this is handed over again.
  public static let leastAttempts = 3
  /// No parcel is rejected more often than this before it is given up.
  public static let mostAttempts = 8
  /// So many parcels at most are in hand: polled from the log, and not yet taken by the carrier or held back.
  public static let mostInHand = 60
  /// Where nothing fails, a parcel that the carrier takes is handed over so long after it was appended, and one that it will
  /// not take is among the dead letters, whatever becomes of others.
  public static let calmMilliseconds = 8_000
  /// So long after the last fault, all of that has come about.
  public static let settleMilliseconds = 15_000
  /// A request to dispatch is answered within this time.
  public static let answerMilliseconds = 500
}
