import Events
import LabKit
import Testing

/// Stage 3A, as far as you can see it: the suite of `lab test` knows more.
@Suite(.serialized) struct LogFirstSteps {
  @Test func whatIsAppendedIsFoundThroughEveryNode() throws {
    let cluster = try LogCluster()
    let (partition, offset) = try #require(try cluster.append("placed", key: "ana", through: 1))
    for node in cluster.nodes {
      #expect(try cluster.values(of: partition, from: offset, through: node) == ["placed"])
    }
  }

  @Test func recordsOfOneKeyLieInOrder() throws {
    let cluster = try LogCluster()
    let values = ["placed", "paid", "shipped"]
    var partition: Partition?
    for (node, value) in zip(cluster.nodes, values) {
      partition = try #require(try cluster.append(value, key: "ana", through: node)).0
    }
    #expect(try cluster.values(of: #require(partition), through: 1) == values)
  }

  @Test func whatIsAcknowledgedSurvivesACrash() throws {
    let cluster = try LogCluster()
    let (partition, _) = try #require(try cluster.append("placed", key: "ana", through: 1))
    for node in cluster.nodes {
      try cluster.crash(node)
      try cluster.boot(node)
    }
    #expect(try cluster.values(of: partition, through: 2) == ["placed"])
  }

  @Test func aPollSaysWhereToGoOn() throws {
    let cluster = try LogCluster()
    var place: Partition?
    for value in ["placed", "paid", "shipped"] {
      place = try #require(try cluster.append(value, key: "ana", through: 1)).0
    }
    let partition = try #require(place)
    guard case .records(let first, let next)? = try cluster.ask(.poll(partition, from: 0, limit: 2), 1) else {
      Issue.record("a poll is answered by records")
      return
    }
    #expect(first.map(\.value) == ["placed", "paid"])
    #expect(try cluster.values(of: partition, from: next, through: 1) == ["shipped"])
  }

  @Test func twoMembersShareThePartitions() throws {
    let cluster = try LogCluster()
    let group = ConsumerGroup("billing", of: "orders")
    _ = try cluster.ask(.join(group, member: "a"), 1)
    let second = try cluster.ask(.join(group, member: "b"), 2)
    let first = try cluster.ask(.join(group, member: "a"), 3)
    guard case .assigned(let generation, let partitions)? = first,
      case .assigned(generation, let others)? = second
    else {
      Issue.record("a join is answered by an assignment, here of one generation")
      return
    }
    #expect((partitions + others).sorted() == Array(0..<LogBounds.partitions))
  }

  @Test func aCommitOfAnOlderGenerationIsRefused() throws {
    let cluster = try LogCluster()
    let group = ConsumerGroup("billing", of: "orders")
    guard case .assigned(let generation, _)? = try cluster.ask(.join(group, member: "a"), 1) else {
      Issue.record("a join is answered by an assignment")
      return
    }
    _ = try cluster.ask(.join(group, member: "b"), 1)
    let reply = try cluster.ask(.commit(group, member: "a", generation: generation, offsets: [0: 1]), 2)
    #expect(reply == .refused(generation: generation + 1))
  }
}
