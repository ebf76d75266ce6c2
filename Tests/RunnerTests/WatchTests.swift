import LabKit
import Runner
import Testing

@Suite("Watches")
struct WatchTests {
  /// A world of toy nodes in this process, driven as a scenario drives one.
  private func trial(seed: UInt64 = 7) -> Trial {
    let configuration = WorldConfiguration(seed: seed, nodes: 3, program: "toy")
    return Trial(world: LocalWorld(seed: seed), configuration: configuration, recording: .trace)
  }

  private final class LocalWorld: SimulatedWorld {
    let world: World<ToyNode.Message>
    init(seed: UInt64) { world = World(ToyNode.self, count: 3, seed: seed) }

    func run(
      _ commands: [WorldCommand], until timeMicroseconds: Int, stopsOnReply: Bool,
      consume: ([UInt8]) throws -> Void
    ) throws -> Advance {
      for command in commands { try world.perform(command) }
      let reason = try world.advance(until: timeMicroseconds, stopsOnReply: stopsOnReply)
      try consume(world.takeTrace())
      return Advance(reason: reason, nowMicroseconds: world.now, calls: world.calls, hit: world.hit)
    }
  }

  private func records(_ trial: Trial) throws -> [TraceRecord] {
    var reader = TraceReader()
    var records: [TraceRecord] = []
    try reader.read(try #require(trial.recording)) { _, record in records.append(record) }
    return records
  }

  @Test("a run that watches and does nothing has the trace of a run that does not")
  func watchingChangesNothing() throws {
    let plain = trial()
    plain.boot(plain.nodes)
    try plain.advance(milliseconds: 500)
    let watched = trial()
    var hits = 0
    for event in [Watch.Event.started, .received, .timerFired, .sent, .persisted, .timerSet, .statusChanged] {
      watched.watch(Watch(event, maximumHits: .max)) { _, _ in
        hits += 1
        // However many of the effects are handed over at once.
        watched.applyFirst(hits % 3)
      }
    }
    watched.boot(watched.nodes)
    try watched.advance(milliseconds: 500)
    #expect(hits > 500)
    #expect(watched.digest == plain.digest)
  }

  @Test("a node crashes exactly between two effects, and is recorded as cut short", arguments: [0, 1, 2])
  func crashBetween(kept: Int) throws {
    let trial = trial()
    // A timer's handler sends a ping and sets the timer again.
    let watch = trial.watch(Watch(.timerFired, on: 2, occurrence: 3)) { hit, effect in
      #expect(effect == nil)
      #expect(hit.effects == [.send(to: 3, kind: "ping"), .setTimer("tick")])
      trial.applyFirst(kept)
      trial.crash(2)
    }
    trial.boot(trial.nodes)
    try trial.advance(milliseconds: 300)
    #expect(trial.hits(of: watch) == 1)
    let records = try records(trial)
    let end = try #require(records.firstIndex { if case .crashed(2, _) = $0 { true } else { false } })
    #expect(records[end] == .crashed(node: 2, isCutShort: kept < 2))
    #expect(records.count { if case .timerFired(2, _) = $0 { true } else { false } } == 3)
    let tail = records[..<end].suffix(kept)
    #expect(tail.contains { if case .sent(3, _, _) = $0 { true } else { false } } == (kept > 0))
    #expect(tail.contains { if case .timerSet = $0 { true } else { false } } == (kept > 1))
  }

  @Test("what was persisted before the crash is there after it, what was not is lost", arguments: [0, 1])
  func persistOrNot(kept: Int) throws {
    let trial = trial()
    trial.watch(Watch(.persisted, on: 1, where: [StatusCondition(field: 0, .became, 5)])) { hit, effect in
      #expect(hit.effects == [.persist(key: "count")])
      #expect(effect == 0)
      #expect(trial.statuses[1][0] == 5)
      trial.applyFirst(kept)
      trial.crash(1)
      trial.boot(1)
    }
    var restored: Int?
    trial.watch(Watch(.started, on: 1, occurrence: 2)) { _, _ in restored = Int(trial.statuses[1][0]) }
    trial.boot(trial.nodes)
    try trial.advance(milliseconds: 500)
    #expect(restored == 4 + kept)
  }

  @Test("comparisons look at the status after the handler, and at how it changed")
  func comparisons() throws {
    func count(at condition: StatusCondition, _ event: Watch.Event = .received) throws -> Int64? {
      let trial = trial()
      var seen: Int64?
      trial.watch(Watch(event, on: 1, where: [condition])) { _, _ in seen = trial.statuses[1][0] }
      trial.boot(trial.nodes)
      try trial.advance(milliseconds: 400)
      return seen
    }
    #expect(try count(at: StatusCondition(field: 0, .equals, 3)) == 3)
    #expect(try count(at: StatusCondition(field: 0, .differs, 1)) == 2)
    #expect(try count(at: StatusCondition(field: 0, .atLeast, 7)) == 7)
    #expect(try count(at: StatusCondition(field: 0, .atMost, 0)) == nil)
    #expect(try count(at: StatusCondition(field: 0, .atMost, 0), .timerFired) == 0)
    #expect(try count(at: StatusCondition(field: 0, .became, 4)) == 4)
    #expect(try count(at: StatusCondition(field: 0, .roseTo, 6)) == 6)
    #expect(try count(at: StatusCondition(field: 0, .roseTo, 0)) == nil)
    #expect(try count(at: StatusCondition(field: 0, .changed), .statusChanged) == 1)
    #expect(try count(at: StatusCondition(field: 0, .changed), .timerFired) == nil)
    #expect(try count(at: StatusCondition(field: 1, .changed)) == nil)
  }

  @Test("a watch hits from its n-th match on, as often as it may, and never after it ended")
  func counting() throws {
    let trial = trial()
    trial.boot(trial.nodes)
    let thrice = trial.watch(Watch(.received, on: 1, peer: 3, occurrence: 4, maximumHits: 3)) { _, _ in
      #expect((4...6).contains(trial.statuses[1][0]))
    }
    let wrongPeer = trial.watch(Watch(.received, on: 1, peer: 2)) { _, _ in }
    let ended = trial.watch(Watch(.sent, maximumHits: .max)) { _, _ in }
    try trial.advance(milliseconds: 100)
    let before = trial.hits(of: ended)
    trial.unwatch(ended)
    try trial.advance(milliseconds: 300)
    #expect(trial.hits(of: thrice) == 3)
    #expect(trial.hits(of: wrongPeer) == 0)
    #expect(before > 10 && trial.hits(of: ended) == before)
  }

  @Test("when another node starts in between, the trace says whose effects go on")
  func interleaving() throws {
    let trial = trial()
    trial.boot(1)
    trial.watch(Watch(.timerFired, on: 1)) { _, _ in
      trial.applyFirst(1)
      trial.boot(3)
    }
    try trial.advance(milliseconds: 50)
    let records = try records(trial)
    let start = try #require(records.firstIndex(of: .started(node: 3, boot: 1)))
    let goesOn = try #require(records[start...].firstIndex(of: .continued(node: 1)))
    #expect(records[goesOn + 1] == .timerSet(timer: "tick", delayMicroseconds: 10_000))
  }

  @Test("a reaction that lets time pass is an error")
  func reactionThatAdvances() throws {
    let trial = trial()
    trial.boot(trial.nodes)
    trial.watch(Watch(.sent)) { _, _ in try trial.advance(milliseconds: 1) }
    #expect(throws: LabError.self) { try trial.advance(milliseconds: 100) }
  }

  @Test("time stops at the moment of a reply")
  func reply() throws {
    let trial = trial()
    trial.boot(trial.nodes)
    try trial.advance(milliseconds: 30)
    let operation = trial.request(RaftRequest.propose(Command(id: 1)), to: 2)
    #expect(try trial.advance(untilReplyOrMilliseconds: 100))
    #expect(trial.nowMicroseconds == 30_000)
    #expect(trial.replies[operation] != nil)
    #expect(try !trial.advance(untilReplyOrMilliseconds: 70))
    #expect(trial.nowMicroseconds == 100_000)
  }

  @Test("a watch on a node or field that does not exist is refused")
  func badWatches() throws {
    let world = World<ToyNode.Message>(ToyNode.self, count: 3, seed: 1)
    #expect(throws: WireError.self) { try world.perform(.watch(0, Watch(.sent, on: 4))) }
    var writer = WireWriter()
    writer.byte(9)
    writer.byte(StatusCondition.Comparison.equals.rawValue)
    writer.integer(0)
    #expect(throws: WireError.self) { try StatusCondition(wireBytes: writer.bytes) }
  }

  @Test("watches and hits survive the wire")
  func roundTrip() throws {
    let watch = Watch(
      .persisted, on: 2, peer: 3, where: [StatusCondition(field: 7, .roseTo, -4)], occurrence: 9,
      maximumHits: .max)
    let command = WorldCommand.watch(12, watch)
    #expect(try WorldCommand(wireBytes: command.wireBytes) == command)
    let world = World<ToyNode.Message>(ToyNode.self, count: 3, seed: 1)
    try world.perform(.watch(5, Watch(.timerFired)))
    try world.perform(.boot(node: 1))
    #expect(try world.advance(until: 1_000_000) == .watch)
    let hit = try #require(world.hit)
    #expect(hit.matches.map(\.watch) == [5] && hit.effects.count == 2)
    #expect(try WatchHit(wireBytes: hit.wireBytes) == hit)
  }
}
