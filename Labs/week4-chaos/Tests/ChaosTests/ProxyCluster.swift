import Chaos
import LabKit
import Testing

/// Two proxies of yours in a simulated world, beside the services that the course provides. One seed gives one run.
final class ProxyCluster {
  let world: World<CallMessage>
  let users = 1
  let orders = 2
  /// Your proxies: clients ask the one in front; it may ask the one behind it.
  let front = 3
  let back = 4
  /// What reached the services, in this order.
  private(set) var passed: [ProxyCall] = []
  private var replies: [Int: ProxyReply] = [:]
  private var requests = 0
  private var reader = TraceReader()

  init(_ settings: ProxySettings = ProxySettings(), seed: UInt64 = 1) throws {
    world = World(service: Proxy.self, as: "proxy", count: 2, seed: seed)
    for node in 1...back { try world.perform(.boot(node: node)) }
    for proxy in [front, back] {
      let request = try hand(ProxyRequest.use(settings), to: proxy)
      try advance(milliseconds: 1)
      #expect(replies[request] == .inUse)
    }
  }

  func advance(milliseconds: Int) throws {
    _ = try world.advance(until: world.now + milliseconds * 1_000)
    try reader.read(world.takeTrace()) { [self] _, record in
      switch record {
      case .replied(let node, _, let request, true, let body) where node >= front:
        replies[request] = try ProxyReply(wireBytes: body)
      case .output(_, let body):
        if case .passed(let call)? = try? ServiceNews(wireBytes: body) { passed.append(call) }
      default: return
      }
    }
  }

  /// A service deals with a question like this: the first time that it is asked, the second time, and so on.
  func arrange(_ question: String, _ outcomes: Manner.Outcome..., at service: Int = 1, milliseconds: Int = 0)
    throws
  {
    for (place, outcome) in outcomes.enumerated() {
      let manner = Manner(question: question, outcome, milliseconds: milliseconds, ask: place + 1)
      _ = try hand(manner, to: service)
    }
    try advance(milliseconds: 1)
  }

  /// Asks for an answer, and returns the number under which `reply` knows the call.
  func begin(
    _ question: String, _ repetition: ProxyCall.Repetition = .freely, of service: Int = 1,
    throughBoth: Bool = false, within milliseconds: Int = 5_000
  ) throws -> Int {
    let route = (throughBoth ? [back] : []) + [service]
    let call = ProxyCall(
      question: question, route: route.map { NodeID($0) }, timeLeft: .milliseconds(milliseconds),
      repetition: repetition)
    return try hand(ProxyRequest.call(call), to: front)
  }

  /// What the client of a call was told; nil if it has heard nothing yet.
  func reply(to call: Int) -> ProxyReply? { replies[call] }

  /// Asks for an answer, and waits until the time is over; nil if the client was told nothing.
  func call(
    _ question: String, _ repetition: ProxyCall.Repetition = .freely, of service: Int = 1,
    throughBoth: Bool = false, within milliseconds: Int = 5_000
  ) throws -> ProxyReply? {
    let call = try begin(
      question, repetition, of: service, throughBoth: throughBoth, within: milliseconds)
    for _ in 0...milliseconds where reply(to: call) == nil { try advance(milliseconds: 1) }
    return reply(to: call)
  }

  /// How often a service was asked this.
  func timesAsked(_ question: String) -> Int { passed.count { $0.question == question } }

  private func hand(_ request: some WireValue, to node: Int) throws -> Int {
    requests += 1
    try world.perform(
      .request(
        node: node, client: 1, operation: requests, atMicroseconds: world.now, body: request.wireBytes))
    return requests
  }
}
