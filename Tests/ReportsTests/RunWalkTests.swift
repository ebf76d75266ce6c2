import LabKit
import Reports
import Testing

@Suite("Walking through a run")
struct RunWalkTests {
  private func walk(
    milliseconds: Int = 100, _ schedule: [(milliseconds: Int, command: WorldCommand)] = []
  ) throws -> RunWalk {
    let facts = RunFacts(
      week: "week1", scenario: "1A.toy", title: "a toy", seed: 1, nodeCount: 3, program: "raft",
      property: "Election safety", section: "Raft, Figure 3", evidence: "n1 leads.", concernedNodes: [1])
    return try #require(
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
    #expect(try type("g 1", "s 1", in: &walk).hasPrefix("n1  go in 5 ms · heard nobody"))
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
    for line in ["x", "s", "g one", "s n", "12 3"] { #expect(WalkCommand(line: line) == nil, "\(line)") }
  }
}
