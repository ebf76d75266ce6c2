import LabKit

extension TimerName {
  /// Time to ask the log anew.
  static let tick: TimerName = "tick"
}

/// A member of consumer groups: learns which partitions are its own, polls them, and commits what the service has taken
/// (Kreps, Narkhede and Rao, "Kafka", 2011, 3.2).
///
/// Whatever it has asked and heard nothing of is asked anew at the next `tick`; answers that come later are ignored.
struct EventConsumer: Hashable {
  /// Records of one partition. The service takes them, writes down what they come to, and then says `finish`.
  struct Batch: Hashable {
    let records: [LogRecord]
    let partition: Int
    fileprivate let group: Int
    fileprivate let next: Int
  }

  private struct Membership: Hashable {
    let group: ConsumerGroup
    var generation: Int?
    var partitions: [Int] = []
    /// Where to poll next, by partition; nil while the committed offsets are not known.
    var next: [Int: Int]?
    /// What the log has committed.
    var committed: [Int: Int] = [:]

    /// What the service has taken and the log has not committed.
    var uncommitted: [Int: Int] { (next ?? [:]).filter { $0.value > committed[$0.key] ?? 0 } }
  }

  private struct Question: Hashable {
    enum Kind: Hashable {
      case join, offsets
      case poll(partition: Int)
      case commit([Int: Int])
    }

    let group: Int
    let kind: Kind
  }

  /// Whether nothing is polled for now; the member stays one.
  var isPaused = false
  private let member: String
  private var memberships: [Membership]
  /// What was asked since the last tick, by the number of the call.
  private var questions: [Int: Question] = [:]
  private var calls = 0

  init(_ groups: [ConsumerGroup], member: String) {
    self.member = member
    memberships = groups.map { Membership(group: $0) }
  }

  var partitionCount: Int { memberships.reduce(0) { $0 + $1.partitions.count } }

  /// Begins, or begins anew after a restart.
  mutating func start<N: Node>(_ context: inout Context<N>) where N.Message == ServiceMessage {
    // An answer to an earlier life must fit nothing that this one asks.
    calls = context.random(in: 1...1 << 40)
    tick(&context)
  }

  /// To be called again and again: joins, which tells the log that the member is there. The rest follows from its answer.
  mutating func tick<N: Node>(_ context: inout Context<N>) where N.Message == ServiceMessage {
    questions = [:]
    for group in memberships.indices { ask(.join, of: group, &context) }
  }

  /// The log has answered. Returns records, if there are any for the service to take.
  mutating func receive<N: Node>(_ reply: LogReply, call: Int, _ context: inout Context<N>) -> Batch?
  where N.Message == ServiceMessage {
    guard let question = questions.removeValue(forKey: call) else { return nil }
    let group = question.group
    switch (question.kind, reply) {
    case (.join, .assigned(let generation, let partitions)):
      if generation != memberships[group].generation {
        memberships[group].generation = generation
        memberships[group].partitions = partitions
        memberships[group].next = nil
      }
      goOn(group, &context)
    case (.offsets, .offsets(let committed)):
      memberships[group].committed = committed
      memberships[group].next = Dictionary(
        uniqueKeysWithValues: memberships[group].partitions.map { ($0, committed[$0] ?? 0) })
      goOn(group, &context)
    case (.poll(let partition), .records(let records, let next)) where !records.isEmpty:
      return Batch(records: records, partition: partition, group: group, next: next)
    case (.commit(let offsets), .committed):
      memberships[group].committed.merge(offsets) { max($0, $1) }
    case (.commit, .refused):
      // The group is in another generation: the next tick tells which.
      memberships[group].next = nil
    default: break
    }
    return nil
  }

  /// What the records come to is on the disk: commits them, and polls on.
  mutating func finish<N: Node>(_ batch: Batch, _ context: inout Context<N>)
  where N.Message == ServiceMessage {
    memberships[batch.group].next?[batch.partition] = batch.next
    ask(.commit([batch.partition: batch.next]), of: batch.group, &context)
    if !isPaused { ask(.poll(partition: batch.partition), of: batch.group, &context) }
  }

  private mutating func goOn<N: Node>(_ group: Int, _ context: inout Context<N>)
  where N.Message == ServiceMessage {
    let membership = memberships[group]
    guard membership.next != nil else { return ask(.offsets, of: group, &context) }
    if !membership.uncommitted.isEmpty { ask(.commit(membership.uncommitted), of: group, &context) }
    guard !isPaused else { return }
    for partition in membership.partitions { ask(.poll(partition: partition), of: group, &context) }
  }

  private mutating func ask<N: Node>(_ kind: Question.Kind, of group: Int, _ context: inout Context<N>)
  where N.Message == ServiceMessage {
    calls += 1
    questions[calls] = Question(group: group, kind: kind)
    context.send(.ask(request(kind, of: memberships[group]), call: calls), to: .log)
  }

  private func request(_ kind: Question.Kind, of membership: Membership) -> LogRequest {
    switch kind {
    case .join: .join(membership.group, member: member)
    case .offsets: .committed(membership.group)
    case .poll(let partition):
      .poll(
        Partition(membership.group.topic, partition), from: membership.next?[partition] ?? 0, limit: 10)
    case .commit(let offsets):
      .commit(membership.group, member: member, generation: membership.generation ?? 0, offsets: offsets)
    }
  }
}
