import Events
import LabKit
import Testing

/// Your log in a simulated world. One seed gives one run.
final class LogCluster {
  let world: World<LogMessage>
  let nodes = 1...3
  private var requests = 0
  private var reader = TraceReader()

  /// Starts three nodes at one instant.
  init(seed: UInt64 = 1) throws {
    world = World(LogServer.self, count: 3, seed: seed)
    for node in nodes { try boot(node) }
  }

  func boot(_ node: Int) throws { try world.perform(.boot(node: node)) }

  /// What the node knew is gone; what it persisted stays.
  func crash(_ node: Int) throws { try world.perform(.crash(node: node)) }

  /// The node as it is now, or nil if it is down: look into your own fields.
  func node(_ node: Int) -> LogServer? { world.node(NodeID(node)) }

  func advance(milliseconds: Int) throws { _ = try world.advance(until: world.now + milliseconds * 1_000) }

  /// Asks a node, and returns its answer; nil if it gives none within three seconds.
  func ask(_ request: LogRequest, _ node: Int) throws -> LogReply? {
    requests += 1
    try world.perform(
      .request(
        node: node, client: 1, operation: requests, atMicroseconds: world.now, body: request.wireBytes))
    let end = world.now + LogBounds.answerMilliseconds * 1_000
    while world.now < end {
      let reason = try world.advance(until: end, stopsOnReply: true)
      if let reply = try reply(to: requests) { return reply }
      if reason == .time { break }
    }
    return nil
  }

  private func reply(to request: Int) throws -> LogReply? {
    var found: LogReply?
    try reader.read(world.takeTrace()) { _, record in
      if case .replied(_, _, request, true, let body) = record { found = try LogReply(wireBytes: body) }
    }
    return found
  }

  /// Appends a record, and returns its place; nil if there was no such answer.
  func append(_ value: String, key: String, through node: Int) throws -> (Partition, offset: Int)? {
    guard
      case .appended(let partition, let offset)? = try ask(
        .append(topic: "orders", key: key, value: value), node)
    else { return nil }
    return (partition, offset)
  }

  /// The values in a partition from an offset on; nil if there was no such answer.
  func values(of partition: Partition, from offset: Int = 0, through node: Int) throws -> [String]? {
    guard case .records(let records, _)? = try ask(.poll(partition, from: offset, limit: 100), node)
    else { return nil }
    return records.map(\.value)
  }
}
