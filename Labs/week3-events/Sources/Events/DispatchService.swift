import LabKit

/// Hands parcels to a carrier, those of one customer in their order. A parcel that the carrier will not take goes to the dead
/// letters, and holds up nobody but its customer. Stage 3F.
///
/// It reads the group `ConsumerGroup.dispatch` from `.log`, hands parcels to `.carrier`, and writes dead letters to the log's
/// topic `Parcel.deadLetters`. Log and carrier are nodes that the course provides.
public struct DispatchService: DispatchNode {
  public init(id: NodeID, members: [NodeID]) {}

  /// It is shown in pictures, and nothing is judged by it.
  public var status: DispatchStatus { DispatchStatus(inHand: 0) }

  // MARK: Events

  /// The process has started: what was persisted is on `disk`.
  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    notImplemented()
  }

  public mutating func receive(
    _ message: ServiceMessage, from sender: NodeID, _ context: inout Context<Self>
  ) {
    switch message {
    case .answer(let reply, let call): receiveAnswer(reply, call: call, &context)
    case .takenOver(let id): receiveTakenOver(id, &context)
    case .rejected(let id): receiveRejected(id, &context)
    default: return
    }
  }

  /// A timer has run out. One that is set again while it runs is moved.
  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    notImplemented()
  }

  public mutating func handle(
    _ request: DispatchRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    switch request {
    case .redrive(let customer): redrive(customer, replyTo: token, &context)
    case .heldBack(let customer): tellHeldBack(of: customer, replyTo: token, &context)
    }
  }

  // MARK: What other nodes say

  /// The log answers what it was asked: `Parcel(record)` is the parcel of a record.
  mutating func receiveAnswer(_ reply: LogReply, call: Int, _ context: inout Context<Self>) {
    notImplemented()
  }

  /// The carrier has taken a parcel, now or before.
  mutating func receiveTakenOver(_ id: String, _ context: inout Context<Self>) {
    notImplemented()
  }

  /// The carrier has not taken a parcel. It may later, or never.
  mutating func receiveRejected(_ id: String, _ context: inout Context<Self>) {
    notImplemented()
  }

  // MARK: What operators ask

  /// The carrier will take this customer's parcels now.
  mutating func redrive(_ customer: String, replyTo token: Token, _ context: inout Context<Self>) {
    notImplemented()
  }

  /// How many parcels of this customer are held back?
  func tellHeldBack(of customer: String, replyTo token: Token, _ context: inout Context<Self>) {
    notImplemented()
  }
}
