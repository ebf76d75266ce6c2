import LabKit

extension TimerName {
  /// Time to ask again those who have not answered.
  static let retry: TimerName = "retry"
}

/// A node of a partitioned log (Kreps, Narkhede and Rao, "Kafka", 2011). Each partition lies on one node; that of a topic's
/// first partition looks after the groups that consume the topic. Any node takes any request, and passes on what is not
/// its own.
public struct LogServer: LogNode {
  static let retryInterval = Duration.milliseconds(150)
  static let patience = Duration.milliseconds(2_000)
  static let session = Duration.milliseconds(1_500)

  let id: NodeID
  let members: [NodeID]

  // What is on disk as well.
  private var partitions: [Partition: PartitionLog] = [:]
  private var groups: [ConsumerGroup: GroupState] = [:]

  // What a crash may take.
  /// What other nodes were asked, by the number of the call.
  private var calls: [Int: Call] = [:]
  private var nextCall = 0
  /// When each group's members last joined.
  private var lastJoined: [ConsumerGroup: [String: Duration]] = [:]

  struct Call: Hashable {
    let task: LogTask
    let node: NodeID
    let asker: Asker
    let deadline: Duration
  }

  public init(id: NodeID, members: [NodeID]) {
    self.id = id
    self.members = members.sorted()
  }

  public var status: LogStatus {
    LogStatus(
      records: partitions.values.reduce(0) { $0 + $1.count }, open: calls.count,
      generation: groups.values.map(\.generation).max() ?? 0)
  }

  // MARK: Who keeps what

  /// Every node, in every life, must come to the same partition: `hashValue` does not.
  static func partition(of key: String, in topic: String) -> Partition {
    Partition(topic, Int(stableHash(key) % UInt64(LogBounds.partitions)))
  }

  private func keeper(of partition: Partition) -> NodeID {
    let first = stableHash(partition.topic) % UInt64(members.count)
    return members[(Int(first) + partition.number) % members.count]
  }

  private func keeper(of group: ConsumerGroup) -> NodeID { keeper(of: Partition(group.topic, 0)) }

  private func keeper(of task: LogTask) -> NodeID {
    switch task {
    case .request(.append(let topic, let key, _)): keeper(of: Self.partition(of: key, in: topic))
    case .request(.poll(let partition, _, _)), .trim(let partition, _, _): keeper(of: partition)
    // Who looks after the groups knows what they have yet to read.
    case .request(.retain(let partition, _)): keeper(of: Partition(partition.topic, 0))
    case .request(.join(let group, _)), .request(.leave(let group, _)), .request(.commit(let group, _, _, _)),
      .request(.committed(let group)):
      keeper(of: group)
    }
  }

  // MARK: Events

  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    for partition in disk.value([Partition].self, under: "partitions") ?? [] {
      partitions[partition] = disk.value(under: "\(partition)")
    }
    groups = disk.value(under: "groups") ?? [:]
    // Members get the time to join again that they had before.
    lastJoined = groups.mapValues { group in
      Dictionary(uniqueKeysWithValues: group.members.map { ($0, context.uptime) })
    }
    // Answers to what an earlier life asked must fit nothing that this one asks.
    nextCall = context.random(in: 1...1 << 40)
  }

  public mutating func handle(
    _ request: LogRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    carryOut(.request(request), for: .client(token), &context)
  }

  public mutating func receive(_ message: LogMessage, from sender: NodeID, _ context: inout Context<Self>) {
    switch message {
    case .passOn(let task, let call): carryOut(task, for: .node(sender, call: call), &context)
    case .answer(let reply, let number):
      guard let call = calls.removeValue(forKey: number) else { return }
      answer(reply, to: call.asker, &context)
    }
  }

  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    for (number, call) in calls.sorted(by: { $0.key < $1.key }) {
      if context.uptime < call.deadline {
        context.send(.passOn(call.task, call: number), to: call.node)
      } else {
        calls[number] = nil
        answer(.unknown, to: call.asker, &context)
      }
    }
    if !calls.isEmpty { context.setTimer(.retry, after: Self.retryInterval) }
  }

  // MARK: Tasks

  private mutating func carryOut(_ task: LogTask, for asker: Asker, _ context: inout Context<Self>) {
    let keeper = keeper(of: task)
    guard keeper == id else { return passOn(task, to: keeper, for: asker, &context) }
    switch task {
    case .request(.append(let topic, let key, let value)):
      let partition = Self.partition(of: key, in: topic)
      var log = partitions[partition] ?? PartitionLog()
      let offset = log.append(key: key, value: value)
      keep(log, of: partition, &context)
      answer(.appended(partition, offset: offset), to: asker, &context)
    case .request(.poll(let partition, let offset, let limit)):
      let log = partitions[partition] ?? PartitionLog()
      answer(log.records(from: offset, limit: limit), to: asker, &context)
    case .request(.retain(let partition, let count)):
      carryOut(.trim(partition, last: count, floor: floor(of: partition)), for: asker, &context)
    case .trim(let partition, let count, let floor):
      var log = partitions[partition] ?? PartitionLog()
      log.trim(last: count, floor: floor)
      keep(log, of: partition, &context)
      answer(.retained(from: log.start), to: asker, &context)
    case .request(.join(let group, let member)):
      lastJoined[group, default: [:]][member] = context.uptime
      update(group, &context) { $0.admit(member) }
      let state = groups[group] ?? GroupState()
      answer(
        .assigned(generation: state.generation, partitions: state.partitions(of: member)), to: asker, &context
      )
    case .request(.leave(let group, let member)):
      update(group, &context) { $0.dismiss([member]) }
      answer(.left, to: asker, &context)
    case .request(.commit(let group, let member, let generation, let offsets)):
      update(group, &context) { _ in false }
      let state = groups[group] ?? GroupState()
      guard state.accepts(offsets, from: member, in: generation) else {
        return answer(.refused(generation: state.generation), to: asker, &context)
      }
      groups[group, default: state].commit(offsets)
      context.persist(groups, under: "groups")
      answer(.committed, to: asker, &context)
    case .request(.committed(let group)):
      answer(.offsets(groups[group]?.offsets ?? [:]), to: asker, &context)
    }
  }

  private mutating func keep(
    _ log: PartitionLog, of partition: Partition, _ context: inout Context<Self>
  ) {
    let isNew = partitions.updateValue(log, forKey: partition) == nil
    context.persist(log, under: "\(partition)")
    if isNew { context.persist(partitions.keys.sorted(), under: "partitions") }
  }

  /// Changes a group, once those members are dismissed that have been silent for too long. Members are looked at when somebody
  /// asks: nobody can tell the difference.
  private mutating func update(
    _ group: ConsumerGroup, _ context: inout Context<Self>, _ change: (inout GroupState) -> Bool
  ) {
    var state = groups[group] ?? GroupState()
    let silent = state.members.filter { member in
      lastJoined[group]?[member].map { context.uptime - $0 > Self.session } ?? true
    }
    let isChanged = [state.dismiss(silent), change(&state)].contains(true)
    guard isChanged else { return }
    groups[group] = state
    context.persist(groups, under: "groups")
  }

  /// The first offset that some group of the topic has yet to read.
  private func floor(of partition: Partition) -> Int {
    groups.filter { $0.key.topic == partition.topic }
      .map { $0.value.offsets[partition.number] ?? 0 }.min() ?? .max
  }

  private mutating func passOn(
    _ task: LogTask, to node: NodeID, for asker: Asker, _ context: inout Context<Self>
  ) {
    // A timer that is set again is moved: it would never run out while new calls come.
    if calls.isEmpty { context.setTimer(.retry, after: Self.retryInterval) }
    nextCall += 1
    calls[nextCall] = Call(
      task: task, node: node, asker: asker, deadline: context.uptime + Self.patience)
    context.send(.passOn(task, call: nextCall), to: node)
  }

  private func answer(_ reply: LogReply, to asker: Asker, _ context: inout Context<Self>) {
    switch asker {
    case .client(let token): context.reply(reply, to: token)
    case .node(let node, let call): context.send(.answer(reply, call: call), to: node)
    }
  }
}
