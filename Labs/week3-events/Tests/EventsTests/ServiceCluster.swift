import Events
import LabKit
import Testing

/// Your order service in a simulated world, beside the log and the catalogue that the course provides. One seed gives one
/// run.
final class ServiceCluster {
  static let (log, catalogue, service) = (1, 2, 3)

  let world: World<ServiceMessage>
  private var requests = 0
  private var reader = TraceReader()

  /// Starts all three nodes at one instant.
  init(seed: UInt64 = 1) throws {
    world = World(service: OrderService.self, as: "orders", seed: seed)
    for node in 1...3 { try boot(node) }
  }

  func boot(_ node: Int) throws { try world.perform(.boot(node: node)) }

  /// What the node knew is gone; what it persisted stays.
  func crash(_ node: Int) throws { try world.perform(.crash(node: node)) }

  /// Your service as it is now, or nil if it is down: look into your own fields.
  var service: OrderService? { world.node(NodeID(Self.service)) }

  func advance(milliseconds: Int) throws { _ = try world.advance(until: world.now + milliseconds * 1_000) }

  /// Asks your service, and returns its answer; nil if it gives none in time.
  func ask(_ request: OrderRequest) throws -> OrderReply? { try ask(request, Self.service) }

  private func ask<Reply: WireValue>(_ request: some WireValue, _ node: Int) throws -> Reply? {
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
  func published() throws -> [String] {
    try (0..<LogBounds.partitions).flatMap { number in
      let poll = LogRequest.poll(Partition(OrderEvent.topic, number), from: 0, limit: 1_000)
      guard case .records(let records, _)? = try ask(poll, Self.log) as LogReply? else { return [String]() }
      return records.map(\.value)
    }
  }
}
