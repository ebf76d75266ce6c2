import LabKit

/// Sets aside what was ordered, once an order. Stage 3C.
public struct InventoryService: ConsumerNode {
  static let tickInterval = Duration.milliseconds(100)

  private var stock = ReservedStock()
  private var consumer: EventConsumer

  public init(id: NodeID, members: [NodeID]) {
    consumer = EventConsumer(ConsumerGroup.inventory, member: "\(id)")
  }

  public var status: ConsumerStatus {
    ConsumerStatus(orders: stock.orderCount, partitions: consumer.partitionCount)
  }

  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    stock = disk.value(ReservedStock.self, under: "stock") ?? ReservedStock()
    consumer.start(&context)
    context.setTimer(.tick, after: Self.tickInterval)
  }

  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    consumer.tick(&context)
    context.setTimer(.tick, after: Self.tickInterval)
  }

  public mutating func receive(
    _ message: ServiceMessage, from sender: NodeID, _ context: inout Context<Self>
  ) {
    guard case .answer(let reply, let call) = message,
      let batch = consumer.receive(reply, call: call, &context)
    else { return }
    for event in batch.records.compactMap(OrderEvent.init) { stock.take(event) }
    context.persist(stock, under: "stock")
    consumer.finish(batch, &context)
  }

  public mutating func handle(
    _ request: TotalsRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    context.reply(TotalsReply(stock.totals), to: token)
  }
}

/// What is set aside, by order. What is known of an order is also what tells an event that comes again (Helland, "Life beyond
/// Distributed Transactions", CIDR 2007, section 4).
struct ReservedStock: Hashable, Codable {
  private struct Known: Hashable, Codable {
    /// Nil if the end of the order came before the order.
    var order: Order?
    var isOver = false
  }

  private var known: [String: Known] = [:]

  var orderCount: Int { known.count }

  /// How many of each item are set aside.
  var totals: [String: Int] {
    known.values.reduce(into: [:]) { totals, known in
      guard !known.isOver, let order = known.order else { return }
      totals[order.item, default: 0] += order.quantity
    }
  }

  /// Takes an event, for the first time or again.
  mutating func take(_ event: OrderEvent) {
    switch event {
    case .placed(let placed): known[placed.id, default: Known()].order = placed.order
    case .cancelled(let id), .returned(let id): known[id, default: Known()].isOver = true
    }
  }
}
