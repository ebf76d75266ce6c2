/// The state machine that stage 1D replicates: it remembers how many commands it was given, and a digest of them in order.
public struct Ledger: Hashable, Sendable {
  /// The index of the last entry applied.
  public private(set) var index = 0
  private var digest: UInt64 = 0

  public init() {}

  /// Applies the entry after the last one; nil for an entry that carries no command.
  public mutating func apply(_ command: Command?) {
    index += 1
    digest = Mixing.combine(digest, command?.id ?? 0)
  }

  /// The state as bytes.
  public var snapshot: [UInt8] {
    var writer = WireWriter()
    writer.integer(index)
    writer.unsigned(digest)
    return writer.bytes
  }

  /// The state that `snapshot` holds, or nil if it holds none.
  public init?(snapshot: [UInt8]) {
    var reader = WireReader(snapshot)
    guard let index = try? reader.integer(), let digest = try? reader.unsigned(), reader.isAtEnd else {
      return nil
    }
    self.index = index
    self.digest = digest
  }
}

/// A Raft node together with the state machine that it replicates, as stage 1D runs it.
///
/// The student's node is a part of this one: its log is compacted whenever it holds too many applied entries, and the
/// state machine is replaced when the node announces a snapshot.
public struct Replica<Consensus: RaftNode>: Node {
  public typealias Message = Consensus.Message
  public typealias Request = RaftRequest
  public typealias Reply = RaftReply
  public typealias Output = RaftOutput
  public typealias Status = RaftStatus

  public private(set) var consensus: Consensus
  public private(set) var ledger = Ledger()

  public init(id: NodeID, members: [NodeID]) { self.init(Consensus(id: id, members: members)) }

  /// A replica of a node that was made in a way of its own.
  public init(_ consensus: Consensus) { self.consensus = consensus }

  public var status: RaftStatus { consensus.status }
  public var heldEntries: Range<Int> { consensus.heldEntries }
  public func entry(at index: Int) -> EntryMark? { consensus.entry(at: index) }

  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    run(&context) { $0.start(from: disk, &$1) }
  }

  public mutating func receive(
    _ message: Consensus.Message, from sender: NodeID, _ context: inout Context<Self>
  ) {
    run(&context) { $0.receive(message, from: sender, &$1) }
  }

  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    run(&context) { $0.timerFired(timer, &$1) }
  }

  public mutating func handle(_ request: RaftRequest, replyTo token: Token, _ context: inout Context<Self>) {
    run(&context) { $0.handle(request, replyTo: token, &$1) }
  }

  private mutating func run(
    _ context: inout Context<Self>,
    _ handler: (inout Consensus, inout Context<Consensus>) -> Void
  ) {
    let result = context.run(&consensus, translating: { $0 }, handler)
    for (reply, token) in result.replies { context.reply(reply, to: token) }
    for output in result.outputs {
      switch output {
      case .applied(_, _, let command): ledger.apply(command)
      case .restored(let index, let snapshot):
        guard let restored = Ledger(snapshot: snapshot) else {
          fatalError(
            "the node restored \(snapshot.count) bytes up to index \(index) that are no snapshot of the ledger"
          )
        }
        ledger = restored
      }
      context.output(output)
    }
    guard ledger.index - consensus.status.snapshotIndex >= RaftBounds.compactionEntries else { return }
    _ = context.run(&consensus, translating: { $0 }) { [ledger] consensus, inner in
      consensus.compact(upTo: ledger.index, snapshot: ledger.snapshot, &inner)
    }
  }
}
