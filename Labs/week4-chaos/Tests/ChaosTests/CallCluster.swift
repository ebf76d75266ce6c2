import Chaos
import LabKit
import Testing

/// Nodes of yours in a simulated world, beside the services that the course provides. One seed gives one run.
final class CallCluster<Service: Node> where Service.Message == CallMessage {
  let world: World<CallMessage>
  let users = 1
  let orders = 2
  /// Your node that clients ask, and the one behind it in stage 4B.
  let front = 3
  let back = 4
  /// What the services have told whoever watches, in this order.
  private(set) var news: [ServiceNews] = []
  private var replies: [Int: Service.Reply] = [:]
  private var requests = 0
  private var reader = TraceReader()

  /// Starts all nodes at one instant. The program is the node's name for the course, which says what stands beside it.
  init(as program: String, count: Int = 1, seed: UInt64) throws {
    world = World(service: Service.self, as: program, count: count, seed: seed)
    for node in 1..<front + count { try world.perform(.boot(node: node)) }
  }

  func advance(milliseconds: Int) throws {
    _ = try world.advance(until: world.now + milliseconds * 1_000)
    try reader.read(world.takeTrace()) { [self] _, record in
      switch record {
      case .replied(let node, _, let request, true, let body) where node >= front:
        replies[request] = try Service.Reply(wireBytes: body)
      case .output(_, let body): news.append(try ServiceNews(wireBytes: body))
      default: return
      }
    }
  }

  /// Hands a request to a node, and returns the number under which `reply` knows it.
  func hand(_ request: some WireValue, to node: Int) throws -> Int {
    requests += 1
    try world.perform(
      .request(
        node: node, client: 1, operation: requests, atMicroseconds: world.now, body: request.wireBytes))
    return requests
  }

  /// What the client of a request was told; nil if it has heard nothing yet.
  func reply(to request: Int) -> Service.Reply? { replies[request] }

  /// Waits until the client of a request is told something; nil if it is not in time.
  func reply(to request: Int, withinMilliseconds limit: Int) throws -> Service.Reply? {
    for _ in 0...limit where reply(to: request) == nil { try advance(milliseconds: 1) }
    return reply(to: request)
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

  /// How often a service was asked this.
  func timesAsked(_ question: String) -> Int {
    news.count { news in
      switch news {
      case .asked(question): true
      case .passed(let call): call.question == question
      default: false
      }
    }
  }
}

// MARK: Stage 4A

typealias CallerCluster = CallCluster<Caller>

extension CallerCluster {
  convenience init(_ settings: BreakerSettings = BreakerSettings(), seed: UInt64 = 1) throws {
    try self.init(as: "breaker", seed: seed)
    let request = try hand(CallerRequest.use(settings), to: front)
    #expect(try reply(to: request, withinMilliseconds: 1) == .inUse)
  }

  /// Calls a service that deals with this question so, and returns the number under which `reply` knows the call.
  func begin(
    _ question: String, _ outcome: Manner.Outcome = .answers, at service: Int = 1, milliseconds: Int = 0
  ) throws -> Int {
    try arrange(question, outcome, at: service, milliseconds: milliseconds)
    let request = try hand(CallerRequest.call(service: NodeID(service), question: question), to: front)
    try advance(milliseconds: 1)
    return request
  }

  /// Calls a service, and waits for how the call ends; nil if it does not within ten seconds.
  func call(
    _ question: String, _ outcome: Manner.Outcome = .answers, at service: Int = 1, milliseconds: Int = 0
  ) throws -> CallerReply? {
    try reply(
      to: begin(question, outcome, at: service, milliseconds: milliseconds), withinMilliseconds: 10_000)
  }

  /// Lets calls to a service fail, one after the other.
  func fail(_ count: Int, at service: Int = 1) throws {
    for _ in 0..<count {
      #expect(try call("failure \(news.count)", .fails, at: service) == .failed)
    }
  }

  /// Moves the caller's wall clock.
  func moveWallClock(seconds: Int) throws {
    try world.perform(
      .setClock(node: front, driftPartsPerMillion: 0, wallOffsetMicroseconds: seconds * 1_000_000))
  }
}

// MARK: Stage 4B

typealias ProxyCluster = CallCluster<Proxy>

extension ProxyCluster {
  convenience init(_ settings: ProxySettings = ProxySettings(), seed: UInt64 = 1) throws {
    try self.init(as: "proxy", count: 2, seed: seed)
    for proxy in [front, back] {
      let request = try hand(ProxyRequest.use(settings), to: proxy)
      #expect(try reply(to: request, withinMilliseconds: 1) == .inUse)
    }
  }

  /// What reached the services, in this order.
  var passed: [ProxyCall] {
    news.compactMap { if case .passed(let call) = $0 { call } else { nil } }
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

  /// Asks for an answer, and waits until the time is over; nil if the client was told nothing.
  func call(
    _ question: String, _ repetition: ProxyCall.Repetition = .freely, of service: Int = 1,
    throughBoth: Bool = false, within milliseconds: Int = 5_000
  ) throws -> ProxyReply? {
    let call = try begin(
      question, repetition, of: service, throughBoth: throughBoth, within: milliseconds)
    return try reply(to: call, withinMilliseconds: milliseconds)
  }
}
