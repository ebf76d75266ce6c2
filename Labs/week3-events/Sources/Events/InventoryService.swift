import LabKit

/// Sets aside what was ordered, and lets it go when the order is cancelled or comes back: once, however often it is told.
/// Stage 3C.
///
/// It reads the topics of `ConsumerGroup.inventory` from `.log`, a node that the course provides.
public struct InventoryService: ConsumerNode {
  private var consumer: EventConsumer

  public init(id: NodeID, members: [NodeID]) {
    consumer = EventConsumer(ConsumerGroup.inventory, member: "\(id)")
  }

  /// It is shown in pictures, and nothing is judged by it.
  public var status: ConsumerStatus { ConsumerStatus(orders: 0) }

  /// The process has started: what was persisted is on `disk`.
  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    notImplemented()
  }

  /// A timer has run out. One that is set again while it runs is moved.
  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    notImplemented()
  }

  public mutating func receive(
    _ message: ServiceMessage, from sender: NodeID, _ context: inout Context<Self>
  ) {
    guard case .answer(let reply, let call) = message,
      let batch = consumer.receive(reply, call: call, &context)
    else { return }
    take(batch, &context)
  }

  /// Events, for the first time or again: `OrderEvent(record)` reads one.
  mutating func take(_ batch: EventConsumer.Batch, _ context: inout Context<Self>) {
    notImplemented()
  }

  /// How many of each item are set aside?
  public mutating func handle(
    _ request: TotalsRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    notImplemented()
  }
}
