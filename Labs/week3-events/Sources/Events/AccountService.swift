import LabKit

/// Accounts that are their events, and what is asked about them. Stage 3E.
///
/// Two nodes serve the same accounts. Events are kept by `.eventStore`, letters are sent by `.postOffice`. Both are nodes that
/// the course provides.
public struct AccountService: AccountNode {
  public init(id: NodeID, members: [NodeID]) {}

  /// It is shown in pictures, and nothing is judged by it.
  public var status: AccountStatus { AccountStatus(position: 0) }

  /// The process has started: what was persisted is on `disk`.
  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    notImplemented()
  }

  /// A timer has run out. One that is set again while it runs is moved.
  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    notImplemented()
  }

  public mutating func receive(
    _ message: ServiceMessage, from sender: NodeID, _ context: inout Context<Self>
  ) {
    switch message {
    case .storeAnswer(let answer, let call): receive(answer, call: call, &context)
    case .posted(let id): receivePosted(id, &context)
    default: return
    }
  }

  /// The store has answered what was asked with this call: the event of a command is written or is not, or here are events.
  mutating func receive(_ answer: StoreAnswer, call: Int, _ context: inout Context<Self>) {
    notImplemented()
  }

  /// The post has sent a letter, now or before.
  mutating func receivePosted(_ id: String, _ context: inout Context<Self>) {
    notImplemented()
  }

  /// A client wants something done, or wants to know something.
  public mutating func handle(
    _ request: AccountRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    notImplemented()
  }
}
