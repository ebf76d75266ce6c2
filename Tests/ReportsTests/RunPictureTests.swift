import Foundation
import LabKit
import Reports
import Testing

@Suite("A run as a picture")
struct RunPictureTests {
  private func facts(concerned: [Int] = [1], records: Int? = nil) -> RunFacts {
    RunFacts(
      week: "week1", scenario: "1A.toy", title: "a toy", seed: 1, nodeCount: 3, program: "raft",
      property: "Election safety", section: "Raft, Figure 3", evidence: "n1 leads.",
      concernedNodes: concerned,
      recordCount: records)
  }

  private func picture(
    milliseconds: Int = 100, concerned: [Int] = [1],
    _ schedule: [(milliseconds: Int, command: WorldCommand)] = []
  ) throws -> RunPicture {
    try RunPicture(
      trace: PictureWorld.trace(milliseconds: milliseconds, schedule), about: facts(concerned: concerned))
  }

  private func words(_ picture: RunPicture, _ events: [Int]) -> Set<String> {
    Set(events.map { picture.events[$0].words })
  }

  private func message(_ picture: RunPicture, _ label: String, to node: Int) throws -> RunPicture.Message {
    try #require(picture.messages.first { $0.label == label && $0.to == node })
  }

  // MARK: Causes

  @Test("the past of a violation holds what led to it, and nothing else")
  func past() throws {
    let picture = try picture()
    let led: Set = [
      "n1 starts", "n2 starts", "n1: the timer go runs out", "n2 receives ask from n1",
      "n1 receives answer from n2",
    ]
    #expect(words(picture, picture.violation.past) == led)
    #expect(picture.violation.event.map { picture.events[$0].words } == "n1 receives answer from n2")
    let turns = led.filter { !$0.hasSuffix("starts") }
    #expect(words(picture, picture.violation.decisive) == turns)
  }

  @Test("another node's past is another one")
  func pastOfAnother() throws {
    let picture = try picture(concerned: [3])
    #expect(
      words(picture, picture.violation.past) == [
        "n1 starts", "n3 starts", "n1: the timer go runs out", "n3 receives ask from n1",
      ])
  }

  @Test("what comes after the last record that counts is left out, but not what its handler did")
  func end() throws {
    let trace = try PictureWorld.trace()
    var reader = TraceReader()
    var (count, last) = (0, 0)
    try reader.read(trace) { _, record in
      count += 1
      if case .status(1, let fields) = record, fields[0] == 1 { last = count }
    }
    let picture = try RunPicture(trace: trace, about: facts(records: last))
    #expect(picture.events.last?.words == "n1: the timer go runs out")
    #expect(
      picture.events.last?.effects.map(\.words) == ["send ask to n2", "persist term", "send ask to n3"])
  }

  // MARK: Handlers

  @Test("what leaves a node before its new term is saved has a note, what leaves it after has none")
  func missing() throws {
    let effects = try #require(try picture().events.first { $0.kind == .timer }).effects
    #expect(effects.map(\.note) == ["nothing persisted before this send, though term changed", nil, nil])
    let answer = try #require(try picture().events.first { $0.node == 2 && $0.kind == .receive }).effects
    #expect(answer.map(\.kind) == [.persist, .send])
    #expect(answer.allSatisfy { $0.note == nil })
  }

  @Test("an event shows only what changed, before and after")
  func changes() throws {
    let vote = try #require(try picture().events.first { $0.node == 2 && $0.kind == .receive })
    #expect(vote.changes.map(\.field) == ["term", "vote"])
    #expect(vote.changes.map(\.before) == ["0", "none"])
    #expect(vote.changes.map(\.after) == ["1", "n1"])
  }

  // MARK: Messages

  @Test("a message knows its sender, its arrival and that it was in time")
  func ordinary() throws {
    let picture = try picture()
    let ask = try message(picture, "ask", to: 2)
    #expect(ask.fate == .ordinary)
    #expect(ask.sentEvent.map { picture.events[$0].kind } == .timer)
    #expect(ask.arrivals.map { picture.events[$0].node } == [2])
    #expect(ask.losses.isEmpty && ask.inFlight == 0 && !ask.isDelayed)
  }

  @Test("lost when sent, lost on arrival, duplicated, delayed and under way are five different fates")
  func fates() throws {
    let slow = LinkProfile(delayMicroseconds: 30_000...30_000)
    let twice = LinkProfile(
      delayMicroseconds: 1_000...1_000, duplicationPartsPerMillion: 1_000_000)
    let lost = try message(try picture([(0, .cut(from: 1, to: 2, true))]), "ask", to: 2)
    #expect(lost.fate == .lost && lost.arrivals.isEmpty && lost.losses.isEmpty && lost.inFlight == 0)
    let tooLate = try picture([(0, .setLink(from: 1, to: 2, slow)), (20, .crash(node: 2))])
    let missed = try message(tooLate, "ask", to: 2)
    #expect(missed.fate == .ordinary && missed.arrivals.isEmpty && missed.inFlight == 0)
    #expect(words(tooLate, missed.losses) == ["ask from n1 is lost on its way to n2: n2 is down"])
    let doubled = try message(try picture([(0, .setLink(from: 1, to: 2, twice))]), "ask", to: 2)
    #expect(doubled.fate == .duplicated && doubled.arrivals.count == 2 && !doubled.isDelayed)
    let delayed = try message(try picture([(0, .setLink(from: 1, to: 2, slow))]), "ask", to: 2)
    #expect(delayed.isDelayed && delayed.arrivals.count == 1)
    let flying = try message(
      try picture(milliseconds: 20, [(0, .setLink(from: 1, to: 2, slow))]), "ask", to: 2)
    #expect(flying.inFlight == 1 && flying.arrivals.isEmpty && !flying.isDelayed)
  }

  // MARK: Spans

  @Test("a crash lasts until the node starts again, a cut until the link heals, the same cuts are one")
  func spans() throws {
    let picture = try picture([
      (30, .crash(node: 3)), (40, .cut(from: 1, to: 2, true)), (40, .cut(from: 2, to: 1, true)),
      (60, .boot(node: 3)), (70, .cut(from: 1, to: 2, false)), (70, .cut(from: 2, to: 1, false)),
      (80, .pause(node: 1)),
    ])
    let crash = try #require(picture.faults.first { $0.kind == .crashed })
    #expect(crash.node == 3 && crash.startMicroseconds == 30_000 && crash.endMicroseconds == 60_000)
    let cuts = picture.faults.filter { $0.kind == .cut }
    #expect(cuts.count == 1)
    #expect(cuts.first?.links.map { [$0.from, $0.to] } == [[1, 2], [2, 1]])
    #expect(cuts.first?.startMicroseconds == 40_000 && cuts.first?.endMicroseconds == 70_000)
    let pause = try #require(picture.faults.first { $0.kind == .paused })
    #expect(pause.node == 1 && pause.endMicroseconds == nil)
  }

  @Test("roles and terms are spans that follow each other, and end with a crash")
  func roles() throws {
    let picture = try picture([(50, .crash(node: 1))])
    let roles = picture.roles.filter { $0.node == 1 }
    #expect(roles.map(\.role) == [.follower, .candidate, .leader])
    #expect(roles.map(\.term) == [0, 1, 1])
    for (earlier, later) in zip(roles, roles.dropFirst()) { #expect(earlier.endEvent == later.startEvent) }
    #expect(roles.last?.endEvent.map { picture.events[$0].kind } == .crash)
  }

  // MARK: Size and form

  @Test("of a long run the end is shown, and it is said how much is left out")
  func longRun() throws {
    let trace = try PictureWorld.trace()
    let whole = try RunPicture(trace: trace, about: facts())
    let part = try RunPicture(trace: trace, about: facts(), mostEvents: 3)
    #expect(part.events.map(\.words) == whole.events.suffix(3).map(\.words))
    #expect(part.eventsLeftOut == whole.events.count - 3)
    #expect(part.events.map(\.id) == [0, 1, 2])
  }

  @Test("a picture is the same after its JSON was written and read")
  func json() throws {
    var picture = try picture()
    picture.facts.recordCount = nil
    let data = try JSONEncoder().encode(picture)
    #expect(try JSONDecoder().decode(RunPicture.self, from: data) == picture)
  }

  @Test("a damaged trace is refused")
  func damage() throws {
    var trace = try PictureWorld.trace()
    trace[0] = 99
    #expect(throws: WireError.self) { try RunPicture(trace: trace, about: facts()) }
  }
}
