import Chaos
import LabKit
import Testing

/// Your caller in a simulated world, beside the services that the course provides. One seed gives one run.
final class CallerCluster {
  let world: World<CallMessage>
  let users = 1
  let orders = 2
  private let caller = 3
  /// What the services have told whoever watches, in this order.
  private(set) var news: [ServiceNews] = []
  private var replies: [Int: CallerReply] = [:]
  private var requests = 0
  private var reader = TraceReader()

  init(_ settings: BreakerSettings = BreakerSettings(), seed: UInt64 = 1) throws {
    world = World(service: Caller.self, as: "breaker", seed: seed)
    for node in 1...caller { try world.perform(.boot(node: node)) }
    let request = try hand(CallerRequest.use(settings), to: caller)
    try advance(milliseconds: 1)
    #expect(replies[request] == .inUse)
  }

  func advance(milliseconds: Int) throws {
    _ = try world.advance(until: world.now + milliseconds * 1_000)
    try reader.read(world.takeTrace()) { [self] _, record in
      switch record {
      case .replied(caller, _, let request, true, let body):
        replies[request] = try CallerReply(wireBytes: body)
      case .output(_, let body): news.append(try ServiceNews(wireBytes: body))
      default: return
      }
    }
  }

  /// Calls a service that does so with this question, and returns the number under which `reply` knows the call.
  func begin(
    _ question: String, _ outcome: Manner.Outcome = .answers, at service: Int = 1, milliseconds: Int = 0
  ) throws -> Int {
    _ = try hand(Manner(question: question, outcome, milliseconds: milliseconds), to: service)
    try advance(milliseconds: 1)
    let request = try hand(CallerRequest.call(service: NodeID(service), question: question), to: caller)
    try advance(milliseconds: 1)
    return request
  }

  /// What the client of a call was told; nil if it has heard nothing yet.
  func reply(to call: Int) -> CallerReply? { replies[call] }

  /// Calls a service, and waits for how the call ends; nil if it does not within ten seconds.
  func call(
    _ question: String, _ outcome: Manner.Outcome = .answers, at service: Int = 1, milliseconds: Int = 0
  ) throws -> CallerReply? {
    let call = try begin(question, outcome, at: service, milliseconds: milliseconds)
    for _ in 0..<1_000 where reply(to: call) == nil { try advance(milliseconds: 10) }
    return reply(to: call)
  }

  /// Lets calls to a service fail, one after the other.
  func fail(_ count: Int, at service: Int = 1) throws {
    for _ in 0..<count {
      requests += 1
      #expect(try call("f\(requests)", .fails, at: service) == .failed)
    }
  }

  /// How often a service was asked this.
  func timesAsked(_ question: String) -> Int { news.count { $0 == .asked(question) } }

  /// Moves the caller's wall clock.
  func moveWallClock(seconds: Int) throws {
    try world.perform(
      .setClock(node: caller, driftPartsPerMillion: 0, wallOffsetMicroseconds: seconds * 1_000_000))
  }

  private func hand(_ request: some WireValue, to node: Int) throws -> Int {
    requests += 1
    try world.perform(
      .request(
        node: node, client: 1, operation: requests, atMicroseconds: world.now, body: request.wireBytes))
    return requests
  }
}
