import LabKit

extension TimerName {
  /// Time to join again.
  static let tick: TimerName = "tick"
}

/// A member of consumer groups, which both services of stage 3C are, and that of 3F: it learns which partitions are its own,
/// polls them, and commits what the service has taken. How it is cut is yours to change.
struct EventConsumer: Hashable {
  /// Records of one partition, for the service to take.
  struct Batch: Hashable {
    let group: ConsumerGroup
    let partition: Int
    let records: [LogRecord]
    /// Where to go on.
    let next: Int
  }

  let groups: [ConsumerGroup]
  let member: String

  init(_ groups: [ConsumerGroup], member: String) {
    self.groups = groups
    self.member = member
  }

  /// The service has started. Nothing is known but what the log knows.
  mutating func start<N: Node>(_ context: inout Context<N>) where N.Message == ServiceMessage {
    notImplemented()
  }

  /// The service calls this again and again. A member that is silent for too long is none.
  mutating func tick<N: Node>(_ context: inout Context<N>) where N.Message == ServiceMessage {
    notImplemented()
  }

  /// The log has answered a call. Returns records, if there are any for the service to take.
  mutating func receive<N: Node>(_ reply: LogReply, call: Int, _ context: inout Context<N>) -> Batch?
  where N.Message == ServiceMessage {
    notImplemented()
  }

  /// The service has taken a batch, and what it comes to is on the disk. Commit it, and poll on.
  mutating func finish<N: Node>(_ batch: Batch, _ context: inout Context<N>)
  where N.Message == ServiceMessage {
    notImplemented()
  }
}
