/// What things cost: a node that the course provides in stage 3B. It answers whatever it is asked, and never anything else.
struct Catalogue: Node {
  typealias Message = ServiceMessage
  typealias Request = NoRequest
  typealias Reply = NoRequest
  typealias Output = NoOutput
  typealias Status = NoStatus

  init(id: NodeID, members: [NodeID]) {}

  var status: NoStatus { NoStatus() }

  /// What one of these costs.
  static func cents(of item: String) -> Int { 100 + Int(stableHash(item) % 9_900) }

  mutating func start(from disk: Disk, _ context: inout Context<Self>) {}

  mutating func receive(_ message: ServiceMessage, from sender: NodeID, _ context: inout Context<Self>) {
    guard case .askPrice(let item, let call) = message else { return }
    context.send(.price(cents: Self.cents(of: item), call: call), to: sender)
  }

  mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {}

  mutating func handle(_ request: NoRequest, replyTo token: Token, _ context: inout Context<Self>) {}
}

/// Nothing: no client asks this node.
struct NoRequest: WireValue {
  func write(to writer: inout WireWriter) {}
  init(from reader: inout WireReader) throws(WireError) {}
}
