import LabKit
import Reports
import Testing

@Suite("Walking through a run")
struct RunWalkTests {
  private let facts = RunFacts(
    week: "week1", scenario: "1A.toy", title: "a toy", seed: 1, nodeCount: 3, program: "raft",
    property: "Election safety", section: "Raft, Figure 3", evidence: "n1 leads.", concernedNodes: [1])

  private func walk(
    milliseconds: Int = 100, _ schedule: [(milliseconds: Int, command: WorldCommand)] = []
  ) throws -> RunWalk {
    try #require(
      RunWalk(RunPicture(trace: PictureWorld.trace(milliseconds: milliseconds, schedule), about: facts)))
  }

  /// Types lines, one after another, and returns what the last of them shows.
  private func type(_ lines: String..., in walk: inout RunWalk) throws -> String {
    var shown: [StoryLine] = []
    for line in lines { shown = walk.perform(try #require(WalkCommand(line: line)), columns: 90) }
    return shown.map(\.text).joined(separator: "\n")
  }

  @Test("begins at the first decisive event, and goes on and back")
  func onAndBack() throws {
    var walk = try walk()
    let first = walk.position
    #expect(walk.picture.violation.decisive.first == first)
    #expect(try type("n", in: &walk).contains("event \(first + 2) of \(walk.picture.events.count)"))
    #expect(try type("b", in: &walk).contains("event \(first + 1) of"))
    #expect(try type("g 1", "b", in: &walk) == "this is the first event")
    #expect(walk.position == 0)
  }

  @Test("an event is shown with what it changed, what it asked for and what is missing")
  func event() throws {
    var walk = try walk()
    let shown = try type("g 1", "/go runs out", in: &walk)
    #expect(shown.contains("n1: the timer go runs out"))
    #expect(shown.contains("term      0 → 1"))
    #expect(shown.contains("send ask to n2 → event"))
    #expect(shown.contains("PictureWorld.swift:"))
    #expect(shown.contains("↑ nothing persisted before this send, though term changed"))
  }

  @Test("jumps to the violation, to decisive events and to a node's next event")
  func jumps() throws {
    var walk = try walk()
    #expect(try type("v", in: &walk).contains("✘ HERE IT BROKE: Election safety"))
    #expect(walk.position == walk.picture.violation.event)
    #expect(try type("D", in: &walk).contains("decisive"))
    #expect(try type("g 1", "3", in: &walk).contains("n3"))
    #expect(try type("9", in: &walk) == "there is no n9: the nodes are n1 to n3")
  }

  @Test("a node's state is that of the present event, not of the end")
  func state() throws {
    var walk = try walk()
    #expect(try type("g 1", "s 1", in: &walk).hasPrefix("n1  follower of term 0 · go in 5 ms · heard nobody"))
    #expect(try type("v", "s n1", in: &walk).contains("leader of term 1"))
    #expect(try type("/go runs out", "g 4", "s 2", in: &walk).contains("ask from n1 is under way"))
  }

  @Test("faults that hold are shown, and the first is found")
  func faults() throws {
    var walk = try walk([(6, .crash(node: 3))])
    #expect(try type("f", in: &walk).contains("n3 crashes"))
    var whole = try self.walk()
    #expect(try type("f", in: &whole) == "nothing is made to fail in this run")
    var cut = try self.walk([(6, .cut(from: 1, to: 3, true))])
    #expect(try type("v", in: &cut).contains("broken now: cut: n1 → n3"))
  }

  @Test("what cannot be found or read is said, and nothing moves")
  func nothing() throws {
    var walk = try walk()
    let before = walk.position
    #expect(try type("/no such word", in: &walk) == "no later event has \"no such word\"")
    #expect(try type("g 9999", in: &walk).hasPrefix("there is no event 9999: they are 1 to"))
    #expect(walk.position == before)
    for line in ["x", "g", "g one", "g 5 m", "g -1 s", "s n", "12 3"] {
      #expect(WalkCommand(line: line) == nil, "\(line)")
    }
  }

  @Test("what else may happen is listed by number: messages under way, then timers")
  func pending() throws {
    var walk = try walk()
    #expect(try type("g 1", "p", in: &walk).contains("1   n1: the timer go runs out (here: due at 5 ms)"))
    #expect(walk.pending.map(\.turn) == [.ring(node: 1, timer: "go")])
    _ = try type("/go runs out", in: &walk)
    let message = LinkMessage(from: 1, to: 2, number: 1)
    #expect(walk.pending.first?.turn == .deliver(message))
    #expect(try type("p", in: &walk).contains("ask from n1 reaches n2 (here: at "))
    #expect(WalkCommand(line: "x 2") == .branch(2))
    #expect(WalkCommand(line: "u") == .leaveBranch)
  }

  @Test("a branch is walked on from the event after the present one")
  func branched() throws {
    var walk = try walk()
    _ = try type("g 4", in: &walk)
    let other = try #require(walk.branched(into: try self.walk([(6, .crash(node: 3))]).picture))
    #expect(other.position == 4)
    #expect(other.picture.events.contains { $0.kind == .crash })
  }

  @Test("goes to the first event at or after a time")
  func time() throws {
    var walk = try walk()
    _ = try type("g 5 ms", in: &walk)
    let there = walk.picture.events[walk.position].timeMicroseconds
    #expect(there >= 5_000)
    #expect(walk.picture.events[walk.position - 1].timeMicroseconds < 5_000)
    let place = walk.position
    for line in ["g 0.005 s", "go 5.0ms"] {
      _ = try type("g 1", line, in: &walk)
      #expect(walk.position == place, "\(line)")
    }
    #expect(try type("g 9 s", in: &walk).hasPrefix("nothing happens that late: the last event is at "))
    #expect(walk.position == place)
  }

  @Test("next and back can be kept to decisive events, and again to all of them")
  func onlyDecisive() throws {
    var walk = try walk()
    let decisive = walk.picture.violation.decisive
    try #require(decisive.count > 2 && decisive.count < walk.picture.events.count)
    #expect(
      try type("g 1", "o", in: &walk)
        == "only decisive events from now on: \(decisive.count) of \(walk.picture.events.count)")
    var seen: [Int] = []
    while seen.count < 99, try !type("n", in: &walk).hasPrefix("no later event") {
      seen.append(walk.position)
    }
    #expect(seen == decisive.filter { $0 > 0 })
    while seen.count < 99, try !type("b", in: &walk).hasPrefix("no earlier event") {
      seen.append(walk.position)
    }
    #expect(seen == decisive.filter { $0 > 0 } + decisive.dropLast().reversed())
    _ = try type("v", in: &walk)
    #expect(try type("3", in: &walk).contains("no later decisive event") || decisive.contains(walk.position))
    #expect(try type("o", in: &walk) == "all events again")
    let before = walk.position
    _ = try type("b", in: &walk)
    #expect(walk.position == before - 1)
  }

  @Test("a state without a node is that of the present event's node")
  func stateHere() throws {
    var walk = try walk()
    #expect(try type("v", "s", in: &walk).hasPrefix("n1  leader of term 1"))
  }

  @Test("a node that is down has no timers")
  func down() throws {
    var walk = try walk([(3, .crash(node: 1))])
    #expect(try type("g 1", "s 1", in: &walk).contains("timer go in "))
    _ = try type("/crashes", in: &walk)
    let shown = try type("s 1", in: &walk)
    #expect(shown.contains("is down"))
    #expect(!shown.contains("timer go"))
  }

  @Test("the help fits 80 columns")
  func help() {
    for line in WalkCommand.helpLines { #expect(line.count <= 80, "\(line)") }
  }

  @Test("in 12,000 events every step is instant, and a state is the same from either side")
  func long() throws {
    let trace = try PictureWorld.busyTrace(events: 14_000)
    var walk = try #require(RunWalk(RunPicture(trace: trace, about: facts)))
    #expect(walk.picture.events.count == 12_000)
    #expect(walk.picture.eventsLeftOut > 0)
    var term = try #require(walk.picture.nodesAtStart.first { $0.node == 2 }?.status["term"])
    let terms = walk.picture.events.map { event in
      for change in event.changes where event.node == 2 && change.field == "term" { term = change.after }
      return term
    }
    let start = ContinuousClock.now
    let numbers = Array(stride(from: 11_990, through: 10, by: -70))
    for number in numbers + numbers.reversed() {
      _ = walk.perform(.event(number), columns: 80)
      let shown = walk.perform(.state(ofNode: 2), columns: 80)[0].text
      #expect(shown.hasPrefix("n2  follower of term \(terms[number - 1]) "))
    }
    _ = walk.perform(.event(1), columns: 80)
    for _ in 2...12_000 { _ = walk.perform(.next, columns: 80) }
    #expect(walk.position == 11_999)
    #expect((ContinuousClock.now - start) / (12_000 + 4 * numbers.count) < .milliseconds(5))
  }

  @Test("a state has every field that some node changes, and messages of one name and sender in one line")
  func wholeState() throws {
    var walk = try walk()
    let shown = try type("g 1", "s 3", in: &walk)
    for field in ["role       follower", "term       0", "vote       none"] { #expect(shown.contains(field)) }
    // n1 does not save its term: the question to n2 is sent once more after a restart.
    var twice = try self.walk([(5, .pause(node: 2)), (6, .crash(node: 1)), (7, .boot(node: 1))])
    let timer = "go runs out"
    let waiting = try type("g 1", "/\(timer)", "/", "s 2", in: &twice)
    #expect(waiting.contains("2 × ask from n1 are under way, sent "))
  }

  // MARK: Handlers

  @Test("an event has the number of its handler, also where the picture begins late")
  func handlers() throws {
    let trace = try PictureWorld.trace(
      milliseconds: 100, [(1, .cut(from: 1, to: 3, true)), (20, .crash(node: 2)), (30, .boot(node: 2))])
    let whole = try RunPicture(trace: trace, about: facts)
    let late = try RunPicture(trace: trace, about: facts, mostEvents: 4)
    var handlers = 0
    for event in whole.events {
      if [.start, .receive, .timer, .request].contains(event.kind) { handlers += 1 }
      #expect(try whole.handlerNumber(ofEvent: event.id, trace: trace) == handlers, "\(event.words)")
    }
    #expect(handlers < whole.events.count)
    #expect(try late.handlerNumber(ofEvent: late.events.count - 1, trace: trace) == handlers)
  }

  @Test("a crash is brought about by its node's handler before it")
  func handlerBefore() throws {
    let picture = try RunPicture(trace: PictureWorld.trace([(20, .crash(node: 2))]), about: facts)
    let crash = try #require(picture.events.first { $0.kind == .crash })
    let handler = try #require(picture.handlerEvent(at: crash.id))
    #expect(picture.events[handler].node == 2)
    #expect(picture.events[handler].kind == .receive)
    #expect(picture.handlerEvent(at: handler) == handler)
  }
}
