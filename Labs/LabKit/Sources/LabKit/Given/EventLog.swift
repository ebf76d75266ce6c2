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

  /// A member that has been silent for longer is none.
  private static let session = Duration.milliseconds(
    (LogBounds.sessionMilliseconds + LogBounds.expiryMilliseconds) / 2)

  private var ends: [Partition: Int] = [:]
  private var records: [Partition: [LogRecord]] = [:]
  private var groups: [ConsumerGroup: Group] = [:]
  private var heard: [ConsumerGroup: [String: Duration]] = [:]

  init(id: NodeID, members: [NodeID]) {}

  var status: LogStatus {
    LogStatus(
      records: records.values.reduce(0) { $0 + $1.count },
      generation: groups.values.reduce(0) { max($0, $1.generation) })
  }

  mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    ends = disk.value(under: "ends") ?? [:]
    for partition in ends.keys { records[partition] = disk.value(under: "\(partition)") ?? [] }
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

  private mutating func answer(_ request: LogRequest, _ context: inout Context<Self>) -> LogReply {
    switch request {
    case .append(let topic, let key, let value):
      let partition = Partition(topic, Int(stableHash(key) % UInt64(LogBounds.partitions)))
      let offset = ends[partition] ?? 0
      records[partition, default: []].append(LogRecord(offset: offset, key: key, value: value))
      ends[partition] = offset + 1
      persist(partition, &context)
      return .appended(partition, offset: offset)
    case .poll(let partition, let from, let limit):
      let found = (records[partition] ?? []).drop { $0.offset < from }.prefix(max(limit, 0))
      return .records(Array(found), next: found.last.map { $0.offset + 1 } ?? max(from, start(of: partition)))
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
      let bound = min((ends[partition] ?? 0) - max(last, 0), unread.min() ?? .max)
      records[partition]?.removeAll { $0.offset < bound }
      persist(partition, &context)
      return .retained(from: start(of: partition))
    }
  }

  private func start(of partition: Partition) -> Int {
    records[partition]?.first?.offset ?? ends[partition] ?? 0
  }

  private func persist(_ partition: Partition, _ context: inout Context<Self>) {
    context.persist(records[partition] ?? [], under: "\(partition)")
    context.persist(ends, under: "ends")
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
