import LabKit

/// A linearizable key-value service: a Raft node, and the store that it replicates (section 8; thesis, chapter 6).
///
/// This file holds the state and the events; `KeyValueServer+Operations.swift` holds the rules.
public struct KeyValueServer: KeyValueNode {
  var raft: Raft

  /// What is replicated, and so the same on every node that has applied the same entries: the store, and what each
  /// session was last told.
  struct Replicated: Hashable, Codable, Sendable {
    var store = KeyValueStore()
    var sessions: [UInt64: Answer] = [:]
  }

  struct Answer: Hashable, Codable, Sendable {
    let sequence: Int
    let reply: KeyValueReply
  }

  var replicated = Replicated()
  var lastApplied = 0

  // State of a leader.
  /// The term that this node leads, and the first entry of that term.
  struct Reign: Hashable, Sendable {
    let term: Int
    let firstIndex: Int
  }

  /// A write that waits until its entry is applied.
  struct Write: Hashable, Sendable {
    let term: Int
    let token: Token
  }

  /// A read that waits until a round of heartbeats is answered, and an entry applied.
  struct Read: Hashable, Sendable {
    let key: String
    let round: Int
    let index: Int
    let token: Token
  }

  var reign: Reign?
  var writes: [Int: Write] = [:]
  var reads: [Read] = []

  public init(id: NodeID, members: [NodeID]) { raft = Raft(id: id, members: members) }

  public var status: RaftStatus { raft.status }
  public var heldEntries: Range<Int> { raft.heldEntries }
  public func entry(at index: Int) -> EntryMark? { raft.entry(at: index) }

  // MARK: Events

  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    run(&context) { $0.start(from: disk, &$1) }
  }

  public mutating func receive(_ message: Message, from sender: NodeID, _ context: inout Context<Self>) {
    run(&context) { $0.receive(message, from: sender, &$1) }
  }

  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    run(&context) { $0.timerFired(timer, &$1) }
  }

  public mutating func handle(
    _ request: KeyValueRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    guard let reign else {
      context.reply(.notLeader(hint: raft.leader), to: token)
      return
    }
    if case .get(let key) = request.operation {
      read(key, in: reign, replyTo: token, &context)
    } else {
      write(request, replyTo: token, &context)
    }
  }

  /// Runs one of Raft's handlers, and deals with what comes of it.
  mutating func run(
    _ context: inout Context<Self>, _ handler: (inout Raft, inout Context<Raft>) -> Void
  ) {
    let result = context.run(&raft, translating: { $0 }, handler)
    for (reply, token) in result.replies {
      switch reply {
      case .accepted(let index, let term): writes[index] = Write(term: term, token: token)
      case .notLeader(let hint): context.reply(.notLeader(hint: hint), to: token)
      case .refused: context.reply(.notLeader(hint: nil), to: token)
      }
    }
    for output in result.outputs {
      switch output {
      case .applied(let index, let term, let command): apply(command, index, term, &context)
      case .restored(let index, let snapshot): restore(snapshot, index)
      }
      context.output(output)
    }
    followRole(&context)
    answerReads(&context)
    compactIfLong(&context)
  }
}
