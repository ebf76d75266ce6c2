import Events
import LabKit
import Testing

/// A service of yours in a simulated world, beside the nodes that the course provides for it. One seed gives one run.
final class ServiceCluster<Service: Node> where Service.Message == ServiceMessage {
  let world: World<ServiceMessage>
  let log = NodeID.log.number
  /// Your service's node, the last one.
  let service: Int
  private var requests = 0
  private var reader = TraceReader()

  /// Starts all nodes at one instant. The program is the service's name for the course, which says what stands beside it.
  init(as program: String, seed: UInt64 = 1) throws {
    world = World(service: Service.self, as: program, seed: seed)
    service = GivenNodes.beside(program).count + 1
    for node in 1...service { try boot(node) }
  }

  func boot(_ node: Int) throws { try world.perform(.boot(node: node)) }

  /// What the node knew is gone; what it persisted stays.
  func crash(_ node: Int) throws { try world.perform(.crash(node: node)) }

  /// Your service as it is now, or nil if it is down: look into your own fields.
  var state: Service? { world.node(NodeID(service)) }

  func advance(milliseconds: Int) throws { _ = try world.advance(until: world.now + milliseconds * 1_000) }

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
      if let body = try reply(to: requests) { return try Reply(wireBytes: body) }
      if reason == .time { break }
    }
    return nil
  }

  private func reply(to request: Int) throws -> [UInt8]? {
    var found: [UInt8]?
    try reader.read(world.takeTrace()) { _, record in
      if case .replied(_, _, request, true, let body) = record { found = body }
    }
    return found
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
