import LabKit

extension TimerName {
  /// Time to ask again those who have not answered.
  static let retry: TimerName = "retry"
  /// Time to look whether others lack what is here.
  static let heal: TimerName = "heal"
}

/// A node of a store without a leader: any node takes any request, and asks the replicas of its key (DeCandia and others,
/// "Dynamo", 2007, 4.5).
public struct StoreServer: StoreNode {
  static let retryInterval = Duration.milliseconds(200)
  static let patience = Duration.milliseconds(1_200)
  static let healingInterval = Duration.seconds(2)

  let id: NodeID

  // What is on disk as well.
  var membership: Membership
  private(set) var records: [String: Record] = [:]
  /// What this node keeps for replicas that were out of reach.
  var hints: [NodeID: [String: Record]] = [:]
  var issuers = 0
  /// Under which name this node numbers the versions of its own records.
  var issuer: Issuer

  // What a crash may take.
  var operations: [OperationID: Operation] = [:]
  private var nextOperation: OperationID = 0
  var tickets: [Ticket: Duration] = [:]
  /// For each node that holds some of the same keys, digests of what is known of them here.
  var trees: [NodeID: DigestTree] = [:]
  private var digests: [String: UInt64] = [:]
  /// What other nodes have still to be given, for they will hold it.
  var estates: [NodeID: Estate] = [:]
  /// The view service, which waits for this node to settle a view.
  var service: Token?

  public init(id: NodeID, members: [NodeID]) {
    self.id = id
    issuer = Issuer(node: id)
    membership = Membership(MembershipView(number: 0, members: members))
  }

  public var status: StoreStatus {
    StoreStatus(keys: records.count, open: operations.count, hints: hints.values.reduce(0) { $0 + $1.count })
  }

  /// The nodes that hold a key's replicas, and, while members change, those that will.
  func replicas(of key: String) -> [NodeID] { membership.concerned(with: key) }

  // MARK: Events

  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    issuers = disk.value(under: Self.issuersKey) ?? 0
    issuer = disk.value(under: Self.issuerKey) ?? issuer
    membership = disk.value(under: Self.viewKey).map { Membership($0, after: membership) } ?? membership
    for place in disk.keys {
      let parts = place.split(separator: "/", maxSplits: 2).map(String.init)
      if parts[0] == "key", let record = disk.value(Record?.self, under: place) ?? nil {
        let key = String(place.dropFirst("key/".count))
        records[key] = record
        note(record, of: key)
      } else if parts[0] == "hint", let node = Int(parts[1]) {
        hints[NodeID(node), default: [:]][parts[2]] = disk.value(Record?.self, under: place) ?? nil
      }
    }
    // Answers to what an earlier life asked must fit nothing that this one asks.
    nextOperation = context.random(in: 1...1 << 40)
    drawUpEstates()
    context.setTimer(.heal, after: Self.healingInterval)
  }

  public mutating func handle(
    _ request: StoreRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    switch request {
    case .get(let key, let quorum): read(key, quorum, for: token, &context)
    case .put(let key, let version, let seen, let quorum):
      write(Put(key: key, version: version, context: seen, quorum: quorum), for: .client(token), &context)
    case .locate(let key): context.reply(.replicas(membership.replicas(of: key)), to: token)
    case .view(let view):
      service = token
      adopt(view, &context)
      answerIfSettled(&context)
    }
  }

  public mutating func receive(_ message: Message, from sender: NodeID, _ context: inout Context<Self>) {
    switch message {
    case .read(let key, let operation):
      context.send(.record(known(of: key), operation), to: sender)
    case .record(let record, let operation): receive(record, from: sender, for: operation, &context)
    case .repair(let key, let record):
      if replicas(of: key).contains(id) { learn(record, of: key, &context) }
    case .replicate(let key, let record, let operation):
      learn(record, of: key, &context)
      context.send(.replicated(operation), to: sender)
    case .keep(let key, let record, let replica, let operation):
      keep(record, of: key, for: replica, &context)
      context.send(.replicated(operation), to: sender)
    case .replicated(let operation): receiveReplicated(from: sender, for: operation, &context)
    case .offer(let operation): receiveOffer(from: sender, for: operation, &context)
    case .ready(let ticket, let operation): receiveReady(ticket, from: sender, for: operation, &context)
    case .handOver(let put, let ticket, let operation):
      guard tickets.removeValue(forKey: ticket) != nil else { return }
      write(put, for: .node(sender, operation), &context)
    case .outcome(let reply, let operation): finish(operation, reply, &context)
    case .handOff(let key, let record):
      guard replicas(of: key).contains(id) else { return }
      learn(record, of: key, &context)
      context.send(.taken(key: key, record), to: sender)
    case .taken(let key, let record): drop(record, of: key, for: sender, &context)
    case .compare(let digests): receiveCompare(digests, from: sender, &context)
    case .exchange(let records, let leaves): receiveExchange(records, leaves, from: sender, &context)
    case .bequeath(let key, let record):
      guard replicas(of: key).contains(id) else { return }
      learn(record, of: key, &context)
      context.send(.inherited(key: key), to: sender)
    case .inherited(let key): receiveInherited(key, from: sender, &context)
    }
  }

  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    if timer == .heal {
      heal(&context)
      return context.setTimer(.heal, after: Self.healingInterval)
    }
    for operation in operations.keys.sorted() { retry(operation, &context) }
    tickets = tickets.filter { $0.value > context.uptime }
    if !operations.isEmpty || !tickets.isEmpty { context.setTimer(.retry, after: Self.retryInterval) }
  }

  // MARK: What this node holds

  /// All that this node knows of a key, as a replica or for others.
  func known(of key: String) -> Record {
    hints.values.compactMap { $0[key] }.reduce(into: records[key] ?? Record()) { $0.merge($1) }
  }

  /// Merges what somebody else knows of a key into what is known here, on disk before anything else is said.
  mutating func learn(_ record: Record, of key: String, _ context: inout Context<Self>) {
    var merged = records[key] ?? Record()
    merged.merge(record)
    keep(merged, of: key, &context)
  }

  mutating func keep(_ record: Record, of key: String, _ context: inout Context<Self>) {
    guard records[key] != record else { return }
    records[key] = record
    note(record, of: key)
    context.persist(Optional(record), under: "key/" + key)
  }

  /// Notes a record in the digests of what is known to others as well.
  private mutating func note(_ record: Record, of key: String) {
    let digest = stableHash(of: [key: record])
    for node in membership.replicas(of: key) where node != id {
      trees[node, default: DigestTree()].change(key, from: digests[key] ?? 0, to: digest)
    }
    digests[key] = digest
  }

  /// Forgets a record that others hold.
  mutating func letGo(of key: String, _ context: inout Context<Self>) {
    records[key] = nil
    context.persist(Record?.none, under: "key/" + key)
  }

  /// Draws up the digests anew.
  mutating func noteAll() {
    trees = [:]
    digests = [:]
    for (key, record) in records { note(record, of: key) }
  }

  // MARK: Operations

  /// Opens an operation and returns its number.
  mutating func open(
    _ kind: Operation.Kind, _ key: String, _ quorum: Quorum, for caller: Operation.Caller,
    _ context: inout Context<Self>
  ) -> OperationID {
    nextOperation += 1
    operations[nextOperation] = Operation(
      key: key, quorum: quorum, caller: caller, beginning: context.uptime, kind: kind)
    awaitRetry(&context)
    return nextOperation
  }

  /// Lets an operation go on under another number, so that answers which are under way do not fit it.
  mutating func renumber(_ number: OperationID) -> OperationID {
    nextOperation += 1
    operations[nextOperation] = operations.removeValue(forKey: number)
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
