/// The contract of stage 3C: two services that live on events, and do nothing twice.

/// Money that moves between a user and the shop.
public struct Transfer: WireValue, Codable {
  /// The provider makes one transfer of an id, however often it is asked.
  public let id: String
  /// The order that it is for.
  public let order: String
  public let user: String
  /// What the user pays; what the user is paid back, if it is below 0.
  public let cents: Int

  public init(id: String, order: String, user: String, cents: Int) {
    self.id = id
    self.order = order
    self.user = user
    self.cents = cents
  }

  public func write(to writer: inout WireWriter) {
    writer.text(id)
    writer.text(order)
    writer.text(user)
    writer.integer(cents)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    self.init(
      id: try reader.text(), order: try reader.text(), user: try reader.text(), cents: try reader.integer())
  }
}

extension ConsumerGroup {
  /// What inventory reads.
  public static let inventory = [OrderEvent.topic, OrderEvent.returnsTopic].map {
    ConsumerGroup("inventory", of: $0)
  }
  /// What payments reads.
  public static let payments = [OrderEvent.topic, OrderEvent.returnsTopic].map {
    ConsumerGroup("payments", of: $0)
  }
}

/// What may be asked of a service that lives on events: what its books come to, by what is on the disk.
public struct TotalsRequest: WireValue {
  public init() {}
  public func write(to writer: inout WireWriter) { writer.byte(0x80) }

  public init(from reader: inout WireReader) throws(WireError) {
    guard try reader.byte() == 0x80 else {
      throw .malformed(what: "an unknown request to a consumer", offset: reader.offset)
    }
  }
}

/// Inventory: how many of each item are set aside for orders. Payments: how many cents each user has paid, less what was
/// paid back. A name whose total is 0 may be left out.
public struct TotalsReply: WireValue {
  public let totals: [String: Int]

  public init(_ totals: [String: Int]) { self.totals = totals }

  public func write(to writer: inout WireWriter) {
    writer.byte(0x88)
    writer.unsigned(UInt64(totals.count))
    for (name, total) in totals.sorted(by: { $0.key < $1.key }) {
      writer.text(name)
      writer.integer(total)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    guard try reader.byte() == 0x88 else {
      throw .malformed(what: "an unknown answer of a consumer", offset: reader.offset)
    }
    var totals: [String: Int] = [:]
    for _ in 0..<(try reader.count()) {
      let name = try reader.text()
      totals[name] = try reader.integer()
    }
    self.init(totals)
  }
}

/// What a service that lives on events claims about itself. Nothing is judged by it: it is shown in pictures.
public struct ConsumerStatus: NodeStatus {
  /// How many orders it knows of.
  public var orders: Int
  /// How many effects wait to be acknowledged by others.
  public var waiting: Int
  /// How many partitions it reads.
  public var partitions: Int

  public init(orders: Int, waiting: Int = 0, partitions: Int = 0) {
    self.orders = orders
    self.waiting = waiting
    self.partitions = partitions
  }

  public static var fieldNames: [String] { ["orders", "waiting", "partitions"] }
  public var fields: SIMD8<Int64> { [Int64(orders), Int64(waiting), Int64(partitions), 0, 0, 0, 0, 0] }
}

/// A service that lives on events.
public protocol ConsumerNode: Node
where
  Message == ServiceMessage, Request == TotalsRequest, Reply == TotalsReply, Output == NoOutput,
  Status == ConsumerStatus
{}

/// What the suite of stage 3C keeps to, and the handout prints.
public enum ConsumerBounds {
  /// Where there was no fault, each event has had its effect, and is committed, so long after it was appended.
  public static let calmMilliseconds = 2_000
  /// So long after the last fault, all events have had their effects and are committed.
  public static let settleMilliseconds = 15_000
  /// A question for the totals is answered within this time.
  public static let answerMilliseconds = 500
}
