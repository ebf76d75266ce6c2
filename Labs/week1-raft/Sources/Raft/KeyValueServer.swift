import LabKit

/// A linearizable key-value service on top of your Raft (stage 1E).
///
/// The Raft node is a part of this one: `run` hands it an event and deals with what comes of it.
public struct KeyValueServer: KeyValueNode {
  var raft: Raft
  var store = KeyValueStore()

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

  /// A client asks for something. `request.command` is the request as a command for the log.
  public mutating func handle(
    _ request: KeyValueRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    notImplemented()
  }

  /// Runs one of Raft's handlers. What Raft sends, persists and sets is passed on by itself; what it announced and
  /// answered is for you to deal with.
  mutating func run(
    _ context: inout Context<Self>, _ handler: (inout Raft, inout Context<Raft>) -> Void
  ) {
    let result = context.run(&raft, translating: { $0 }, handler)
    for (reply, token) in result.replies {
      switch reply {
      case .accepted: notImplemented("keeping the token until the entry is applied")
      case .notLeader(let hint): context.reply(.notLeader(hint: hint), to: token)
      case .refused: context.reply(.notLeader(hint: nil), to: token)
      }
    }
    for output in result.outputs {
      switch output {
      case .applied: notImplemented("applying a command to the store, and answering its client")
      case .restored: notImplemented("restoring a snapshot")
      }
    }
  }
}
