import LabKit

/// An order service that loses no event. Stage 3B.
///
/// It asks `.catalogue` what things cost, keeps its orders on its own disk, and tells `.log` of every change. Both are nodes
/// that the course provides, and answer by message.
public struct OrderService: OrderNode {
  public init(id: NodeID, members: [NodeID]) {}

  /// It is shown in pictures, and nothing is judged by it.
  public var status: OrderStatus { OrderStatus(orders: 0) }

  // MARK: Events

  /// The process has started: what was persisted is on `disk`.
  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    notImplemented()
  }

  public mutating func handle(
    _ request: OrderRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    switch request {
    case .place(let user, let key, let order):
      place(order, for: user, key: key, replyTo: token, &context)
    case .cancel(let id): cancel(id, replyTo: token, &context)
    case .orders: listOrders(replyTo: token, &context)
    }
  }

  public mutating func receive(
    _ message: ServiceMessage, from sender: NodeID, _ context: inout Context<Self>
  ) {
    switch message {
    case .price(let cents, let call): receivePrice(cents, call: call, &context)
    case .answer(let reply, let call): receiveAnswer(reply, call: call, &context)
    default: return
    }
  }

  /// A timer has run out. One that is set again while it runs is moved.
  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    notImplemented()
  }

  // MARK: What clients ask

  /// A user wants to buy something, for the first time or again. Ask the catalogue for the price; the order is placed when
  /// it is known, and answered when it is on the disk.
  mutating func place(
    _ order: Order, for user: String, key: String, replyTo token: Token, _ context: inout Context<Self>
  ) {
    notImplemented()
  }

  /// A user wants an order no more.
  mutating func cancel(_ id: String, replyTo token: Token, _ context: inout Context<Self>) {
    notImplemented()
  }

  /// All orders that were placed.
  func listOrders(replyTo token: Token, _ context: inout Context<Self>) {
    notImplemented()
  }

  // MARK: What other nodes say

  /// The catalogue says what one costs.
  mutating func receivePrice(_ cents: Int, call: Int, _ context: inout Context<Self>) {
    notImplemented()
  }

  /// The log answers what it was asked.
  mutating func receiveAnswer(_ reply: LogReply, call: Int, _ context: inout Context<Self>) {
    notImplemented()
  }
}
