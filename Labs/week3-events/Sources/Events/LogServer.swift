import LabKit

extension TimerName {
  /// Time to ask again those who have not answered.
  static let retry: TimerName = "retry"
}

/// A node of a partitioned log (Kreps, Narkhede and Rao, "Kafka", 2011). Each partition lies on one node. Any node takes any
/// request, and passes on what is not its own. Stage 3A.
public struct LogServer: LogNode {
  let id: NodeID
  /// All nodes of the log, this one among them.
  let members: [NodeID]

  public init(id: NodeID, members: [NodeID]) {
    self.id = id
    self.members = members.sorted()
  }

  /// It is shown in pictures, and nothing is judged by it.
  public var status: LogStatus { LogStatus(records: 0) }

  // MARK: Who keeps what

  /// The partition that a key's records lie in: the same by the word of every node, in every life.
  static func partition(of key: String, in topic: String) -> Partition {
    notImplemented()
  }

  /// The node that a partition lies on: the same by the word of every node.
  func keeper(of partition: Partition) -> NodeID {
    notImplemented()
  }

  /// The node that looks after a group: who its members are, and what they have committed, which retention must know.
  func keeper(of group: ConsumerGroup) -> NodeID {
    notImplemented()
  }

  // MARK: Events

  /// The process has started: what was persisted is on `disk`.
  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    notImplemented()
  }

  /// A client asks. Answer, if this node is the one that knows; else pass it on.
  public mutating func handle(
    _ request: LogRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    notImplemented()
  }

  /// Another node passes a request on, or answers one.
  public mutating func receive(_ message: LogMessage, from sender: NodeID, _ context: inout Context<Self>) {
    notImplemented()
  }

  /// A timer has run out. One that is set again while it runs is moved.
  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    notImplemented()
  }
}
