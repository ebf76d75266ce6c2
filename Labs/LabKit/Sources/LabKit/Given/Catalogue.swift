/// What things cost: a node that the course provides in stage 3B. It answers whatever it is asked, and a price never changes.
struct Catalogue: Node {
  typealias Message = ServiceMessage
  typealias Request = PriceRequest
  typealias Reply = PriceReply
  typealias Output = NoOutput
  typealias Status = NoStatus

  /// Prices differ from world to world: nobody knows them who has not asked.
  private var season = 0

  init(id: NodeID, members: [NodeID]) {}

  var status: NoStatus { NoStatus() }

  private func cents(of item: String) -> Int { 100 + Int(stableHash("\(item) \(season)") % 9_900) }

  mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    season = disk.value(under: "season") ?? context.random(in: 1...1_000_000)
    context.persist(season, under: "season")
  }

  mutating func receive(_ message: ServiceMessage, from sender: NodeID, _ context: inout Context<Self>) {
    guard case .askPrice(let item, let call) = message else { return }
    context.send(.price(cents: cents(of: item), call: call), to: sender)
  }

  mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {}

  mutating func handle(_ request: PriceRequest, replyTo token: Token, _ context: inout Context<Self>) {
    context.reply(PriceReply(cents: cents(of: request.item)), to: token)
  }
}

/// What the judge asks of the catalogue.
public struct PriceRequest: WireValue {
  public let item: String

  public init(item: String) { self.item = item }
  public func write(to writer: inout WireWriter) { writer.text(item) }
  public init(from reader: inout WireReader) throws(WireError) { item = try reader.text() }
}

/// What one of these costs.
public struct PriceReply: WireValue {
  public let cents: Int

  public init(cents: Int) { self.cents = cents }
  public func write(to writer: inout WireWriter) { writer.integer(cents) }
  public init(from reader: inout WireReader) throws(WireError) { cents = try reader.integer() }
}
