import LabKit

/// Lets users pay for what they order, once an order, and pays them back. Stage 3C.
///
/// What an event comes to is written down first, as transfers to be made. The provider hears of them from there, as often as
/// it takes.
public struct PaymentService: ConsumerNode {
  static let interval = Duration.milliseconds(100)

  private var ledger = PaymentLedger()
  private var consumer: EventConsumer

  public init(id: NodeID, members: [NodeID]) {
    consumer = EventConsumer(ConsumerGroup.payments, member: "\(id)")
  }

  public var status: ConsumerStatus {
    ConsumerStatus(
      orders: ledger.orderCount, waiting: ledger.due.count, partitions: consumer.partitionCount)
  }

  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    ledger = disk.value(PaymentLedger.self, under: "ledger") ?? PaymentLedger()
    consumer.start(&context)
    context.setTimer(.tick, after: Self.interval)
    payFirst(&context)
  }

  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    guard timer == .tick else { return payFirst(&context) }
    consumer.tick(&context)
    context.setTimer(.tick, after: Self.interval)
  }

  public mutating func receive(
    _ message: ServiceMessage, from sender: NodeID, _ context: inout Context<Self>
  ) {
    switch message {
    case .answer(let reply, let call):
      guard let batch = consumer.receive(reply, call: call, &context) else { return }
      change(&context) { ledger in
        for event in batch.records.compactMap(OrderEvent.init) { ledger.take(event) }
      }
      consumer.finish(batch, &context)
    case .transferred(let id) where ledger.due.first?.id == id: change(&context) { $0.made(id) }
    default: return
    }
  }

  public mutating func handle(
    _ request: TotalsRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    context.reply(TotalsReply(ledger.totals), to: token)
  }

  /// Changes what is on the disk. If another transfer is the first then, it is asked for.
  private mutating func change(_ context: inout Context<Self>, _ body: (inout PaymentLedger) -> Void) {
    let first = ledger.due.first
    body(&ledger)
    context.persist(ledger, under: "ledger")
    if ledger.due.first != first { payFirst(&context) }
  }

  /// Asks the provider for the first transfer. The next one waits, so that no refund overtakes its charge.
  private func payFirst(_ context: inout Context<Self>) {
    guard let transfer = ledger.due.first else { return }
    context.send(.transfer(transfer), to: .provider)
    context.setTimer(.retry, after: Self.interval)
  }
}

/// What users have paid and are to pay. A transfer's id follows from its order: whoever takes an event again comes to the same
/// transfer.
struct PaymentLedger: Hashable, Codable {
  private struct Known: Hashable, Codable {
    /// Nil if the end of the order came before the order.
    var charge: Transfer?
    var isOver = false
  }

  private var known: [String: Known] = [:]
  /// Transfers that the provider has not acknowledged.
  private(set) var due: [Transfer] = []

  var orderCount: Int { known.count }

  /// What each user has paid, once `due` is done with.
  var totals: [String: Int] {
    known.values.reduce(into: [:]) { totals, known in
      guard !known.isOver, let charge = known.charge else { return }
      totals[charge.user, default: 0] += charge.cents
    }
  }

  /// Takes an event, for the first time or again.
  mutating func take(_ event: OrderEvent) {
    switch event {
    case .placed(let placed):
      guard known[placed.id]?.charge == nil else { return }
      let charge = Transfer(
        id: "charge \(placed.id)", order: placed.id, user: placed.user, cents: placed.cents)
      known[placed.id, default: Known()].charge = charge
      // An order that is over before it is known costs nothing.
      if known[placed.id]?.isOver == false { due.append(charge) }
    case .cancelled(let id), .returned(let id):
      guard known[id]?.isOver != true else { return }
      known[id, default: Known()].isOver = true
      guard let charge = known[id]?.charge else { return }
      due.append(Transfer(id: "refund \(id)", order: id, user: charge.user, cents: -charge.cents))
    }
  }

  /// The provider has made a transfer.
  mutating func made(_ id: String) { due.removeAll { $0.id == id } }
}
