import LabKit

/// Hands parcels to a carrier, those of one customer in their order. A parcel that the carrier will not take goes to the dead
/// letters, and holds up nobody but its customer. Stage 3F.
///
/// It reads no more than it can deal with: while it has much in hand, it does not poll.
public struct DispatchService: DispatchNode {
  static let tickInterval = Duration.milliseconds(100)
  /// With so many parcels in hand it does not poll. One answer from each partition may still be on its way.
  static let enoughInHand = 20

  private var queues = ParcelQueues()
  private var consumer: EventConsumer
  /// The call that the first dead letter was sent with.
  private var letterCall = 0

  public init(id: NodeID, members: [NodeID]) {
    consumer = EventConsumer([ConsumerGroup.dispatch], member: "\(id)")
  }

  public var status: DispatchStatus { DispatchStatus(inHand: queues.inHand, heldBack: queues.heldBack) }

  // MARK: Events

  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    queues = disk.value(ParcelQueues.self, under: "queues") ?? ParcelQueues()
    consumer.isPaused = queues.inHand >= Self.enoughInHand
    consumer.start(&context)
    letterCall = context.random(in: 1...1 << 40)
    handOver(queues.next, &context)
    writeLetter(&context)
    context.setTimer(.tick, after: Self.tickInterval)
  }

  /// Whoever has not answered is asked again, and whoever has rejected a parcel is offered it once more.
  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    consumer.tick(&context)
    handOver(queues.next, &context)
    writeLetter(&context)
    context.setTimer(.tick, after: Self.tickInterval)
  }

  public mutating func receive(
    _ message: ServiceMessage, from sender: NodeID, _ context: inout Context<Self>
  ) {
    switch message {
    case .answer(.appended, let call): receiveWritten(call, &context)
    case .answer(let reply, let call):
      guard let batch = consumer.receive(reply, call: call, &context) else { return }
      change(&context) { $0.take(batch.records, of: batch.partition) }
      consumer.finish(batch, &context)
    case .takenOver(let id): change(&context) { $0.taken(id) }
    case .rejected(let id): change(&context) { $0.rejected(id) }
    default: return
    }
  }

  public mutating func handle(
    _ request: DispatchRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    switch request {
    case .redrive(let customer):
      change(&context) { $0.redrive(customer) }
      context.reply(.redriving, to: token)
    case .heldBack(let customer): context.reply(.heldBack(queues.heldBack(of: customer)), to: token)
    }
  }

  // MARK: Parcels

  /// Changes what is on the disk, and hands over what has come to be the first of its queue.
  private mutating func change(_ context: inout Context<Self>, _ body: (inout ParcelQueues) -> Void) {
    let before = queues
    body(&queues)
    guard queues != before else { return }
    context.persist(queues, under: "queues")
    consumer.isPaused = queues.inHand >= Self.enoughInHand
    let known = Set(before.next)
    handOver(queues.next.filter { !known.contains($0) }, &context)
    if before.deadLetters.first != queues.deadLetters.first { writeLetter(&context) }
  }

  private func handOver(_ parcels: [Parcel], _ context: inout Context<Self>) {
    for parcel in parcels { context.send(.handOver(parcel), to: .carrier) }
  }

  // MARK: Dead letters

  /// Sends the first dead letter to the log. The next one waits, so that none overtakes another.
  private mutating func writeLetter(_ context: inout Context<Self>) {
    guard let letter = queues.deadLetters.first else { return }
    letterCall += 1
    let append = LogRequest.append(topic: Parcel.deadLetters, key: letter.customer, value: letter.id)
    context.send(.ask(append, call: -letterCall), to: .log)
  }

  private mutating func receiveWritten(_ call: Int, _ context: inout Context<Self>) {
    guard call == -letterCall, !queues.deadLetters.isEmpty else { return }
    change(&context) { $0.written() }
  }
}
