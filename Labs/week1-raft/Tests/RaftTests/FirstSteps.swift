import LabKit
import Raft
import Testing

// A test a rule, to begin with; add your own. They run your nodes in the same simulated world that `lab test` uses, so
// that a breakpoint in a handler works. What you have not written yet stops the run and is named.
//
//     swift test --filter Stage1A

@Suite("First steps", .serialized)
enum FirstSteps {}

extension FirstSteps {
  @Suite("1A")
  struct Stage1A {
    @Test("three nodes elect one leader within two seconds")
    func election() throws {
      let cluster = try Cluster(3, seed: 1)
      try cluster.advance(milliseconds: 2_000)
      #expect(cluster.leaders.count == 1)
    }

    @Test("no node votes twice in a term", arguments: 1...20)
    func oneVote(seed: UInt64) throws {
      struct Promise: Hashable {
        let node: Int
        let term: Int
      }
      let cluster = try Cluster(5, seed: seed)
      // Messages take as long as an election timeout: several candidates ask in one term.
      try cluster.setDelays(milliseconds: 1...200)
      var votes: [Promise: NodeID] = [:]
      for _ in 0..<3_000 {
        try cluster.advance(milliseconds: 1)
        for node in cluster.nodes {
          guard let status = cluster.status(node), let vote = status.vote else { continue }
          let promise = Promise(node: node, term: status.term)
          try #require(votes[promise, default: vote] == vote, "n\(node) in term \(status.term)")
          votes[promise] = vote
        }
      }
      #expect(!votes.isEmpty)
    }
  }

  @Suite("1B")
  struct Stage1B {
    @Test("a command that the leader takes in is committed by all")
    func replication() throws {
      let cluster = try Cluster(3, seed: 1)
      try cluster.advance(milliseconds: 2_000)
      let leader = try #require(cluster.leaders.first)
      let command = Command(id: 7)
      try cluster.propose(command, to: leader)
      try cluster.advance(milliseconds: 1_000)
      for node in cluster.nodes { #expect(cluster.hasCommitted(command, node), "n\(node)") }
    }
  }

  @Suite("1C")
  struct Stage1C {
    @Test("a node that crashes and starts again keeps its term and its vote")
    func restart() throws {
      let cluster = try Cluster(3, seed: 1)
      try cluster.advance(milliseconds: 2_000)
      for node in cluster.nodes {
        let before = try #require(cluster.status(node))
        try cluster.crash(node)
        try cluster.boot(node)
        let after = try #require(cluster.status(node))
        #expect(after.term == before.term)
        #expect(after.vote == before.vote)
        #expect(after.role == .follower)
      }
    }
  }
}
