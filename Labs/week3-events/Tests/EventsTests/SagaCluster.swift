import Events
import LabKit
import Testing

/// Your orchestrator in a simulated world, beside those who take part. One seed gives one run.
final class SagaCluster {
  let world: World<ServiceMessage>
  /// Your orchestrator's node, the last one.
  let service = 5
  /// What has happened at those who take part, in this order.
  private(set) var effects: [SagaEffect] = []
  private var replies: [Int: [UInt8]] = [:]
  private var requests = 0
  private var reader = TraceReader()

  /// Starts all nodes at one instant.
  init(seed: UInt64 = 1) throws {
    world = World(service: SagaOrchestrator.self, as: "saga", seed: seed)
    for node in 1...service { try boot(node) }
  }

  func boot(_ node: Int) throws { try world.perform(.boot(node: node)) }

  /// What the node knew is gone; what it persisted stays.
  func crash(_ node: Int) throws { try world.perform(.crash(node: node)) }

  /// Your orchestrator as it is now, or nil if it is down: look into your own fields.
  var state: SagaOrchestrator? { world.node(NodeID(service)) }

  func advance(milliseconds: Int) throws {
    _ = try world.advance(until: world.now + milliseconds * 1_000)
    try watch()
  }

  // MARK: Asking

  /// Asks your orchestrator, and returns its answer; nil if it gives none in time.
  func ask(_ request: SagaRequest) throws -> SagaReply? { try ask(request, service) }

  func start(_ order: String) throws { #expect(try ask(.start(order: order)) == .started) }

  func outcome(of order: String) throws -> SagaReply? { try ask(.outcome(order: order)) }

  /// Tells whoever does the step how to deal with it: to refuse it, to take its time, or to put it off.
  func arrange(_ step: SagaStep, of order: String, _ manner: Arrangement.Manner) throws {
    let _: Arranged? = try ask(Arrangement(order: order, step: step, manner), step.participant.number)
  }

  private func ask<Reply: WireValue>(_ request: some WireValue, _ node: Int) throws -> Reply? {
    requests += 1
    try world.perform(
      .request(
        node: node, client: 1, operation: requests, atMicroseconds: world.now, body: request.wireBytes))
    let end = world.now + SagaBounds.answerMilliseconds * 1_000
    while world.now < end {
      let reason = try world.advance(until: end, stopsOnReply: true)
      try watch()
      if let body = replies[requests] { return try Reply(wireBytes: body) }
      if reason == .time { break }
    }
    return nil
  }

  // MARK: Watching

  private func watch() throws {
    try reader.read(world.takeTrace()) { [self] _, record in
      switch record {
      case .replied(_, _, let request, true, let body): replies[request] = body
      case .output(_, let body): effects.append(try SagaEffect(wireBytes: body))
      default: return
      }
    }
  }

  /// The steps to which this has happened, in this order.
  func steps(_ kind: SagaEffect.Kind) -> [SagaStep] {
    effects.filter { $0.kind == kind }.map(\.action.step)
  }

  /// The steps that are done now.
  var standing: Set<SagaStep> { Set(steps(.done)).subtracting(steps(.undone)) }
}
