import Checkers
import Foundation
import LabKit
import Reports
import Runner
import Testing

@Suite("A failure in words")
struct FailureStoryTests {
  private func facts(
    _ property: String, kind: Violation.Kind, evidence: String, concerned: [Int] = [], rule: String? = nil
  ) -> RunFacts {
    var facts = RunFacts(
      week: "week1", scenario: "1A.toy", title: "a toy", seed: 1, nodeCount: 3, program: "raft",
      property: property, section: "Raft, Figure 3", evidence: evidence, concernedNodes: concerned)
    facts.kind = kind
    facts.rule = rule
    return facts
  }

  private func story(_ trace: [UInt8], _ facts: RunFacts) throws -> FailureStory {
    var story = FailureStory(scenario: "1A.toy", outcome: .failed, message: facts.evidence)
    story.picture = try RunPicture(trace: trace, about: facts)
    story.share = (3, 100)
    story.nodeCount = 3
    story.again = "lab test 1A.toy --seed 0x1 --seeds 1"
    story.failure = 7
    story.pictureFile = ".lab/failures/7-1A.toy.html"
    return story
  }

  /// Compares a screen with the one in `Screens/`; `LAB_WRITE_SCREENS=1` writes them anew, to be looked at.
  private func expect(_ story: FailureStory, looksLike name: String) throws {
    try expect(story.lines(columns: 90), looksLike: name)
  }

  private func expect(_ lines: [StoryLine], looksLike name: String) throws {
    let text = lines.map(\.text.withoutTrailingSpace).joined(separator: "\n") + "\n"
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Screens/\(name).txt")
    if ProcessInfo.processInfo.environment["LAB_WRITE_SCREENS"] != nil {
      try Data(text.utf8).write(to: file)
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == text)
  }

  // MARK: The five screens

  @Test("a broken promise is told by the events that led to it, with their lines and what is missing")
  func safety() throws {
    let facts = facts(
      "Election safety", kind: .safety, evidence: "n1 leads term 1.", concerned: [1],
      rule: "A term has at most one leader.")
    let trace = try PictureWorld.trace([(6, .cut(from: 1, to: 3, true)), (6, .cut(from: 3, to: 1, true))])
    try expect(story(trace, facts), looksLike: "safety")
  }

  @Test("without progress, the screen says what each node waits for and what goes round")
  func progress() throws {
    let facts = facts("No progress: no leader", kind: .progress, evidence: "Nothing happens.")
    try expect(story(PictureWorld.busyTrace(events: 300), facts), looksLike: "no-progress")
  }

  @Test("a budget is told by where the messages went and why")
  func budget() throws {
    let facts = facts(
      "Message budget", kind: .budget, evidence: "30 messages; the contract asks for at most 20")
    try expect(story(PictureWorld.busyTrace(events: 60), facts), looksLike: "budget")
  }

  @Test("a program that ended is told by what it was handling")
  func ended() throws {
    var story = try story(PictureWorld.trace(), facts("crashed", kind: .safety, evidence: ""))
    story.outcome = .crashed
    story.message =
      "the node trapped in handler 6, on n3: Fatal error: Index out of range, Sources/Raft/Raft.swift:8"
    try expect(story, looksLike: "crashed")
  }

  @Test("runs that differ are told by where they part")
  func parting() throws {
    var story = FailureStory(
      scenario: "1A.toy", outcome: .nonDeterministic,
      message: """
        Two runs of this seed differ. Does a node read the clock?
        They part at 5.000 ms, after: n1 timer go
          first:  send ask → n2
          second: send ask → n3
        """)
    story.again = "lab test 1A.toy --seed 0x1 --seeds 1"
    try expect(story, looksLike: "non-deterministic")
  }

  @Test("where there is room, runs that differ stand beside each other")
  func partingBeside() throws {
    let schedules: [[(milliseconds: Int, command: WorldCommand)]] = [[], [(7, .crash(node: 2))]]
    let traces = try schedules.map { try PictureWorld.trace($0) }
    let parting = try #require(try TraceDivergence(between: traces[0], and: traces[1]))
    var story = FailureStory(
      scenario: "1A.toy", outcome: .nonDeterministic,
      message: "Two runs of this seed differ. Does a node read the clock?\n\(parting.description)\nThe end.")
    story.parting = parting
    story.again = "lab test 1A.toy --seed 0x1 --seeds 1"
    try expect(story, looksLike: "non-deterministic-beside")
    #expect(story.lines(columns: 60).contains { $0.text.hasPrefix("  first:") })
  }

  @Test("a run is shown beside the nearest one that keeps the promise, without the fault that it needs")
  func comparison() throws {
    let facts = facts("Election safety", kind: .safety, evidence: "n1 leads term 1.", concerned: [1])
    let comparison = RunComparison(
      failing: try RunPicture(trace: PictureWorld.trace([(7, .crash(node: 2))]), about: facts),
      passing: try RunPicture(trace: PictureWorld.trace(), about: facts))
    try expect(comparison.lines(columns: 90), looksLike: "comparison")
    #expect(comparison.lines(columns: 60).contains { $0.text.hasPrefix("holds: ") })
  }

  @Test("a failure that is run again names what else can be seen of it")
  func replayed() throws {
    var story = try story(
      PictureWorld.trace(), facts("Election safety", kind: .safety, evidence: "n1 leads term 1."))
    story.isReplayed = true
    let lines = story.lines(columns: 90).map(\.text)
    for flag in ["--compare", "--step", "--debug"] {
      #expect(lines.contains { $0.contains("lab replay 7 \(flag)") })
    }
  }

  // MARK: Whatever the run

  @Test("no screen is longer or wider than it may be", arguments: [40, 80, 110])
  func size(columns: Int) throws {
    let long = String(repeating: "a word and another, ", count: 200)
    for kind in [Violation.Kind.safety, .progress, .budget] {
      for trace in [try PictureWorld.trace(), try PictureWorld.busyTrace(events: 3_000)] {
        let lines = try story(
          trace, facts("Broken", kind: kind, evidence: long, concerned: [1, 2, 3], rule: long)
        )
        .lines(columns: columns)
        #expect(lines.count <= FailureStory.mostLines)
        // The command and the path are there to be copied: they are never cut.
        let told = lines.filter { !$0.text.hasPrefix("again:") && !$0.text.hasPrefix("see:") }
        #expect(told.allSatisfy { $0.text.count <= max(columns, 42) }, "\(told.map(\.text))")
      }
    }
  }

  @Test("a name of 100 kB takes no more room than another")
  func longNames() throws {
    let name = String(repeating: "x", count: 100_000)
    let lines = try story(
      PictureWorld.trace(named: name), facts("Broken", kind: .safety, evidence: "n1.", concerned: [1])
    )
    .lines(columns: 80)
    #expect(lines.map(\.text.count).reduce(0, +) < 3_000)
  }
}

extension String {
  fileprivate var withoutTrailingSpace: String {
    var text = Substring(self)
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
