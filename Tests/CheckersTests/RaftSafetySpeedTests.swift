import Checkers
import Testing

@Suite("The speed of Raft safety")
struct RaftSafetySpeedTests {
  @Test("is printed for a status alone and for five nodes at work")
  func speed() throws {
    let clock = ContinuousClock()
    let events = 5_000_000
    var safety = RaftSafety(nodes: 5)
    var state = RaftState(term: 1)
    let statusTime = try clock.measure {
      for event in 0..<events {
        state.lastIndex = event & 1
        try safety.statusChanged(event % 5, to: state)
      }
    }
    print("status with one field changed: \(statusTime / events) an event")
    let leaderTime = try clock.measure {
      for event in 0..<events {
        state.leader = event & 1
        try safety.statusChanged(0, to: state)
      }
    }
    print("status with another leader: \(leaderTime / events) an event")

    let count = 100_000
    var working = RaftSafety(nodes: 5)
    var shown = 0
    let workTime = try clock.measure { shown = try work(count, &working) }
    print(
      "five nodes at work: \(workTime / shown) an event, \(shown) events, \(working.highestCommitted) committed"
    )
    #expect(working.highestCommitted == count)
  }

  /// Replicates, commits and applies `count` entries on five nodes, and answers how many events that took.
  private func work(_ count: Int, _ safety: inout RaftSafety) throws -> Int {
    var states = (0..<5).map { RaftState(role: $0 == 0 ? .candidate : .follower, term: 1, vote: 0) }
    for node in 0..<5 { try safety.statusChanged(node, to: states[node]) }
    states[0].role = .leader
    try safety.statusChanged(0, to: states[0])
    var events = 6
    for index in 1...count {
      let marks = [EntryMark(term: 1, digest: UInt64(index))]
      for node in 0..<5 {
        try safety.logChanged(node, from: index, marks: marks.span)
        states[node].lastIndex = index
        try safety.statusChanged(node, to: states[node])
      }
      for node in 0..<5 {
        states[node].commitIndex = index
        try safety.statusChanged(node, to: states[node])
        try safety.applied(node, index: index, term: 1, command: UInt64(index))
      }
      events += 20
    }
    return events
  }
}
