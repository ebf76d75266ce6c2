import Checkers
import Testing

@Suite("Groups of consumers")
struct ConsumerGroupsTests {
  private func judge(_ history: GroupHistory) -> String? {
    if case .violated(let violation) = ConsumerGroups(partitions: 2).check(history, named: "billing") {
      violation.property
    } else {
      nil
    }
  }

  private func join(_ member: String, _ generation: Int, _ partitions: [Int], at call: Int)
    -> GroupHistory.Join
  {
    GroupHistory.Join(
      member: member, call: call, time: call + 5, generation: generation, partitions: partitions)
  }

  private func commit(
    _ member: String, _ generation: Int, _ offsets: [Int: Int], at call: Int,
    _ end: GroupHistory.Commit.End = .committed
  ) -> GroupHistory.Commit {
    var commit = GroupHistory.Commit(member: member, generation: generation, offsets: offsets, call: call)
    commit.end = end
    commit.time = call + 5
    return commit
  }

  @Test("two members share the partitions, commit what is theirs, and find it again")
  func right() {
    var history = GroupHistory()
    history.joins = [
      join("a", 1, [0, 1], at: 0), join("b", 2, [1], at: 10), join("a", 2, [0], at: 20),
    ]
    history.commits = [
      commit("a", 1, [1: 7], at: 30, .refused(generation: 2)), commit("a", 2, [0: 3], at: 40),
    ]
    history.fetches = [GroupHistory.Fetch(call: 50, time: 55, offsets: [0: 3])]
    #expect(judge(history) == nil)
  }

  @Test("a partition of two members in one generation is found")
  func shared() {
    var history = GroupHistory()
    history.joins = [join("a", 1, [0, 1], at: 0), join("b", 1, [1], at: 10)]
    #expect(judge(history) == "A partition has one owner")
  }

  @Test("an assignment that changes within a generation is found")
  func changed() {
    var history = GroupHistory()
    history.joins = [join("a", 1, [0, 1], at: 0), join("a", 1, [0], at: 10)]
    #expect(judge(history) == "One assignment a generation")
  }

  @Test("a generation that falls back is found, also in a refusal; at once, they may be told in any order")
  func generations() {
    var history = GroupHistory()
    history.joins = [join("a", 2, [0, 1], at: 0), join("b", 1, [], at: 10)]
    #expect(judge(history) == "Generations rise")
    history.joins[1].call = 4
    #expect(judge(history) == nil)
    history.commits = [commit("b", 1, [:], at: 30, .refused(generation: 1))]
    #expect(judge(history) == "Generations rise")
  }

  @Test("a commit of a generation that has ended is found")
  func old() {
    var history = GroupHistory()
    history.joins = [join("a", 1, [0, 1], at: 0), join("b", 2, [1], at: 10)]
    history.commits = [commit("a", 1, [0: 1], at: 20)]
    #expect(judge(history) == "An older generation commits nothing")
    history.commits[0].call = 14
    #expect(judge(history) == nil)
  }

  @Test("a commit of another member's partition is found")
  func foreign() {
    var history = GroupHistory()
    history.joins = [join("a", 1, [0], at: 0)]
    history.commits = [commit("a", 1, [0: 1, 1: 1], at: 20)]
    #expect(judge(history) == "A member commits what is its own")
  }

  @Test("a committed offset that falls back, is lost, or was never asked for is found")
  func offsets() {
    var history = GroupHistory()
    history.joins = [join("a", 1, [0, 1], at: 0)]
    history.commits = [commit("a", 1, [0: 4], at: 10), commit("a", 1, [0: 9], at: 20, .unknown)]
    for (offsets, expected) in [
      ([0: 4], nil), ([0: 9], nil), ([0: 3], "Committed offsets stay"), ([:], "Committed offsets stay"),
      ([0: 5], "Committed offsets stay"),
    ] as [([Int: Int], String?)] {
      history.fetches = [GroupHistory.Fetch(call: 50, time: 55, offsets: offsets)]
      #expect(judge(history) == expected, "\(offsets)")
    }
  }
}
