/// The contract of week 1: what a Raft node is asked, what it answers, announces and claims.

/// A command for the replicated state machine: opaque to Raft, told apart by its identity.
public struct Command: Hashable, Codable, Sendable, CustomStringConvertible {
  public let id: UInt64
  public let payload: [UInt8]

  @inlinable public init(id: UInt64, payload: [UInt8] = []) {
    self.id = id
    self.payload = payload
  }

  public var description: String { "x\(id)" }
}

/// What whoever runs the cluster asks of its leader (stage 1F).
public enum AdminRequest: Hashable, Codable, Sendable {
  /// Let this node, which runs already, become a member.
  case add(NodeID)
  /// Let this node be no member any more; it may be the leader itself.
  case remove(NodeID)
  /// Let this node lead in your place.
  case transfer(to: NodeID)
}

/// What a Raft node is asked by its clients.
public enum RaftRequest: WireValue {
  /// Append this command to the log, if you lead.
  case propose(Command)
  /// Change the cluster, if you lead.
  case administer(AdminRequest)

  public func write(to writer: inout WireWriter) {
    switch self {
    case .propose(let command):
      writer.byte(1)
      writer.unsigned(command.id)
      writer.raw(command.payload)
    case .administer(.add(let node)):
      writer.byte(2)
      writer.integer(node.number)
    case .administer(.remove(let node)):
      writer.byte(3)
      writer.integer(node.number)
    case .administer(.transfer(let node)):
      writer.byte(4)
      writer.integer(node.number)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 1:
      let id = try reader.unsigned()
      self = .propose(Command(id: id, payload: Array(try reader.raw())))
    case 2: self = .administer(.add(NodeID(try reader.integer())))
    case 3: self = .administer(.remove(NodeID(try reader.integer())))
    case 4: self = .administer(.transfer(to: NodeID(try reader.integer())))
    default: throw .malformed(what: "an unknown request", offset: reader.offset)
    }
  }
}

/// What a Raft node answers.
public enum RaftReply: WireValue {
  /// The command, or the change of members, stands in the leader's log. It is not committed yet. A transfer was begun;
  /// its index is the last one that the other node must hold.
  case accepted(index: Int, term: Int)
  /// This node does not lead; perhaps that one does.
  case notLeader(hint: NodeID?)
  /// This node leads and will not do it now: another change is under way, say. Ask again (stage 1F).
  case refused

  public func write(to writer: inout WireWriter) {
    switch self {
    case .accepted(let index, let term):
      writer.byte(1)
      writer.integer(index)
      writer.integer(term)
    case .notLeader(let hint):
      writer.byte(2)
      writer.integer(hint?.number ?? 0)
    case .refused: writer.byte(3)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 1: self = .accepted(index: try reader.integer(), term: try reader.integer())
    case 2:
      let hint = try reader.integer()
      self = .notLeader(hint: hint == 0 ? nil : NodeID(hint))
    case 3: self = .refused
    default: throw .malformed(what: "an unknown reply", offset: reader.offset)
    }
  }
}

/// What a Raft node announces.
public enum RaftOutput: WireValue {
  /// The entry at `index` was applied to the state machine; `command` is nil for an entry that carries none.
  ///
  /// Whoever holds this node as a part sees the whole command; only its identity goes on to the judge.
  case applied(index: Int, term: Int, command: Command?)
  /// The state machine was replaced by the snapshot of what the entries up to `index` have led to (from stage 1D on).
  case restored(index: Int, snapshot: [UInt8])

  public func write(to writer: inout WireWriter) {
    switch self {
    case .applied(let index, let term, let command):
      writer.byte(command == nil ? 1 : 2)
      writer.integer(index)
      writer.integer(term)
      if let command { writer.unsigned(command.id) }
    case .restored(let index, let snapshot):
      writer.byte(3)
      writer.integer(index)
      writer.raw(snapshot)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    let tag = try reader.byte()
    switch tag {
    case 1, 2:
      self = .applied(
        index: try reader.integer(), term: try reader.integer(),
        command: tag == 1 ? nil : Command(id: try reader.unsigned()))
    case 3: self = .restored(index: try reader.integer(), snapshot: Array(try reader.raw()))
    default: throw .malformed(what: "an unknown output", offset: reader.offset)
    }
  }
}

/// What a Raft node claims about itself.
public struct RaftStatus: NodeStatus {
  public enum Role: Int, Hashable, Codable, Sendable { case follower, candidate, leader }

  public var role: Role
  public var term: Int
  /// Whom the node voted for in this term.
  public var vote: NodeID?
  /// Who leads this term, as far as the node knows.
  public var leader: NodeID?
  public var commitIndex: Int
  public var lastIndex: Int
  /// The last index that a snapshot covers; 0 without one.
  public var snapshotIndex: Int
  /// Who is a member, as far as this node's log tells (from stage 1F on); empty if the node does not say.
  public var members: [NodeID]

  public init(
    role: Role, term: Int, vote: NodeID?, leader: NodeID?, commitIndex: Int = 0, lastIndex: Int = 0,
    snapshotIndex: Int = 0, members: [NodeID] = []
  ) {
    self.role = role
    self.term = term
    self.vote = vote
    self.leader = leader
    self.commitIndex = commitIndex
    self.lastIndex = lastIndex
    self.snapshotIndex = snapshotIndex
    self.members = members
  }

  /// The fields in the order of `fields`.
  public enum Field: Int, CaseIterable, Sendable {
    case role, term, vote, leader, commitIndex, lastIndex, snapshotIndex, members
  }

  public static var fieldNames: [String] {
    ["role", "term", "vote", "leader", "commit", "last", "snapshot", "members"]
  }

  /// A set of nodes as one number: bit 0 stands for n1. Nodes that no cluster has are left out.
  @inlinable public static func bits(_ nodes: [NodeID]) -> Int64 {
    var bits: Int64 = 0
    for node in nodes where (1...64).contains(node.number) { bits |= 1 &<< Int64(node.number - 1) }
    return bits
  }

  public var fields: SIMD8<Int64> {
    SIMD8(
      Int64(role.rawValue), Int64(term), Int64(vote?.number ?? 0), Int64(leader?.number ?? 0),
      Int64(commitIndex), Int64(lastIndex), Int64(snapshotIndex), Self.bits(members))
  }
}

/// A node that runs Raft.
public protocol RaftNode: Node
where Request == RaftRequest, Reply == RaftReply, Output == RaftOutput, Status == RaftStatus {
  /// A client proposes a command (from stage 1B on).
  mutating func propose(_ command: Command, replyTo token: Token, _ context: inout Context<Self>)

  /// The state machine has applied everything up to `index`, and `snapshot` is its state: the log may forget those
  /// entries (from stage 1D on).
  mutating func compact(upTo index: Int, snapshot: [UInt8], _ context: inout Context<Self>)

  /// Whoever runs the cluster wants it changed (stage 1F).
  mutating func administer(_ request: AdminRequest, replyTo token: Token, _ context: inout Context<Self>)
}

extension RaftNode {
  public mutating func handle(_ request: RaftRequest, replyTo token: Token, _ context: inout Context<Self>) {
    switch request {
    case .propose(let command): propose(command, replyTo: token, &context)
    case .administer(let change): administer(change, replyTo: token, &context)
    }
  }

  public var heldEntries: Range<Int> {
    let status = status
    return (status.snapshotIndex + 1)..<max(status.snapshotIndex + 1, status.lastIndex + 1)
  }
}

/// What every suite of week 1 keeps to, and the handout prints.
public enum RaftBounds {
  public static let ordinaryDelayMilliseconds = 1...10
  public static let heartbeatMilliseconds = 20...150
  public static let longestElectionTimeoutMilliseconds = 1_500
  /// The state machine's owner has the log compacted when it holds this many applied entries (from stage 1D on).
  public static let compactionEntries = 32
  /// A node never holds more applied entries than this (from stage 1D on).
  public static let mostAppliedEntries = 4 * compactionEntries
  /// Progress is demanded this long after the last fault.
  public static let progressSeconds = 15
  /// A leader that nothing disturbs is watched this long.
  public static let stableSeconds = 5
  /// Messages of three nodes that have nothing to do.
  public static let idleMessagesASecond = 10...600
  /// Messages beside the heartbeats for ten commands on three nodes.
  public static let mostMessagesForTenCommands = 273
  /// How often a command reaches one peer where nothing is lost, counted in bytes.
  public static let mostCopiesToAPeer = 4
  /// What the others of a node that hears nobody, and campaigns, agree on meanwhile.
  public static let leastCommandsBesideDeafNode = 30
  /// How long a node hears nobody and campaigns.
  public static let deafSeconds = 10
  /// Round trips of 200 ms until a node whose last 50 entries, of 5 terms, conflict with the leader's takes in the
  /// leader's.
  public static let mostRoundTripsToCatchUp = 21
  /// Proposals made at one time are applied everywhere within this time.
  public static let concurrentSeconds = 5
  /// A leader that hears from no majority steps down within this time (stage 1E).
  public static let stepDownMilliseconds = 2 * longestElectionTimeoutMilliseconds + 500
  /// The node that is to lead does, this long after the leader was asked to hand over (stage 1F).
  public static let transferMilliseconds = 500
  /// A leader that cannot hand over takes proposals again within this time (stage 1F).
  public static let abandonMilliseconds = 3_800
}
