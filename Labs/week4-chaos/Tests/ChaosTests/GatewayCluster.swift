import Chaos
import LabKit
import Testing

/// Your gateway in a simulated world, beside the instances that the course provides. One seed gives one run.
final class GatewayCluster {
  let world: World<PageMessage>
  let gateway = 7
  /// What the instances have answered, in this order.
  private(set) var served: [ServedPiece] = []
  private var pages: [Int: (page: Page, at: Int)] = [:]
  private var requests = 0
  private var reader = TraceReader()

  /// Starts all nodes at one instant.
  init(seed: UInt64 = 1) throws {
    world = World(service: Gateway.self, as: "gateway", seed: seed)
    for node in 1...gateway { try world.perform(.boot(node: node)) }
  }

  func advance(milliseconds: Int) throws {
    _ = try world.advance(until: world.now + milliseconds * 1_000)
    try reader.read(world.takeTrace()) { [self] time, record in
      switch record {
      case .replied(gateway, _, let request, true, let body):
        pages[request] = (try Page(wireBytes: body), time)
      case .output(_, let body): served.append(try ServedPiece(wireBytes: body))
      default: return
      }
    }
  }

  private func hand(_ request: some WireValue, to node: Int) throws -> Int {
    requests += 1
    try world.perform(
      .request(
        node: node, client: 1, operation: requests, atMicroseconds: world.now, body: request.wireBytes))
    return requests
  }

  /// From now on these instances are like this.
  func setMood(of instances: [NodeID], _ mood: InstanceMood) throws {
    for instance in instances { _ = try hand(mood, to: instance.number) }
    try advance(milliseconds: 1)
  }

  /// Asks for a page, and returns the number under which `page` knows it.
  func begin(_ user: String) throws -> Int { try hand(PageRequest(user: user), to: gateway) }

  /// What the client of a request was told; nil if it has heard nothing yet.
  func page(of request: Int) -> Page? { pages[request]?.page }

  /// Asks for a page, and waits as long as a client does.
  func ask(_ user: String) throws -> (page: Page, milliseconds: Int)? {
    let (request, start) = (try begin(user), world.now)
    try advance(milliseconds: GatewayBounds.limitMilliseconds)
    return pages[request].map { ($0.page, ($0.at - start) / 1_000) }
  }
}

extension Page {
  /// The parts that an instance has answered to this very request, as the gateway says.
  var freshParts: [PagePart] {
    PagePart.allCases.filter { if case .fresh = self[$0] { true } else { false } }
  }
}
