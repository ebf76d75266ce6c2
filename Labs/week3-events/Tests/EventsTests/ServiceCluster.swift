import Events
import LabKit
import Testing

/// A service of yours in a simulated world, beside the nodes that the course provides for it. One seed gives one run.
final class ServiceCluster<Service: Node> where Service.Message == ServiceMessage {
  let world: World<ServiceMessage>
  let log = NodeID.log.number
  /// Your service's node, the first one behind those of the course.
  let service: Int
  /// What the course's nodes have told whoever watches, in this order.
  private(set) var announcements: [[UInt8]] = []
  private var replies: [Int: [UInt8]] = [:]
  private var requests = 0
  private var reader = TraceReader()

  /// Starts all nodes at one instant. The program is the service's name for the course, which says what stands beside it.
  init(as program: String, count: Int = 1, seed: UInt64 = 1) throws {
    world = World(service: Service.self, as: program, count: count, seed: seed)
    service = GivenNodes.beside(program).count + 1
    for node in 1..<service + count { try boot(node) }
  }

  func boot(_ node: Int) throws { try world.perform(.boot(node: node)) }

  /// What the node knew is gone; what it persisted stays.
  func crash(_ node: Int) throws { try world.perform(.crash(node: node)) }

  /// Your service as it is now, or nil if it is down: look into your own fields.
  var state: Service? { world.node(NodeID(service)) }

  func advance(milliseconds: Int) throws {
    _ = try world.advance(until: world.now + milliseconds * 1_000)
    try watch()
  }

  /// Asks your service, and returns its answer; nil if it gives none in time.
  func ask(_ request: Service.Request) throws -> Service.Reply? { try ask(request, service) }

  /// Asks any node, and returns its answer; nil if it gives none in time.
  func ask<Reply: WireValue>(_ request: some WireValue, _ node: Int) throws -> Reply? {
    requests += 1
    try world.perform(
      .request(
        node: node, client: 1, operation: requests, atMicroseconds: world.now, body: request.wireBytes))
    let end = world.now + OrderBounds.answerMilliseconds * 1_000
    while world.now < end {
      let reason = try world.advance(until: end, stopsOnReply: true)
      try watch()
      if let body = replies[requests] { return try Reply(wireBytes: body) }
      if reason == .time { break }
    }
    return nil
  }

  private func watch() throws {
    try reader.read(world.takeTrace()) { [self] _, record in
      switch record {
      case .replied(_, _, let request, true, let body): replies[request] = body
      case .output(_, let body): announcements.append(body)
      default: return
      }
    }
  }

  /// What is in the log of a topic, partition by partition.
  func records(of topic: String) throws -> [[LogRecord]] {
    try (0..<LogBounds.partitions).map { number in
      let poll = LogRequest.poll(Partition(topic, number), from: 0, limit: 1_000)
      guard case .records(let records, _)? = try ask(poll, log) as LogReply? else { return [] }
      return records
    }
  }
}

// MARK: Stage 3B

typealias OrderCluster = ServiceCluster<OrderService>

extension OrderCluster {
  convenience init() throws { try self.init(as: "orders") }

  /// Places an order, and returns its id; nil if there was no such answer.
  func place(_ order: Order, for user: String, key: String) throws -> String? {
    guard case .placed(let id, _)? = try ask(.place(user: user, key: key, order)) else { return nil }
    return id
  }

  /// All orders by the word of your service; nil if there was no such answer.
  func orders() throws -> [PlacedOrder]? {
    guard case .orders(let orders)? = try ask(.orders) else { return nil }
    return orders
  }

  /// What is in the log, partition by partition.
  func published() throws -> [String] { try records(of: OrderEvent.topic).joined().map(\.value) }
}

// MARK: Stage 3C

extension ServiceCluster where Service: ConsumerNode {
  /// Appends events to the log, and gives your service a second to read them.
  func tell(_ events: OrderEvent...) throws {
    for event in events {
      let topic = if case .returned = event { OrderEvent.returnsTopic } else { OrderEvent.topic }
      let append = LogRequest.append(topic: topic, key: event.key, value: event.value)
      let _: LogReply = try #require(try ask(append, log))
    }
    try advance(milliseconds: 1_000)
  }

  /// The totals by the word of your service, without those that are 0; nil if there was no such answer.
  func totals() throws -> [String: Int]? { try ask(TotalsRequest())?.totals.filter { $0.value != 0 } }

  /// How many records of its topic a group has yet to commit; nil if the log gave no such answer.
  func uncommitted(by group: ConsumerGroup) throws -> Int? {
    guard case .offsets(let offsets)? = try ask(LogRequest.committed(group), log) as LogReply?
    else { return nil }
    return try records(of: group.topic).enumerated().reduce(0) { count, partition in
      count + partition.element.filter { $0.offset >= offsets[partition.offset] ?? 0 }.count
    }
  }

  /// What the provider has moved, in this order.
  func transfers() throws -> [Int] {
    let reply: TransfersReply? = try ask(TransfersRequest(), NodeID.provider.number)
    return reply?.transfers.map(\.cents) ?? []
  }
}

// MARK: Stage 3E

typealias AccountCluster = ServiceCluster<AccountService>

extension AccountCluster {
  /// The two nodes of your service.
  var both: [Int] { [service, service + 1] }

  /// Two nodes of your service, beside the event store and the post.
  convenience init() throws { try self.init(as: "accounts", count: 2) }

  /// The store holds these events of schema 1 already: so many whole dollars each.
  func hold(_ dollars: Int..., of account: String) throws {
    let entries = dollars.map {
      EventStoreRequest.Entry(
        account: account, record: EventRecord(schema: 1, kind: "changed", amount: $0, command: ""))
    }
    let _: Arranged? = try ask(EventStoreRequest(events: entries), NodeID.eventStore.number)
  }

  /// The version that a command gives the account; nil if it was not done.
  func command(_ command: AccountCommand, _ account: String, id: String, at node: Int? = nil) throws -> Int? {
    let request = AccountRequest.command(command, account: account, id: id)
    guard case .done(let version)? = try ask(request, node ?? service) as AccountReply? else { return nil }
    return version
  }

  /// The balance in cents by a node's word; nil if there was no such answer.
  func balance(of account: String, atLeast version: Int = 0, at node: Int? = nil) throws -> Int? {
    let request = AccountRequest.balance(account: account, atLeastVersion: version)
    guard case .balance(let cents, _)? = try ask(request, node ?? service) as AccountReply? else {
      return nil
    }
    return cents
  }

  /// What was written to the store and read of it, in this order.
  var news: [EventStoreNews] { announcements.compactMap { try? EventStoreNews(wireBytes: $0) } }

  /// Which letters went out, by account and version, in this order.
  var letters: [String] {
    announcements.compactMap { try? PostNews(wireBytes: $0) }.filter(\.isNew)
      .map { "\($0.letter.account)/\($0.letter.version)" }
  }
}

// MARK: Stage 3F

extension ServiceCluster where Service: DispatchNode {
  /// Appends parcels to the log, and gives your service time to hand them over.
  func send(_ ids: String..., of customer: String) throws {
    try append(ids, of: customer)
    try advance(milliseconds: DispatchBounds.calmMilliseconds)
  }

  func append(_ ids: [String], of customer: String) throws {
    for id in ids {
      let append = LogRequest.append(topic: Parcel.topic, key: customer, value: id)
      let _: LogReply = try #require(try ask(append, log))
    }
  }

  /// The carrier rejects a parcel so often; `Int.max` is for good.
  func carrierRejects(_ id: String, times: Int) throws {
    let _: CarrierReply? = try ask(CarrierRequest.reject(id: id, times: times), NodeID.carrier.number)
  }

  /// The carrier takes so long for each parcel, one after the other.
  func carrierWorks(milliseconds: Int) throws {
    let _: CarrierReply? = try ask(CarrierRequest.work(milliseconds: milliseconds), NodeID.carrier.number)
  }

  /// How many parcels are held back by the word of your service; nil if there was no such answer.
  func heldBack(of customer: String) throws -> Int? {
    guard case .heldBack(let count)? = try ask(.heldBack(customer: customer)) else { return nil }
    return count
  }

  /// What the carrier took and rejected, in this order.
  var effects: [CarrierEffect] { announcements.compactMap { try? CarrierEffect(wireBytes: $0) } }

  func taken(of customer: String) -> [String] {
    effects.filter { $0.isTaken && $0.parcel.customer == customer }.map(\.parcel.id)
  }

  func rejections(of id: String) -> Int { effects.count { !$0.isTaken && $0.parcel.id == id } }

  /// The dead letters in the order of the log, each where it lies first: one that was appended again may lie there twice.
  func deadLetters() throws -> [String] {
    try records(of: Parcel.deadLetters).joined().map(\.value).reduce(into: []) { letters, id in
      if !letters.contains(id) { letters.append(id) }
    }
  }

  /// How many parcels your service has polled, and the carrier has not taken.
  var inHand: Int {
    var read: [Partition: Int] = [:]
    for announcement in announcements {
      guard case .read(let partition, let next)? = try? LogNews(wireBytes: announcement),
        partition.topic == Parcel.topic
      else { continue }
      read[partition] = max(next, read[partition] ?? 0)
    }
    return read.values.reduce(0, +) - effects.count(where: \.isTaken)
  }
}
