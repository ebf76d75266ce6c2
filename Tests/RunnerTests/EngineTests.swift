import LabKit
import Testing

@Suite("Engine")
struct EngineTests {
  private func world(seed: UInt64 = 7) throws -> World<ToyNode.Message> {
    let world = World<ToyNode.Message>(ToyNode.self, count: 3, seed: seed)
    for node in 1...3 { try world.perform(.boot(node: node)) }
    return world
  }

  private func count(_ world: World<ToyNode.Message>, _ node: Int) -> Int? {
    world.node(NodeID(node), as: ToyNode.self)?.count
  }

  private func digest(seed: UInt64, stops: [Int]) throws -> UInt64 {
    let world = try world(seed: seed)
    var digest = TraceDigest()
    for stop in stops {
      _ = try world.advance(until: stop)
      digest.add(world.takeTrace())
    }
    return digest.final
  }

  @Test("one seed gives one trace, however the run is cut into pieces")
  func determinism() throws {
    let whole = try digest(seed: 7, stops: [1_000_000])
    #expect(try digest(seed: 7, stops: [10, 333_333, 500_000, 1_000_000]) == whole)
    #expect(try digest(seed: 8, stops: [1_000_000]) != whole)
  }

  @Test("the toy world's trace has not changed since it was first written down")
  func goldenTrace() throws {
    let digest = try digest(seed: 42, stops: [200_000])
    #expect(digest == 17_974_709_061_489_701_432)
  }

  /// The first event of a kind that happened to n1, in a toy world that something is brought forward in.
  private func first(after handler: Int, _ turn: Turn, _ isMeant: (TraceRecord) -> Bool) throws -> Int? {
    let world = try world()
    try world.perform(.turn(afterHandler: handler, turn))
    _ = try world.advance(until: 100_000)
    var found: Int?
    var reader = TraceReader()
    try reader.read(world.takeTrace()) { time, record in
      if found == nil, isMeant(record) { found = time }
    }
    return found
  }

  @Test("a branch lets a timer run out and a message arrive as soon as so many handlers have run")
  func turns() throws {
    func rings(_ record: TraceRecord) -> Bool { if case .timerFired(1, _) = record { true } else { false } }
    func arrives(_ record: TraceRecord) -> Bool {
      if case .delivered(2, 1, _, 1) = record { true } else { false }
    }
    let nothing = Turn.ring(node: 1, timer: "no such timer")
    let ordinary = try #require(try first(after: 3, nothing, rings))
    #expect(ordinary > 0)
    #expect(try first(after: 3, .ring(node: 1, timer: "tick"), rings) == 0)
    let arrival = try #require(try first(after: 3, nothing, arrives))
    let message = Turn.deliver(LinkMessage(from: 1, to: 2, number: 1))
    // It is not under way before it was sent.
    #expect(try first(after: 3, message, arrives) == arrival)
    let early = try (4...9).compactMap { try first(after: $0, message, arrives) }.min()
    #expect(try #require(early) < arrival)
    #expect(
      try WorldCommand(wireBytes: WorldCommand.turn(afterHandler: 9, message).wireBytes)
        == .turn(afterHandler: 9, message))
  }

  @Test("a crash takes what is volatile and leaves what was persisted")
  func crashKeepsDisk() throws {
    let world = try world()
    _ = try world.advance(until: 500_000)
    let before = try #require(count(world, 1))
    #expect(before > 10)
    try world.perform(.crash(node: 1))
    #expect(count(world, 1) == nil)
    try world.perform(.boot(node: 1))
    #expect(count(world, 1) == before)
  }

  @Test("a cut link loses everything, and the others nothing")
  func cutLink() throws {
    let world = try world()
    try world.perform(.cut(from: 3, to: 1, true))
    _ = try world.advance(until: 500_000)
    #expect(count(world, 1) == 0)
    #expect(try #require(count(world, 2)) > 10)
  }

  @Test("a crash between two effects keeps the first and loses the rest")
  func crashBetweenEffects() throws {
    let world = try world()
    // Half of one effect is none: the count is not on the disk when the process dies.
    try world.perform(.crashBetweenEffects(node: 1, handler: 3, fraction: 500_000))
    _ = try world.advance(until: 500_000)
    #expect(count(world, 1) == nil)
    try world.perform(.boot(node: 1))
    #expect(count(world, 1) == 2)
  }

  @Test("a message that is duplicated arrives twice")
  func duplication() throws {
    let world = try world()
    try world.perform(
      .setLink(
        from: 3, to: 1, LinkProfile(delayMicroseconds: 1_000...1_000, duplicationPartsPerMillion: 1_000_000)))
    _ = try world.advance(until: 500_000)
    let twice = try #require(count(world, 1))
    let once = try #require(count(world, 2))
    #expect(twice > once * 19 / 10)
  }

  @Test("the trace tells how many bytes a message has, from when it is asked to")
  func weighing() throws {
    let world = try world()
    var reader = TraceReader()
    var weights: [Int] = []
    func advance(until time: Int) throws {
      _ = try world.advance(until: time)
      try reader.read(world.takeTrace()) { _, record in
        if case .weighed(_, let bytes) = record { weights.append(bytes) }
      }
    }
    try advance(until: 100_000)
    #expect(weights.isEmpty)
    try world.perform(.weighMessages(true))
    try advance(until: 200_000)
    // A ping of the counts so far, which take a byte each, and a set of three.
    let bytes = try WireCodec.encode(ToyNode.Message.ping(7, [1, 2, 3])).count
    #expect(weights.count > 20)
    #expect(weights.allSatisfy { $0 == bytes })
  }

  @Test("the trace tells how many bytes are on each disk, when it is asked to")
  func weighedDisks() throws {
    let world = try world()
    var reader = TraceReader()
    var bytes: [Int: Int] = [:]
    for time in [100_000, 200_000] {
      try world.perform(.weighDisks)
      _ = try world.advance(until: time)
      try reader.read(world.takeTrace()) { _, record in
        if case .diskWeighed(let node, let weight) = record { bytes[node] = weight }
      }
      // Nothing was persisted before the first ticks; then each node has its count.
      let count = try WireCodec.encode(7).count
      #expect(bytes == (time == 100_000 ? [1: 0, 2: 0, 3: 0] : [1: count, 2: count, 3: count]))
    }
  }

  @Test("a command about a node that does not exist is refused")
  func badCommand() throws {
    let world = try world()
    #expect(throws: WireError.self) { try world.perform(.crash(node: 9)) }
    #expect(throws: WireError.self) { try world.perform(.cut(from: 1, to: 4, true)) }
  }
}

extension EngineTests {
  /// Tells its uptime with every tick.
  private struct Clock: Node {
    enum Message: NodeMessage {
      case none
      var kind: String { "none" }
    }
    struct Status: NodeStatus {
      let uptimeMicroseconds: Int
      static var fieldNames: [String] { ["uptime"] }
      var fields: SIMD8<Int64> { SIMD8(Int64(uptimeMicroseconds), 0, 0, 0, 0, 0, 0, 0) }
    }
    typealias Request = RaftRequest
    typealias Reply = RaftReply
    typealias Output = RaftOutput

    var uptimes: [Duration] = []
    init(id: NodeID, members: [NodeID]) {}
    var status: Status { Status(uptimeMicroseconds: uptimes.count) }
    mutating func start(from disk: Disk, _ context: inout Context<Self>) { tick(&context) }
    mutating func receive(_ message: Message, from sender: NodeID, _ context: inout Context<Self>) {}
    mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) { tick(&context) }
    mutating func handle(_ request: RaftRequest, replyTo token: Token, _ context: inout Context<Self>) {}
    private mutating func tick(_ context: inout Context<Self>) {
      uptimes.append(context.uptime)
      context.setTimer("tick", after: .microseconds(10_007))
    }
  }

  @Test("a node's clock never goes back, however its drift changes, and its timers follow it")
  func drift() throws {
    let world = World<Clock.Message>(Clock.self, count: 1, seed: 3)
    try world.perform(.boot(node: 1))
    for (number, drift) in [0, -300_000, 300_000, -990_000, 0].enumerated() {
      try world.perform(.setClock(node: 1, driftPartsPerMillion: drift, wallOffsetMicroseconds: 0))
      _ = try world.advance(until: (number + 1) * 5_000_000)
    }
    let uptimes = try #require(world.node(1, as: Clock.self)?.uptimes)
    #expect(uptimes.count > 1_000)
    // Also the tick during which the drift changed.
    let odd = zip(uptimes, uptimes.dropFirst()).filter { abs(($1 - $0) / .microseconds(1) - 10_007) > 2 }
    #expect(odd.isEmpty)
    let total = try #require(uptimes.last) / .seconds(1)
    #expect(abs(total - (5 + 3.5 + 6.5 + 0.05 + 5)) < 0.1)
  }
}
