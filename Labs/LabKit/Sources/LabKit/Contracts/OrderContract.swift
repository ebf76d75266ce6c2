/// The contract of stage 3B: an order service that loses no event.

/// What somebody wants to buy.
public struct Order: WireValue, Codable {
  public let item: String
  public let quantity: Int

  public init(item: String, quantity: Int) {
    self.item = item
    self.quantity = quantity
  }

  public func write(to writer: inout WireWriter) {
    writer.text(item)
    writer.integer(quantity)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    self.init(item: try reader.text(), quantity: try reader.integer())
  }
}

/// An order that was placed.
public struct PlacedOrder: WireValue, Codable {
  /// Unlike that of any other order.
  public let id: String
  public let user: String
  /// The idempotency key under which the user placed it.
  public let key: String
  public let order: Order
  /// What it costs: the quantity times the catalogue's price.
  public let cents: Int
  public var isCancelled = false

  public init(id: String, user: String, key: String, order: Order, cents: Int) {
    self.id = id
    self.user = user
    self.key = key
    self.order = order
    self.cents = cents
  }

  public func write(to writer: inout WireWriter) {
    writer.text(id)
    writer.text(user)
    writer.text(key)
    order.write(to: &writer)
    writer.integer(cents)
    writer.byte(isCancelled ? 1 : 0)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    self.init(
      id: try reader.text(), user: try reader.text(), key: try reader.text(),
      order: try Order(from: &reader), cents: try reader.integer())
    isCancelled = try reader.byte() != 0
  }
}

/// What others learn of an order: a record of the topic `orders`, with the order's id as its key.
public enum OrderEvent: Hashable, Sendable {
  case placed(PlacedOrder)
  case cancelled(id: String)
  /// What was ordered has come back. A returns desk tells of it, in the topic `returns` (3C).
  case returned(id: String)

  public static let topic = "orders"
  public static let returnsTopic = "returns"

  /// The record's key.
  public var key: String {
    switch self {
    case .placed(let order): order.id
    case .cancelled(let id), .returned(let id): id
    }
  }

  /// The record's value.
  public var value: String {
    switch self {
    case .placed(let placed):
      "placed \(placed.id): \(placed.order.quantity) \(placed.order.item) for \(placed.user), \(placed.cents) cents"
    case .cancelled(let id): "cancelled \(id)"
    case .returned(let id): "returned \(id)"
    }
  }

  /// The event that a record tells of; nil if it is none of these. What was placed comes without its idempotency key, which
  /// is nobody's business but the user's.
  public init?(_ record: LogRecord) {
    switch record.value {
    case "cancelled \(record.key)": self = .cancelled(id: record.key)
    case "returned \(record.key)": self = .returned(id: record.key)
    case let value where value.hasPrefix("placed \(record.key): "):
      // "placed o7: 2 book for ana, 1800 cents"
      let words = value.dropFirst("placed \(record.key): ".count).split(separator: " ")
      guard words.count == 6, words[2] == "for", words[5] == "cents", words[3].hasSuffix(","),
        let quantity = Int(words[0]), let cents = Int(words[4])
      else { return nil }
      self = .placed(
        PlacedOrder(
          id: record.key, user: String(words[3].dropLast()), key: "",
          order: Order(item: String(words[1]), quantity: quantity), cents: cents))
    default: return nil
    }
  }
}

/// What clients ask of the order service.
public enum OrderRequest: WireValue {
  /// Places an order. Who gets no answer asks again, with the same key: that is the same order. The key is the user's own;
  /// another user may have one that reads alike.
  case place(user: String, key: String, Order)
  /// Cancels an order, once and for all.
  case cancel(id: String)
  /// All orders that were placed, by what is on the disk.
  case orders

  public func write(to writer: inout WireWriter) {
    switch self {
    case .place(let user, let key, let order):
      writer.byte(0x70)
      writer.text(user)
      writer.text(key)
      order.write(to: &writer)
    case .cancel(let id):
      writer.byte(0x71)
      writer.text(id)
    case .orders: writer.byte(0x72)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0x70: self = .place(user: try reader.text(), key: try reader.text(), try Order(from: &reader))
    case 0x71: self = .cancel(id: try reader.text())
    case 0x72: self = .orders
    default: throw .malformed(what: "an unknown request to an order service", offset: reader.offset)
    }
  }
}

/// What the order service answers.
public enum OrderReply: WireValue {
  /// To a place: the order is on disk.
  case placed(id: String, cents: Int)
  /// To a place: the user's key stands for another order. Nothing is placed.
  case conflict
  /// To a cancel: the order is cancelled, now or before.
  case cancelled
  /// To a cancel.
  case noSuchOrder
  case orders([PlacedOrder])

  public func write(to writer: inout WireWriter) {
    switch self {
    case .placed(let id, let cents):
      writer.byte(0x78)
      writer.text(id)
      writer.integer(cents)
    case .conflict: writer.byte(0x79)
    case .cancelled: writer.byte(0x7A)
    case .noSuchOrder: writer.byte(0x7B)
    case .orders(let orders):
      writer.byte(0x7C)
      writer.unsigned(UInt64(orders.count))
      for order in orders { order.write(to: &writer) }
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0x78: self = .placed(id: try reader.text(), cents: try reader.integer())
    case 0x79: self = .conflict
    case 0x7A: self = .cancelled
    case 0x7B: self = .noSuchOrder
    case 0x7C:
      var orders: [PlacedOrder] = []
      for _ in 0..<(try reader.count()) { orders.append(try PlacedOrder(from: &reader)) }
      self = .orders(orders)
    default: throw .malformed(what: "an unknown answer of an order service", offset: reader.offset)
    }
  }
}

/// What the order service claims about itself. Nothing is judged by it: it is shown in pictures.
public struct OrderStatus: NodeStatus {
  public var orders: Int
  /// How many events wait to be published.
  public var unpublished: Int
  /// How many requests it is at work on.
  public var open: Int

  public init(orders: Int, unpublished: Int = 0, open: Int = 0) {
    self.orders = orders
    self.unpublished = unpublished
    self.open = open
  }

  public static var fieldNames: [String] { ["orders", "unpublished", "open"] }
  public var fields: SIMD8<Int64> { [Int64(orders), Int64(unpublished), Int64(open), 0, 0, 0, 0, 0] }
}

/// The order service.
public protocol OrderNode: Node
where
  Message == ServiceMessage, Request == OrderRequest, Reply == OrderReply, Output == NoOutput,
  Status == OrderStatus
{}

/// What the suite of stage 3B keeps to, and the handout prints.
public enum OrderBounds {
  /// Where service and catalogue reach each other, a request is answered within this time, whatever became of the log.
  public static let answerMilliseconds = 1_500
  /// Where there was no fault, every event is in the log so long after its change (3B.calm).
  public static let calmPublishMilliseconds = 2_000
  /// So long after the last fault, every event is in the log.
  public static let publishMilliseconds = 15_000
}
