import LabKit

/// A world of three nodes with one short story: n1's timer runs out, it asks the others, n2 answers, and n1 leads.
///
/// n1 asks n2 before it has saved its new term, and n3 after.
enum PictureWorld {
  struct Message: NodeMessage {
    var kind: String
  }

  struct StoryNode: Node {
    typealias Message = PictureWorld.Message
    typealias Request = RaftRequest
    typealias Reply = RaftReply
    typealias Output = RaftOutput

    let id: NodeID
    var status = RaftStatus(role: .follower, term: 0, vote: nil, leader: nil)

    init(id: NodeID, members: [NodeID]) { self.id = id }

    mutating func start(from disk: Disk, _ context: inout Context<Self>) {
      if id.number == 1 { context.setTimer("go", after: .milliseconds(5)) }
    }

    mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
      status.role = .candidate
      status.term = 1
      context.send(Message(kind: "ask"), to: NodeID(2))
      context.persist(1, under: "term")
      context.send(Message(kind: "ask"), to: NodeID(3))
    }

    mutating func receive(_ message: Message, from sender: NodeID, _ context: inout Context<Self>) {
      if message.kind == "ask", id.number == 2 {
        status.term = 1
        status.vote = sender
        context.persist(1, under: "vote")
        context.send(Message(kind: "answer"), to: sender)
      } else if message.kind == "answer" {
        status.role = .leader
      }
    }

    mutating func handle(_ request: RaftRequest, replyTo token: Token, _ context: inout Context<Self>) {
      context.reply(.accepted(index: 1, term: 1), to: token)
    }
  }

  /// A node that sends a message of any name.
  struct LoudNode: Node {
    typealias Message = PictureWorld.Message
    typealias Request = RaftRequest
    typealias Reply = RaftReply
    typealias Output = RaftOutput

    @TaskLocal static var name = "name"
    let id: NodeID
    var status = RaftStatus(role: .follower, term: 0, vote: nil, leader: nil)

    init(id: NodeID, members: [NodeID]) { self.id = id }

    mutating func start(from disk: Disk, _ context: inout Context<Self>) {
      context.send(Message(kind: Self.name), to: NodeID(1))
      context.persist(1, under: Self.name)
      context.setTimer(TimerName(Self.name), after: .milliseconds(2))
    }

    mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {}
    mutating func receive(_ message: Message, from sender: NodeID, _ context: inout Context<Self>) {}
    mutating func handle(_ request: RaftRequest, replyTo token: Token, _ context: inout Context<Self>) {}
  }

  /// A node that sends its neighbour a message every millisecond.
  struct BusyNode: Node {
    typealias Message = PictureWorld.Message
    typealias Request = RaftRequest
    typealias Reply = RaftReply
    typealias Output = RaftOutput

    let id: NodeID
    let members: [NodeID]
    var status = RaftStatus(role: .follower, term: 0, vote: nil, leader: nil)

    init(id: NodeID, members: [NodeID]) {
      self.id = id
      self.members = members
    }

    mutating func start(from disk: Disk, _ context: inout Context<Self>) {
      context.setTimer("tick", after: .milliseconds(1))
    }

    mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
      context.send(Message(kind: "ping"), to: members[id.number % members.count])
      context.setTimer("tick", after: .milliseconds(1))
    }

    mutating func receive(_ message: Message, from sender: NodeID, _ context: inout Context<Self>) {
      status.term += 1
      context.persist(status.term, under: "term")
    }

    mutating func handle(_ request: RaftRequest, replyTo token: Token, _ context: inout Context<Self>) {}
  }

  /// The trace of about so many events.
  static func busyTrace(events: Int) throws -> [UInt8] {
    let world = World<Message>(BusyNode.self, count: 3, seed: 1)
    try world.perform(.noteSources(true))
    for node in 1...3 { try world.perform(.boot(node: node)) }
    _ = try world.advance(until: events / 6 * 1_000)
    return world.takeTrace()
  }

  /// The trace of the story, with what `schedule` does to the world: commands at times in milliseconds.
  static func trace(
    milliseconds: Int = 100, _ schedule: [(milliseconds: Int, command: WorldCommand)] = []
  ) throws -> [UInt8] {
    let world = World<Message>(StoryNode.self, count: 3, seed: 1)
    try world.perform(.noteSources(true))
    for node in 1...3 { try world.perform(.boot(node: node)) }
    for (time, command) in schedule {
      _ = try world.advance(until: time * 1_000)
      try world.perform(command)
    }
    _ = try world.advance(until: milliseconds * 1_000)
    return world.takeTrace()
  }

  /// The trace of a node whose names are all `name`.
  static func trace(named name: String) throws -> [UInt8] {
    try LoudNode.$name.withValue(name) {
      let world = World<Message>(LoudNode.self, count: 1, seed: 1)
      try world.perform(.boot(node: 1))
      _ = try world.advance(until: 50_000)
      return world.takeTrace()
    }
  }
}
