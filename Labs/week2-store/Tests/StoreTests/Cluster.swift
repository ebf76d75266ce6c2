import LabKit
import Store
import Testing

/// Your store in a simulated world. One seed gives one run.
final class Cluster {
  let world: World<Message>
  let nodes: ClosedRange<Int>
  private var requests = 0
  private var contexts: [String: CausalContext] = [:]
  private var reader = TraceReader()

  /// Starts `count` nodes at one instant.
  init(_ count: Int, seed: UInt64 = 1) throws {
    world = World(StoreServer.self, count: count, seed: seed)
    nodes = 1...count
    for node in nodes { try boot(node) }
  }

  func boot(_ node: Int) throws { try world.perform(.boot(node: node)) }

  /// What the node knew is gone; what it persisted stays.
  func crash(_ node: Int) throws { try world.perform(.crash(node: node)) }

  /// Lets no message reach the node or leave it.
  func cut(_ node: Int, _ isCut: Bool = true) throws {
    for other in nodes where other != node {
      try world.perform(.cut(from: node, to: other, isCut))
      try world.perform(.cut(from: other, to: node, isCut))
    }
  }

  /// The node as it is now, or nil if it is down: look into your own fields.
  func node(_ node: Int) -> StoreServer? { world.node(NodeID(node)) }

  func advance(milliseconds: Int) throws { _ = try world.advance(until: world.now + milliseconds * 1_000) }

  /// The nodes that hold a key's replicas.
  func replicas(of key: String) throws -> [Int] {
    guard case .replicas(let nodes)? = try ask(.locate(key), 1) else { return [] }
    return nodes.map(\.number)
  }

  /// Asks a node, and returns its answer; nil if it gives none within three seconds.
  func ask(_ request: StoreRequest, _ node: Int) throws -> StoreReply? {
    requests += 1
    try world.perform(
      .request(
        node: node, client: 1, operation: requests, atMicroseconds: world.now, body: request.wireBytes))
    let end = world.now + StoreBounds.answerMilliseconds * 1_000
    while world.now < end {
      let reason = try world.advance(until: end, stopsOnReply: true)
      if let reply = try reply(to: requests) { return reply }
      if reason == .time { break }
    }
    return nil
  }

  private func reply(to request: Int) throws -> StoreReply? {
    var found: StoreReply?
    try reader.read(world.takeTrace()) { _, record in
      if case .replied(_, _, request, true, let body) = record { found = try StoreReply(wireBytes: body) }
    }
    return found
  }

  /// Reads a key through a node, and keeps the context for a write that follows. nil: it failed.
  @discardableResult
  func get(_ key: String, r: Int = 2, through node: Int) throws -> [String?]? {
    guard case .found(let versions, let context)? = try ask(.get(key, .strict(r)), node) else { return nil }
    contexts[key] = context
    return versions.map(\.value)
  }

  /// Writes a key through a node, with the context of the last read unless that is to be forgotten; nil deletes it.
  @discardableResult
  func put(
    _ key: String, _ value: String?, w: Int = 2, sloppy: Bool = false, forgetting: Bool = false,
    through node: Int
  ) throws -> StoreReply? {
    let version = StoreVersion(WriteID(client: 1, number: requests + 1), value)
    let context = forgetting ? .none : contexts[key] ?? .none
    return try ask(.put(key, version, context, sloppy ? .sloppy(w) : .strict(w)), node)
  }
}
