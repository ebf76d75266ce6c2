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
}
