import LabKit

/// A small node for tests of the engine: it counts pings from its right neighbour and keeps the count on its disk.
struct ToyNode: Node {
  enum Message: NodeMessage {
    case ping(Int, Set<Int>)
    var kind: String { "ping" }
  }

  struct Status: NodeStatus {
    let count: Int
    static var fieldNames: [String] { ["count"] }
    var fields: SIMD8<Int64> { SIMD8(Int64(count), 0, 0, 0, 0, 0, 0, 0) }
  }

  let id: NodeID
  let members: [NodeID]
  var count = 0

  init(id: NodeID, members: [NodeID]) {
    self.id = id
    self.members = members
  }

  var status: Status { Status(count: count) }

  mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    count = disk.value(under: "count") ?? 0
    context.setTimer("tick", after: .milliseconds(context.random(in: 5...20)))
  }

  mutating func receive(_ message: Message, from sender: NodeID, _ context: inout Context<Self>) {
    count += 1
    context.persist(count, under: "count")
  }

  mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    context.send(.ping(count, [1, 2, 3]), to: members[id.number % members.count])
    context.setTimer("tick", after: .milliseconds(10))
  }

  mutating func handle(_ request: RaftRequest, replyTo token: Token, _ context: inout Context<Self>) {
    context.reply(.accepted(index: count, term: 0), to: token)
  }

  typealias Request = RaftRequest
  typealias Reply = RaftReply
  typealias Output = RaftOutput
}
