import LabKit

extension TimerName {
  /// Time to ask again those who have not answered.
  static let retry: TimerName = "retry"
}

/// A node of a store without a leader: any node takes any request, and asks the replicas of its key (DeCandia and others,
/// "Dynamo", 2007, 4.5).
public struct StoreServer: StoreNode {
  static let retryInterval = Duration.milliseconds(200)
  static let patience = Duration.milliseconds(1_200)

  let id: NodeID
  private var ring = HashRing(hash: PlacementHash())

  /// What this node holds, on disk as well.
  private(set) var records: [String: Record] = [:]

  // What a crash may take.
  var operations: [OperationID: Operation] = [:]
  private var nextOperation: OperationID = 0
  var tickets: [Ticket: Duration] = [:]

  public init(id: NodeID, members: [NodeID]) {
    self.id = id
    for member in members { ring.add(member, weight: 1) }
  }

  public var status: StoreStatus { StoreStatus(keys: records.count, open: operations.count) }

  func replicas(of key: String) -> [NodeID] {
    ring.preferenceList(for: key, count: StoreBounds.replicas)
  }

  // MARK: Events

  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    for key in disk.keys { records[key] = disk.value(under: key) }
    // Answers to what an earlier life asked must fit nothing that this one asks.
    nextOperation = context.random(in: 1...1 << 40)
  }

  public mutating func handle(
    _ request: StoreRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    switch request {
    case .get(let key, let quorum): read(key, quorum, for: token, &context)
    case .put(let key, let version, let seen, let quorum):
      write(Put(key: key, version: version, context: seen, quorum: quorum), for: .client(token), &context)
    case .locate(let key): context.reply(.replicas(replicas(of: key)), to: token)
    }
  }

  public mutating func receive(_ message: Message, from sender: NodeID, _ context: inout Context<Self>) {
    switch message {
    case .read(let key, let operation):
      context.send(.record(records[key] ?? Record(), operation), to: sender)
    case .record(let record, let operation): receive(record, from: sender, for: operation, &context)
    case .replicate(let key, let record, let operation):
      learn(record, of: key, &context)
      context.send(.replicated(operation), to: sender)
    case .replicated(let operation): receiveReplicated(from: sender, for: operation, &context)
    case .repair(let key, let record): learn(record, of: key, &context)
    case .offer(let operation): receiveOffer(from: sender, for: operation, &context)
    case .ready(let ticket, let operation): receiveReady(ticket, from: sender, for: operation, &context)
    case .handOver(let put, let ticket, let operation):
      guard tickets.removeValue(forKey: ticket) != nil else { return }
      write(put, for: .node(sender, operation), &context)
    case .outcome(let reply, let operation): finish(operation, reply, &context)
    }
  }

  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    for operation in operations.keys.sorted() { retry(operation, &context) }
    tickets = tickets.filter { $0.value > context.uptime }
    if !operations.isEmpty || !tickets.isEmpty { context.setTimer(.retry, after: Self.retryInterval) }
  }

  // MARK: What this node holds

  /// Merges what somebody else knows of a key into what is known here, on disk before anything else is said.
  mutating func learn(_ record: Record, of key: String, _ context: inout Context<Self>) {
    var merged = records[key] ?? Record()
    merged.merge(record)
    keep(merged, of: key, &context)
  }

  mutating func keep(_ record: Record, of key: String, _ context: inout Context<Self>) {
    guard records[key] != record else { return }
    records[key] = record
    context.persist(record, under: key)
  }

  // MARK: Operations

  /// Opens an operation and returns its number.
  mutating func open(
    _ kind: Operation.Kind, _ key: String, _ quorum: Quorum, for caller: Operation.Caller,
    _ context: inout Context<Self>
  ) -> OperationID {
    nextOperation += 1
    operations[nextOperation] = Operation(
      key: key, quorum: quorum, caller: caller, deadline: context.uptime + Self.patience, kind: kind)
    awaitRetry(&context)
    return nextOperation
  }

  mutating func awaitRetry(_ context: inout Context<Self>) {
    guard operations.count + tickets.count == 1 else { return }
    context.setTimer(.retry, after: Self.retryInterval)
  }

  /// Answers whoever waits for an operation, once.
  mutating func answer(_ number: OperationID, _ reply: StoreReply, _ context: inout Context<Self>) {
    guard let operation = operations[number], !operation.isAnswered else { return }
    operations[number]?.isAnswered = true
    switch operation.caller {
    case .client(let token): context.reply(reply, to: token)
    case .node(let node, let theirs): context.send(.outcome(reply, theirs), to: node)
    }
  }

  mutating func finish(_ number: OperationID, _ reply: StoreReply, _ context: inout Context<Self>) {
    answer(number, reply, &context)
    operations[number] = nil
  }
}
