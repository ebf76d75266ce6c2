import LabKit

extension TimerName {
  /// Time to ask again those who have not answered.
  static let retry: TimerName = "retry"
}

/// A node of a store without a leader: any node takes any request, and asks the replicas of its key (DeCandia and others,
/// "Dynamo", 2007, 4.5).
public struct StoreServer: StoreNode {
  let id: NodeID
  var ring = HashRing(hash: PlacementHash())
  /// What this node holds, by key.
  var records: [String: Record] = [:]

  public init(id: NodeID, members: [NodeID]) {
    self.id = id
    for member in members { ring.add(member, weight: 1) }
  }

  /// `open`: how many requests this node is at work on. It is shown in pictures, and nothing is judged by it.
  public var status: StoreStatus { StoreStatus(keys: records.count, open: 0) }

  /// The nodes that hold a key's replicas.
  func replicas(of key: String) -> [NodeID] {
    ring.preferenceList(for: key, count: StoreBounds.replicas)
  }

  // MARK: Events

  /// The process has started: what was persisted is on `disk`.
  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    notImplemented()
  }

  /// A timer has run out. One that is set again while it runs is moved.
  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    notImplemented()
  }

  public mutating func handle(
    _ request: StoreRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    switch request {
    case .get(let key, let quorum): read(key, quorum, replyTo: token, &context)
    case .put(let key, let version, let seen, let quorum):
      write(version, to: key, knowing: seen, quorum, replyTo: token, &context)
    case .locate(let key): context.reply(.replicas(replicas(of: key)), to: token)
    case .view(let view): adopt(view, replyTo: token, &context)
    }
  }

  public mutating func receive(_ message: Message, from sender: NodeID, _ context: inout Context<Self>) {
    switch message {
    case .read(let key, let operation): receiveRead(of: key, from: sender, operation, &context)
    case .record(let record, let operation): receiveRecord(record, from: sender, operation, &context)
    case .replicate(let key, let record, let operation):
      receiveReplicate(record, of: key, from: sender, operation, &context)
    case .replicated(let operation): receiveReplicated(from: sender, operation, &context)
    }
  }

  // MARK: What clients ask

  /// A client wants to know what a key holds. Ask its replicas, and answer when as many have as `quorum` says.
  mutating func read(
    _ key: String, _ quorum: Quorum, replyTo token: Token, _ context: inout Context<Self>
  ) {
    notImplemented()
  }

  /// A client writes a key, or deletes it. Let its replicas keep the version, and answer when as many have as `quorum` says.
  /// This node need not be one of them: then one of them takes the write in.
  mutating func write(
    _ version: StoreVersion, to key: String, knowing seen: CausalContext, _ quorum: Quorum,
    replyTo token: Token, _ context: inout Context<Self>
  ) {
    notImplemented()
  }

  /// The view service says who the members are, and, while they change, who they will be. Answer when all that this node has
  /// to hand over has arrived. Stage 2F.
  mutating func adopt(_ view: MembershipView, replyTo token: Token, _ context: inout Context<Self>) {
    notImplemented()
  }

  // MARK: What other nodes say

  mutating func receiveRead(
    of key: String, from sender: NodeID, _ operation: Int, _ context: inout Context<Self>
  ) {
    notImplemented()
  }

  mutating func receiveRecord(
    _ record: Record, from replica: NodeID, _ operation: Int, _ context: inout Context<Self>
  ) {
    notImplemented()
  }

  mutating func receiveReplicate(
    _ record: Record, of key: String, from sender: NodeID, _ operation: Int, _ context: inout Context<Self>
  ) {
    notImplemented()
  }

  mutating func receiveReplicated(
    from replica: NodeID, _ operation: Int, _ context: inout Context<Self>
  ) {
    notImplemented()
  }
}
