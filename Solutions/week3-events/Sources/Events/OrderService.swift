import LabKit

extension TimerName {
  /// Time to send the first event of the outbox again.
  static let relay: TimerName = "relay"
}

/// An order service with an outbox: a change is written to the disk together with its event, and a relay sends the events to
/// the log, one after the other, until it has acknowledged them (Kleppmann, "Designing Data-Intensive Applications",
/// chapter 11; Richardson, "Microservices Patterns", 3.3.7).
public struct OrderService: OrderNode {
  static let retryInterval = Duration.milliseconds(150)

  private var ledger = OrderLedger()

  // What a crash may take.
  /// Orders that wait for their price, by the number of the call to the catalogue.
  private var quotes: [Int: Quote] = [:]
  private var nextCall = 0

  struct Quote: Hashable {
    let name: OrderLedger.Name
    let order: Order
    /// All who have asked for this order.
    var tokens: [Token]
  }

  public init(id: NodeID, members: [NodeID]) {}

  public var status: OrderStatus {
    OrderStatus(orders: ledger.orders.count, unpublished: ledger.outbox.count, open: quotes.count)
  }

  // MARK: Events

  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    ledger = disk.value(under: "ledger") ?? OrderLedger()
    // A price that an earlier life asked for must fit nothing that this one asks.
    nextCall = context.random(in: 1...1 << 40)
    relay(&context)
  }

  public mutating func handle(
    _ request: OrderRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    switch request {
    case .place(let user, let key, let order):
      place(order, as: OrderLedger.Name(user: user, key: key), for: token, &context)
    case .cancel(let id):
      guard let order = ledger.orders[id] else { return context.reply(.noSuchOrder, to: token) }
      if !order.isCancelled { change(&context) { $0.cancel(id) } }
      context.reply(.cancelled, to: token)
    case .orders: context.reply(.orders(ledger.orders.values.sorted { $0.id < $1.id }), to: token)
    }
  }

  public mutating func receive(
    _ message: ServiceMessage, from sender: NodeID, _ context: inout Context<Self>
  ) {
    switch message {
    case .price(let cents, let call): receivePrice(cents, for: call, &context)
    case .answer(.appended, let call):
      guard ledger.outbox.first?.number == call else { return }
      change(&context) { $0.published(call) }
    default: return
    }
  }

  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    guard timer == .retry else { return relay(&context) }
    for (call, quote) in quotes.sorted(by: { $0.key < $1.key }) { ask(quote, call, &context) }
    if !quotes.isEmpty { context.setTimer(.retry, after: Self.retryInterval) }
  }

  // MARK: Placing

  private mutating func place(
    _ order: Order, as name: OrderLedger.Name, for token: Token, _ context: inout Context<Self>
  ) {
    if let placed = ledger.order(of: name) {
      context.reply(
        placed.order == order ? .placed(id: placed.id, cents: placed.cents) : .conflict, to: token)
    } else if let (call, quote) = quotes.first(where: { $0.value.name == name }) {
      // The same request is being served: there is one order for both.
      guard quote.order == order else { return context.reply(.conflict, to: token) }
      quotes[call]?.tokens.append(token)
    } else {
      if quotes.isEmpty { context.setTimer(.retry, after: Self.retryInterval) }
      nextCall += 1
      let quote = Quote(name: name, order: order, tokens: [token])
      quotes[nextCall] = quote
      ask(quote, nextCall, &context)
    }
  }

  private func ask(_ quote: Quote, _ call: Int, _ context: inout Context<Self>) {
    context.send(.askPrice(item: quote.order.item, call: call), to: .catalogue)
  }

  private mutating func receivePrice(_ cents: Int, for call: Int, _ context: inout Context<Self>) {
    guard let quote = quotes.removeValue(forKey: call) else { return }
    let total = quote.order.quantity * cents
    let placed = change(&context) { $0.place(quote.order, as: quote.name, cents: total) }
    for token in quote.tokens { context.reply(.placed(id: placed.id, cents: placed.cents), to: token) }
  }

  // MARK: The outbox

  /// Changes what is on the disk. If the outbox has another first event then, it is sent.
  private mutating func change<Result>(
    _ context: inout Context<Self>, _ body: (inout OrderLedger) -> Result
  ) -> Result {
    let first = ledger.outbox.first
    defer {
      context.persist(ledger, under: "ledger")
      if ledger.outbox.first != first { relay(&context) }
    }
    return body(&ledger)
  }

  /// Sends the first event. The next one waits for its acknowledgement, so that none overtakes another.
  private func relay(_ context: inout Context<Self>) {
    guard let event = ledger.outbox.first else { return }
    let append = LogRequest.append(topic: OrderEvent.topic, key: event.key, value: event.value)
    context.send(.ask(append, call: event.number), to: .log)
    context.setTimer(.relay, after: Self.retryInterval)
  }
}
