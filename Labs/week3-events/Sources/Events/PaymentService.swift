import LabKit

/// Lets users pay for what they order, and pays them back when the order is cancelled or comes back: once, however often it
/// is told. Stage 3C.
///
/// It reads the topics of `ConsumerGroup.payments` from `.log`. Money is moved by `.provider`. Both are nodes that the course
/// provides.
public struct PaymentService: ConsumerNode {
  private var consumer: EventConsumer

  public init(id: NodeID, members: [NodeID]) {
    consumer = EventConsumer(ConsumerGroup.payments, member: "\(id)")
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
    switch message {
    case .answer(let reply, let call):
      guard let batch = consumer.receive(reply, call: call, &context) else { return }
      take(batch, &context)
    case .transferred(let id): receiveTransferred(id, &context)
    default: return
    }
  }

  /// Events, for the first time or again: `OrderEvent(record)` reads one.
  mutating func take(_ batch: EventConsumer.Batch, _ context: inout Context<Self>) {
    notImplemented()
  }

  /// The provider has made a transfer, now or before.
  mutating func receiveTransferred(_ id: String, _ context: inout Context<Self>) {
    notImplemented()
  }

  /// How many cents has each user paid, less what was paid back?
  public mutating func handle(
    _ request: TotalsRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    notImplemented()
  }
}
