import LabKit
import Raft

/// Your nodes in a simulated world. One seed gives one run.
struct Cluster {
  let world: World<Message>
  let nodes: ClosedRange<Int>

  /// Starts `count` nodes at one instant.
  init(_ count: Int, seed: UInt64) throws {
    world = World(Raft.self, count: count, seed: seed)
    nodes = 1...count
    for node in nodes { try boot(node) }
  }

  func boot(_ node: Int) throws { try world.perform(.boot(node: node)) }

  /// What the node knew is gone; what it persisted stays.
  func crash(_ node: Int) throws { try world.perform(.crash(node: node)) }

  /// Lets every message take as long as you say.
  func setDelays(milliseconds range: ClosedRange<Int>) throws {
    let profile = LinkProfile(delayMicroseconds: range.lowerBound * 1_000...range.upperBound * 1_000)
    for from in nodes {
      for to in nodes where to != from { try world.perform(.setLink(from: from, to: to, profile)) }
    }
  }

  func advance(milliseconds: Int) throws { _ = try world.advance(until: world.now + milliseconds * 1_000) }

  /// A client proposes a command. Number your proposals from 1.
  func propose(_ command: Command, number: Int = 1, to node: Int) throws {
    try world.perform(
      .request(
        node: node, client: 1, operation: number, atMicroseconds: world.now,
        body: RaftRequest.propose(command).wireBytes))
  }

  /// The node as it is now, or nil if it is down: look into your own fields.
  func node(_ node: Int) -> Raft? { world.node(NodeID(node)) }

  /// What the node shows, or nil if it is down.
  func status(_ node: Int) -> RaftStatus? { self.node(node)?.status }

  var leaders: [Int] { nodes.filter { status($0)?.role == .leader } }

  /// Whether the node has committed a command.
  func hasCommitted(_ command: Command, _ node: Int) -> Bool {
    guard let raft = self.node(node) else { return false }
    return (0...raft.status.commitIndex).contains { raft.entry(at: $0)?.digest == command.id }
  }
}
