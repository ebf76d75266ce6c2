import Checkers
import Testing

@Suite("A partitioned log")
struct PartitionedLogTests {
  private typealias Found = TopicHistory.Found

  private func property(_ verdict: Verdict) -> String? {
    if case .violated(let violation) = verdict { violation.property } else { nil }
  }

  /// A history of appends at offsets of partition 0, one after the other: the n-th is called at 10 n and acknowledged at
  /// 10 n + 5.
  private func history(_ offsets: [Int?], key: String = "ana") -> TopicHistory {
    var history = TopicHistory()
    for (number, offset) in offsets.enumerated() {
      var append = TopicHistory.Append(key: key, value: "v\(number)", call: 10 * number)
      if let offset { append.acknowledged = (0, offset, 10 * number + 5) }
      history.appends.append(append)
    }
    return history
  }

  private func poll(
    _ found: [(Int, String)], from: Int = 0, limit: Int = 100, next: Int, at call: Int = 1_000
  ) -> TopicHistory.Poll {
    TopicHistory.Poll(
      partition: 0, from: from, limit: limit, call: call, time: call + 5,
      found: found.map { Found(offset: $0.0, key: "ana", value: $0.1) }, next: next)
  }

  private func judge(_ history: TopicHistory, groups: [GroupHistory] = []) -> String? {
    property(PartitionedLog().check(history, named: "orders", groups: groups))
  }

  @Test("offsets may have gaps, and an append of unknown outcome may be there or not")
  func gaps() {
    var history = history([0, 5, nil])
    history.polls = [
      poll([(0, "v0"), (5, "v1")], next: 6), poll([(0, "v0"), (5, "v1"), (9, "v2")], next: 10),
    ]
    #expect(judge(history) == nil)
  }

  @Test("an offset that is given twice is found")
  func twice() { #expect(judge(history([3, 3])) == "One record an offset") }

  @Test("an append that lands before one that was acknowledged before is found")
  func order() { #expect(judge(history([3, 2])) == "Offsets rise") }

  @Test("appends at the same time may land in any order")
  func concurrent() {
    var history = history([3, 2])
    history.appends[1].call = 4
    #expect(judge(history) == nil)
  }

  @Test("a key in two partitions is found")
  func keys() {
    var history = history([0, 1])
    history.appends[1].acknowledged?.partition = 1
    #expect(judge(history) == "A key stays in its partition")
  }

  @Test("a record that nobody appended is found, and one under another key")
  func invented() {
    var history = history([0])
    history.polls = [poll([(0, "v7")], next: 1)]
    #expect(judge(history) == "Nothing is invented")
    history.polls = [poll([(0, "v0")], next: 1)]
    history.polls[0].found[0].key = "ben"
    #expect(judge(history) == "Nothing is invented")
  }

  @Test("a poll out of order, of too many or that goes nowhere is found")
  func forward() {
    for (found, limit, next) in [
      ([(1, "v1"), (0, "v0")], 9, 2), ([(0, "v0"), (1, "v1")], 1, 2), ([(0, "v0"), (1, "v1")], 9, 1),
    ] {
      var history = history([0, 1])
      history.polls = [poll(found, limit: limit, next: next)]
      #expect(judge(history) == "A poll goes forward")
    }
  }

  @Test("a record between the ends of a poll that is not returned is found, even if it is acknowledged later")
  func skipped() {
    var history = history([0, 1, 2])
    history.polls = [poll([(0, "v0"), (2, "v2")], next: 3, at: 1)]
    #expect(judge(history) == "No record is skipped")
  }

  @Test("a poll that ends before an acknowledged record is found, unless it is full or was called before")
  func stale() {
    var history = history([0, 1])
    history.polls = [poll([(0, "v0")], next: 1)]
    #expect(judge(history) == "Acknowledged records are found")
    history.polls = [poll([(0, "v0")], limit: 1, next: 1)]
    #expect(judge(history) == nil)
    history.polls = [poll([(0, "v0")], next: 1, at: 14)]
    #expect(judge(history) == nil)
  }

  @Test("what retention may take away is not missed, and what a group has not read is")
  func retention() {
    var history = history([0, 1, 2])
    history.retentions = [TopicHistory.Retention(partition: 0, last: 1, call: 500)]
    history.polls = [poll([(2, "v2")], next: 3)]
    #expect(judge(history) == nil)
    var group = GroupHistory()
    group.joins = [GroupHistory.Join(member: "m", call: 1, time: 2, generation: 1, partitions: [0])]
    group.commits = [GroupHistory.Commit(member: "m", generation: 1, offsets: [0: 1], call: 300)]
    #expect(judge(history, groups: [group]) == "No record is skipped")
    group.commits[0].offsets = [0: 2]
    #expect(judge(history, groups: [group]) == nil)
  }

  @Test("a retention that says it cut off what a group has not read is found")
  func floor() {
    var history = history([0, 1, 2])
    history.retentions = [TopicHistory.Retention(partition: 0, last: 1, call: 500)]
    history.retentions[0].answered = (2, 505)
    var group = GroupHistory()
    group.joins = [GroupHistory.Join(member: "m", call: 1, time: 2, generation: 1, partitions: [0])]
    let rules = RetentionRules()
    #expect(
      property(rules.check(history, named: "orders", groups: ["billing": group]))
        == "What a group has not read stays")
    group.commits = [GroupHistory.Commit(member: "m", generation: 1, offsets: [0: 2], call: 300)]
    #expect(rules.check(history, named: "orders", groups: ["billing": group]) == .holds)
  }

  @Test("many records that lie there twice are found where that is forbidden, and nowhere else")
  func repeats() {
    var history = history([0])
    history.polls = [poll([(0, "v0"), (1, "v0")], next: 2)]
    #expect(judge(history) == nil)
    #expect(
      property(PartitionedLog(mostRepeatsPercent: 10).check(history, named: "orders"))
        == "An append is one record")
  }

  /// A log that keeps its promises, asked at random by clients at once.
  private func random(_ generator: inout Generator) -> TopicHistory {
    var history = TopicHistory()
    var log: [Found] = []
    var now = 0
    for number in 0..<60 {
      now += generator.below(10)
      let call = now
      let effect = call + generator.below(5)
      let time = effect + generator.below(40)
      now = effect
      if generator.below(2) == 0 {
        var append = TopicHistory.Append(key: "ana", value: "v\(number)", call: call)
        let offset = (log.last?.offset ?? -1) + 1 + generator.below(3)
        if generator.below(8) > 0 {
          log.append(Found(offset: offset, key: "ana", value: "v\(number)"))
          if generator.below(4) > 0 { append.acknowledged = (0, offset, time) }
        }
        history.appends.append(append)
      } else {
        let from = generator.below((log.last?.offset ?? 0) + 2)
        let limit = generator.below(6) + 1
        let found = Array(log.filter { $0.offset >= from }.prefix(limit))
        history.polls.append(
          TopicHistory.Poll(
            partition: 0, from: from, limit: limit, call: call, time: time, found: found,
            next: found.last.map { $0.offset + 1 } ?? from))
      }
    }
    return history
  }

  @Test("a thousand logs that keep their promises hold, and each lie that is told of one is found")
  func randomLogs() {
    var generator = Generator(seed: 17)
    var lies = 0
    for _ in 0..<1_000 {
      let honest = random(&generator)
      #expect(judge(honest) == nil)
      // A poll that leaves out a record from the middle of what it found, which was acknowledged.
      let acknowledged = Set(honest.appends.filter { $0.acknowledged != nil }.map(\.value))
      let places = honest.polls.indices.filter {
        honest.polls[$0].found.count > 2 && acknowledged.contains(honest.polls[$0].found[1].value)
      }
      guard let place = places.randomElement(using: &generator) else { continue }
      var lying = honest
      lying.polls[place].found.remove(at: 1)
      #expect(judge(lying) == "No record is skipped")
      lies += 1
    }
    #expect(lies > 900)
  }
}
