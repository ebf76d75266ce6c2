import LabKit
import Reports
import Testing

@Suite("What week 2's nodes and clients say")
struct StoreWordsTests {
  private struct ToyClock: LamportClocking {
    var time = 0
    mutating func tick() -> Int {
      time += 1
      return time
    }
    mutating func receive(_ time: Int) -> Int {
      self.time = max(self.time, time)
      return tick()
    }
  }

  private struct ToyPlacement: Placement {
    var nodes: [NodeID] = []
    init(hash: PlacementHash) {}
    mutating func add(_ node: NodeID, weight: Int) { nodes.append(node) }
    mutating func remove(_ node: NodeID) { nodes.removeAll { $0 == node } }
    func owner(of key: String) -> NodeID? { nodes.first }
    func preferenceList(for key: String, count: Int) -> [NodeID] { Array(nodes.prefix(count)) }
  }

  /// The words of all events and effects of a world that is asked these things.
  private func words<N: Node>(_ type: N.Type, _ requests: [some WireValue]) throws -> String {
    let world = World<N.Message>(type, count: 2, seed: 1)
    for node in 1...2 { try world.perform(.boot(node: node)) }
    var facts = RunFacts(
      week: "week2", scenario: "2A.toy", title: "a toy", seed: 1, nodeCount: 2, program: "toy",
      property: "Broken", evidence: "n1.")
    for (number, request) in requests.enumerated() {
      facts.requestBodies[number + 1] = request.wireBytes
      try world.perform(
        .request(
          node: 1, client: 1, operation: number + 1, atMicroseconds: number * 1_000, body: request.wireBytes))
    }
    _ = try world.advance(until: 100_000)
    let picture = try RunPicture(trace: world.takeTrace(), about: facts)
    return picture.events.flatMap { [$0.words] + $0.effects.map(\.words) }.joined(separator: "\n")
  }

  @Test("a clock's requests and stamps are told in words")
  func clocks() throws {
    let words = try words(LamportProbe<ToyClock>.self, [ClockRequest.step, .send(to: NodeID(2))])
    #expect(words.contains("client 1 asks n1: take a step"))
    #expect(words.contains("client 1 asks n1: send a message to n2"))
    #expect(words.contains("announce step stamped (1), wall clock 17"))
    #expect(words.contains("announce arrival stamped (3), wall clock 17"))
  }

  @Test("a placement's requests and answers are told in words")
  func placement() throws {
    let keys = KeyRange(first: 1, count: 5)
    let words = try words(
      PlacementProbe<ToyPlacement>.self,
      [
        PlacementRequest.add(NodeID(7), weight: 2), .owners(keys), .preferenceLists(keys, count: 1),
        .remove(NodeID(7)),
      ])
    #expect(words.contains("client 1 asks n1: add n7, weight 2"))
    #expect(words.contains("client 1 asks n1: the owners of 5 keys"))
    #expect(words.contains("n7; n7; n7; … 5 in all"))
    #expect(words.contains("client 1 asks n1: remove n7"))
  }

  private struct ToyStore: StoreNode {
    typealias Message = NoMessage
    init(id: NodeID, members: [NodeID]) {}
    var status: StoreStatus { StoreStatus(keys: 0, open: 0) }
    mutating func start(from disk: Disk, _ context: inout Context<Self>) {}
    mutating func receive(_ message: NoMessage, from sender: NodeID, _ context: inout Context<Self>) {}
    mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {}
    mutating func handle(_ request: StoreRequest, replyTo token: Token, _ context: inout Context<Self>) {
      switch request {
      case .get: context.reply(.found([StoreVersion(WriteID(client: 3, number: 2), nil)], .none), to: token)
      case .put: context.reply(.unknown, to: token)
      case .locate: context.reply(.replicas([2, 1]), to: token)
      case .view(let view): context.reply(.settled(view.number), to: token)
      }
    }
  }

  @Test("a store's requests and answers are told in words")
  func store() throws {
    let version = StoreVersion(WriteID(client: 1, number: 4), "cup")
    let words = try words(
      ToyStore.self,
      [
        StoreRequest.put("tea", version, .none, .sloppy(2)), .get("tea", .strict(3)), .locate("tea"),
        .view(MembershipView(number: 7, members: [1, 2], next: [1, 3])), .get("tea", .linearizable),
      ])
    #expect(words.contains("client 1 asks n1: put tea as c1.4, W = 2, sloppy, without a context"))
    #expect(words.contains("unknown"))
    #expect(words.contains("get tea, R = 3"))
    #expect(words.contains("found c3.2, a deletion"))
    #expect(words.contains("on n2 n1"))
    #expect(words.contains("view 7: n1 n2, next n1 n3"))
    #expect(words.contains("view 7 is settled"))
    #expect(words.contains("get tea, linearizable"))
  }
}
