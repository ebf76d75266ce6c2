import LabKit
import Raft
import Testing

// Tests of your own go here. They run your nodes in the same simulated world that `lab test` uses, so that a
// breakpoint in a handler works.

@Test("three nodes elect one leader within two seconds")
func threeNodesElectOneLeader() throws {
  let world = World<Message>(Raft.self, count: 3, seed: 1)
  for node in 1...3 { try world.perform(.boot(node: node)) }
  _ = try world.advance(until: 2_000_000)
  let leaders = (1...3).filter { world.node(NodeID($0), as: Raft.self)?.status.role == .leader }
  #expect(leaders.count == 1)
}
