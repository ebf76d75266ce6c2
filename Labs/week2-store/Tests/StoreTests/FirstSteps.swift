import LabKit
import Store
import Testing

// A test a rule, to begin with; add your own. What is tested here are plain values, so that a breakpoint in them works.
// What you have not written yet stops the run and is named.
//
//     swift test --filter Stage2A

@Suite("First steps", .serialized)
enum FirstSteps {}

extension FirstSteps {
  @Suite("2A")
  struct Stage2A {
    private let first = ProcessID(node: 1)
    private let second = ProcessID(node: 2)

    @Test("a message that arrives was sent earlier, by the Lamport clocks of both")
    func lamport() {
      var (sender, receiver) = (LamportClock(), LamportClock())
      for _ in 1...5 { _ = sender.tick() }
      let sent = sender.tick()
      #expect(receiver.receive(sent) > sent)
    }

    @Test("two who have not heard of each other are concurrent, by their vector clocks")
    func concurrent() {
      var (left, right) = (VectorClock(), VectorClock())
      left.tick(at: first)
      right.tick(at: second)
      #expect(left.compared(to: right) == .concurrent)
      right.receive(left, at: second)
      #expect(left.compared(to: right) == .before)
      #expect(right.compared(to: left) == .after)
    }

    @Test("a hybrid clock goes on where the wall clock jumps back")
    func hybrid() {
      var clock = HybridClock()
      let before = clock.tick(wall: 1_000)
      let after = clock.tick(wall: 400)
      #expect(before < after)
      #expect(after.physical == 1_000)
    }
  }

  @Suite("2B")
  struct Stage2B {
    private func ring(of nodes: [NodeID]) -> HashRing {
      var ring = HashRing(hash: PlacementHash())
      for node in nodes { ring.add(node, weight: 1) }
      return ring
    }

    @Test("three replicas lie on three nodes, the owner first")
    func replicas() {
      let ring = ring(of: [1, 2, 3, 4, 5])
      for number in 1...100 {
        let list = ring.preferenceList(for: "user\(number)", count: 3)
        #expect(Set(list).count == 3)
        #expect(list.first == ring.owner(of: "user\(number)"))
      }
    }

    @Test("a key keeps its owner when another node goes")
    func removal() {
      let whole = ring(of: [1, 2, 3, 4, 5])
      var rest = whole
      rest.remove(4)
      for number in 1...100 {
        let (before, after) = (whole.owner(of: "user\(number)"), rest.owner(of: "user\(number)"))
        #expect(after != 4)
        if before != 4 { #expect(after == before) }
      }
    }
  }

  @Suite("2C")
  struct Stage2C {
    @Test("what is written through one node is read through another")
    func anyNode() throws {
      let cluster = try Cluster(5)
      for node in cluster.nodes {
        try cluster.get("tea", through: node)
        #expect(try cluster.put("tea", "cup \(node)", through: node) == .stored)
        #expect(try cluster.get("tea", through: node % 5 + 1) == ["cup \(node)"])
      }
    }

    @Test("a write that asks for three replicas is not stored where one is out of reach")
    func quorum() throws {
      let cluster = try Cluster(3)
      try cluster.cut(3)
      #expect(try cluster.put("tea", "cup", w: 3, through: 1) == .unknown)
      #expect(try cluster.get("tea", r: 3, through: 1) == nil)
      #expect(try cluster.get("tea", r: 2, through: 1) == ["cup"])
    }

    @Test("a node that crashes and starts again still holds what it held")
    func restart() throws {
      let cluster = try Cluster(3)
      try cluster.put("tea", "cup", w: 3, through: 1)
      for node in cluster.nodes {
        try cluster.crash(node)
        try cluster.boot(node)
      }
      #expect(try cluster.get("tea", r: 3, through: 2) == ["cup"])
    }
  }

  @Suite("2D")
  struct Stage2D {
    @Test("two writes that did not know of each other stay both, until somebody has read them")
    func siblings() throws {
      let cluster = try Cluster(3)
      try cluster.put("tea", "cup", forgetting: true, through: 1)
      try cluster.put("tea", "pot", forgetting: true, through: 1)
      #expect(Set(try cluster.get("tea", through: 2) ?? []) == ["cup", "pot"])
      try cluster.put("tea", "both", through: 3)
      #expect(try cluster.get("tea", through: 1) == ["both"])
    }

    @Test("a replica that was away knows, some time after a read, what the others know")
    func repair() throws {
      let cluster = try Cluster(3)
      try cluster.cut(3)
      try cluster.put("tea", "cup", through: 1)
      try cluster.advance(milliseconds: 10_000)
      try cluster.cut(3, false)
      try cluster.get("tea", through: 1)
      try cluster.advance(milliseconds: StoreBounds.repairMilliseconds)
      try cluster.cut(3)
      #expect(try cluster.get("tea", r: 1, through: 3) == ["cup"])
    }

    @Test("carts that are merged hold what was added to either")
    func carts() {
      var (left, right) = (Cart(), Cart())
      left.add("tea")
      right.add("soap")
      left.merge(right)
      #expect(left.items == ["tea", "soap"])
      left.remove("tea")
      #expect(left.items == ["soap"])
    }
  }

  @Suite("2E")
  struct Stage2E {
    @Test("where all replicas are out of reach others stand in, and hand on what they kept")
    func standIns() throws {
      let cluster = try Cluster(5)
      let replicas = try cluster.replicas(of: "tea")
      let others = cluster.nodes.filter { !replicas.contains($0) }
      for replica in replicas { try cluster.cut(replica) }
      #expect(try cluster.put("tea", "cup", w: 2, through: others[0]) != .stored)
      #expect(try cluster.put("tea", "pot", w: 2, sloppy: true, through: others[0]) == .stored)
      for replica in replicas { try cluster.cut(replica, false) }
      try cluster.advance(milliseconds: StoreBounds.agreementMilliseconds)
      for replica in replicas {
        try cluster.cut(replica)
        #expect(try cluster.get("tea", r: 1, through: replica) == ["pot"])
        try cluster.cut(replica, false)
      }
    }

    @Test("replicas that nobody reads come to agree")
    func agreement() throws {
      let cluster = try Cluster(3)
      try cluster.cut(3)
      try cluster.put("tea", "cup", through: 1)
      for node in 1...2 {
        try cluster.crash(node)
        try cluster.boot(node)
      }
      try cluster.cut(3, false)
      try cluster.advance(milliseconds: StoreBounds.agreementMilliseconds)
      try cluster.cut(3)
      #expect(try cluster.get("tea", r: 1, through: 3) == ["cup"])
    }
  }
}
