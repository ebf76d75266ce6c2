/// Who moves money: a node that the course provides in stage 3C. A transfer is made once, however often it is asked for
/// under its id; what it has acknowledged is on its disk. Each transfer that it makes it tells to whoever watches.
struct PaymentProvider: Node {
  typealias Message = ServiceMessage
  typealias Request = TransfersRequest
  typealias Reply = TransfersReply
  typealias Output = Transfer
  typealias Status = NoStatus

  /// In the order in which they were made.
  private var transfers: [Transfer] = []

  init(id: NodeID, members: [NodeID]) {}

  var status: NoStatus { NoStatus() }

  mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    transfers = disk.value([Transfer].self, under: "transfers") ?? []
  }

  mutating func receive(_ message: ServiceMessage, from sender: NodeID, _ context: inout Context<Self>) {
    guard case .transfer(let transfer) = message else { return }
    switch transfers.first(where: { $0.id == transfer.id }) {
    case nil:
      transfers.append(transfer)
      context.persist(transfers, under: "transfers")
      context.output(transfer)
      context.send(.transferred(id: transfer.id), to: sender)
    case transfer: context.send(.transferred(id: transfer.id), to: sender)
    default: context.send(.declined(id: transfer.id), to: sender)
    }
  }

  mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {}

  mutating func handle(_ request: TransfersRequest, replyTo token: Token, _ context: inout Context<Self>) {
    context.reply(TransfersReply(transfers: transfers), to: token)
  }
}

/// What the judge asks of the provider: all transfers that were made.
public struct TransfersRequest: WireValue {
  public init() {}
  public func write(to writer: inout WireWriter) { writer.byte(0x90) }

  public init(from reader: inout WireReader) throws(WireError) {
    guard try reader.byte() == 0x90 else {
      throw .malformed(what: "an unknown request to a provider", offset: reader.offset)
    }
  }
}

/// The transfers that were made, the oldest first.
public struct TransfersReply: WireValue {
  public let transfers: [Transfer]

  public init(transfers: [Transfer]) { self.transfers = transfers }

  public func write(to writer: inout WireWriter) {
    writer.byte(0x91)
    writer.unsigned(UInt64(transfers.count))
    for transfer in transfers { transfer.write(to: &writer) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    guard try reader.byte() == 0x91 else {
      throw .malformed(what: "an unknown answer of a provider", offset: reader.offset)
    }
    var transfers: [Transfer] = []
    for _ in 0..<(try reader.count()) { transfers.append(try Transfer(from: &reader)) }
    self.init(transfers: transfers)
  }
}
