/// The log that the course provides in stages 3B to 3F: a partitioned log with groups of consumers, as stage 3A asks for it,
/// on one node. Services ask it by message; what it has acknowledged is on its disk.
struct EventLog: Node {
  typealias Message = ServiceMessage
  typealias Request = LogRequest
  typealias Reply = LogReply
  typealias Output = NoOutput
  typealias Status = LogStatus

  private struct Group: Hashable, Codable {
    var generation = 0
    /// Sorted: the partitions are dealt out to them in turn.
    var members: [String] = []
    var offsets: [Int: Int] = [:]

    func owns(_ member: String, _ partition: Int) -> Bool {
      !members.isEmpty && members[partition % members.count] == member
    }
  }

  /// A partition. Its end is kept with its records: an offset is not given twice when the last of them are gone.
  private struct Kept: Hashable, Codable {
    var records: [LogRecord] = []
    var end = 0

    var start: Int { records.first?.offset ?? end }
  }

  /// A member that has been silent for longer is none.
  private static let session = Duration.milliseconds(
    (LogBounds.sessionMilliseconds + LogBounds.expiryMilliseconds) / 2)

  private var partitions: [Partition: Kept] = [:]
  private var groups: [ConsumerGroup: Group] = [:]
  private var heard: [ConsumerGroup: [String: Duration]] = [:]

  init(id: NodeID, members: [NodeID]) {}

  var status: LogStatus {
    LogStatus(
      records: partitions.values.reduce(0) { $0 + $1.records.count },
      generation: groups.values.reduce(0) { max($0, $1.generation) })
  }

  /// How many records the group that is furthest behind has not committed.
  var lag: Int {
    groups.map { group, state in
      partitions.filter { $0.key.topic == group.topic }.reduce(0) { lag, partition in
        let committed = state.offsets[partition.key.number] ?? 0
        return lag + partition.value.records.reversed().prefix { $0.offset >= committed }.count
      }
    }.max() ?? 0
  }

  mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    for partition in disk.value([Partition].self, under: "partitions") ?? [] {
      partitions[partition] = disk.value(under: "\(partition)")
    }
    groups = disk.value(under: "groups") ?? [:]
    for (group, state) in groups {
      for member in state.members { heard[group, default: [:]][member] = context.uptime }
    }
  }

  mutating func receive(_ message: ServiceMessage, from sender: NodeID, _ context: inout Context<Self>) {
    guard case .ask(let request, let call) = message else { return }
    let reply = answer(request, &context)
    context.send(.answer(reply, call: call), to: sender)
  }

  mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {}

  mutating func handle(_ request: LogRequest, replyTo token: Token, _ context: inout Context<Self>) {
    let reply = answer(request, &context)
    context.reply(reply, to: token)
  }

  // MARK: Answers

  mutating func answer(_ request: LogRequest, _ context: inout Context<Self>) -> LogReply {
    switch request {
    case .append(let topic, let key, let value):
      let partition = Partition(topic, Int(stableHash(key) % UInt64(LogBounds.partitions)))
      return change(partition, &context) { kept in
        kept.records.append(LogRecord(offset: kept.end, key: key, value: value))
        kept.end += 1
        return .appended(partition, offset: kept.end - 1)
      }
    case .poll(let partition, let from, let limit):
      let kept = partitions[partition] ?? Kept()
      let found = kept.records.drop { $0.offset < from }.prefix(max(limit, 0))
      return .records(Array(found), next: found.last.map { $0.offset + 1 } ?? max(from, kept.start))
    case .join(let group, let member):
      heard[group, default: [:]][member] = context.uptime
      expire(group, adding: member, &context)
      let state = groups[group] ?? Group()
      return .assigned(
        generation: state.generation,
        partitions: (0..<LogBounds.partitions).filter { state.owns(member, $0) })
    case .leave(let group, let member):
      heard[group]?[member] = nil
      expire(group, &context)
      return .left
    case .commit(let group, let member, let generation, let offsets):
      expire(group, &context)
      var state = groups[group] ?? Group()
      guard generation == state.generation, offsets.keys.allSatisfy({ state.owns(member, $0) }) else {
        return .refused(generation: state.generation)
      }
      state.offsets.merge(offsets) { max($0, $1) }
      groups[group] = state
      context.persist(groups, under: "groups")
      return .committed
    case .committed(let group): return .offsets(groups[group]?.offsets ?? [:])
    case .retain(let partition, let last):
      let unread = groups.filter { $0.key.topic == partition.topic }
        .map { $0.value.offsets[partition.number] ?? 0 }
      return change(partition, &context) { kept in
        let bound = min(kept.end - max(last, 0), unread.min() ?? .max)
        kept.records.removeAll { $0.offset < bound }
        return .retained(from: kept.start)
      }
    }
  }

  private mutating func change(
    _ partition: Partition, _ context: inout Context<Self>, _ body: (inout Kept) -> LogReply
  ) -> LogReply {
    var kept = partitions[partition] ?? Kept()
    let reply = body(&kept)
    let isNew = partitions.updateValue(kept, forKey: partition) == nil
    context.persist(kept, under: "\(partition)")
    if isNew { context.persist(partitions.keys.sorted(), under: "partitions") }
    return reply
  }

  /// Lets members go that have been silent for too long, and takes one in. Members are looked at when somebody asks: nobody
  /// can tell the difference.
  private mutating func expire(
    _ group: ConsumerGroup, adding member: String? = nil, _ context: inout Context<Self>
  ) {
    var state = groups[group] ?? Group()
    let living = Set(state.members + (member.map { [$0] } ?? []))
      .filter { name in heard[group]?[name].map { context.uptime - $0 <= Self.session } ?? false }.sorted()
    guard living != state.members else { return }
    state.members = living
    state.generation += 1
    groups[group] = state
    context.persist(groups, under: "groups")
  }
}
