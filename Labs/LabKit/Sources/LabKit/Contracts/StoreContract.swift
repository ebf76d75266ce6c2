/// The contract of stages 2C to 2G: a key-value store without a leader (DeCandia and others, "Dynamo", 2007).

/// The name that a client gives to a write. A write that is sent again keeps its name: it is the same write.
public struct WriteID: WireValue, Codable, Comparable, CustomStringConvertible {
  public let client: Int
  /// Counts the client's writes, from 1.
  public let number: Int

  public init(client: Int, number: Int) {
    self.client = client
    self.number = number
  }

  public static func < (left: WriteID, right: WriteID) -> Bool {
    (left.client, left.number) < (right.client, right.number)
  }

  public var description: String { "c\(client).\(number)" }

  public func write(to writer: inout WireWriter) {
    writer.integer(client)
    writer.integer(number)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    self.init(client: try reader.integer(), number: try reader.integer())
  }
}

/// What a write made of a key: a value, or nothing if it deleted the key.
public struct StoreVersion: WireValue, Codable {
  public let write: WriteID
  /// nil: the write deleted the key.
  public let value: String?

  public init(_ write: WriteID, _ value: String?) {
    self.write = write
    self.value = value
  }

  public func write(to writer: inout WireWriter) {
    write.write(to: &writer)
    writer.optional(value)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    self.init(try WriteID(from: &reader), try reader.optionalText())
  }
}

/// What a read saw, for the write that follows it: the store makes it, clients hand it back and do not look inside.
public struct CausalContext: WireValue, Codable {
  private let bytes: [UInt8]

  /// That of a client that has read nothing.
  public static let none = CausalContext(bytes: [])

  private init(bytes: [UInt8]) { self.bytes = bytes }

  /// A context that holds `content`, whatever that is.
  public init(_ content: some Encodable) {
    do { bytes = try WireCodec.encode(content) } catch {
      fatalError("a context's content could not be encoded: \(error)")
    }
  }

  /// What the context holds; nil if it is `none`, or no such thing.
  public func content<Content: Decodable>(as type: Content.Type = Content.self) -> Content? {
    bytes.isEmpty ? nil : try? WireCodec.decode(type, from: bytes)
  }

  public func write(to writer: inout WireWriter) { writer.raw(bytes) }
  public init(from reader: inout WireReader) throws(WireError) { bytes = Array(try reader.raw()) }
}

/// How many replicas must have answered before the client is.
public enum Quorum: WireValue, Codable {
  /// So many of the key's own replicas.
  case strict(Int)
  /// So many nodes: in the place of a replica that is out of reach another node may stand in (stage 2E).
  case sloppy(Int)
  /// A majority of the key's own replicas, and more than that: where all gets and puts of a key ask for this, it is as if
  /// there were one copy of it (stage 2G). A put takes the place of whatever was there, whatever its context has seen; a get
  /// returns one version at most, and what it has returned no later get goes back behind.
  case linearizable

  public var count: Int {
    switch self {
    case .strict(let count), .sloppy(let count): count
    case .linearizable: StoreBounds.replicas / 2 + 1
    }
  }

  public func write(to writer: inout WireWriter) {
    switch self {
    case .strict(let count):
      writer.byte(0)
      writer.integer(count)
    case .sloppy(let count):
      writer.byte(1)
      writer.integer(count)
    case .linearizable: writer.byte(2)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0: self = .strict(try reader.integer())
    case 1: self = .sloppy(try reader.integer())
    case 2: self = .linearizable
    default: throw .malformed(what: "an unknown quorum", offset: reader.offset)
    }
  }
}

/// Who the members of the store are, by the word of the view service (stage 2F). Views are numbered, and the service is
/// never wrong.
///
/// A change takes two views. The first opens it: `next` says who the members will be. When each node of both lists has settled
/// that one, those left out that have left for good, the second closes it. There is one change at a time.
public struct MembershipView: WireValue, Codable {
  /// Counts the views, from 1. Before its first one a node takes the `members` that it was made with for view 0.
  public let number: Int
  public let members: [NodeID]
  /// Who the members will be when the change that is under way has been closed; nil if none is under way.
  public let next: [NodeID]?

  public init(number: Int, members: [NodeID], next: [NodeID]? = nil) {
    self.number = number
    self.members = members
    self.next = next
  }

  public func write(to writer: inout WireWriter) {
    writer.integer(number)
    Self.write(members, to: &writer)
    writer.byte(next == nil ? 0 : 1)
    if let next { Self.write(next, to: &writer) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    number = try reader.integer()
    members = try Self.nodes(from: &reader)
    next = try reader.byte() == 0 ? nil : try Self.nodes(from: &reader)
  }

  fileprivate static func write(_ nodes: [NodeID], to writer: inout WireWriter) {
    writer.unsigned(UInt64(nodes.count))
    for node in nodes { writer.integer(node.number) }
  }

  fileprivate static func nodes(from reader: inout WireReader) throws(WireError) -> [NodeID] {
    var nodes: [NodeID] = []
    for _ in 0..<(try reader.count()) { nodes.append(NodeID(try reader.integer())) }
    return nodes
  }
}

/// What a client asks of a node. Any node takes any request.
public enum StoreRequest: WireValue, Codable {
  /// What the key holds, by the word of as many replicas as `quorum` says: R.
  case get(String, Quorum)
  /// The key holds this version from now on, in the place of all that `context` has seen. It is answered when as many
  /// replicas as `quorum` says have it on disk: W.
  case put(String, StoreVersion, CausalContext, Quorum)
  /// Which nodes hold the key's replicas.
  case locate(String)
  /// The view service hands out a view. It is answered when this node has settled it, and asked again until it is.
  case view(MembershipView)

  public func write(to writer: inout WireWriter) {
    switch self {
    case .get(let key, let quorum):
      writer.byte(0x40)
      writer.text(key)
      quorum.write(to: &writer)
    case .put(let key, let version, let context, let quorum):
      writer.byte(0x41)
      writer.text(key)
      version.write(to: &writer)
      context.write(to: &writer)
      quorum.write(to: &writer)
    case .locate(let key):
      writer.byte(0x42)
      writer.text(key)
    case .view(let view):
      writer.byte(0x48)
      view.write(to: &writer)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0x40: self = .get(try reader.text(), try Quorum(from: &reader))
    case 0x41:
      self = .put(
        try reader.text(), try StoreVersion(from: &reader), try CausalContext(from: &reader),
        try Quorum(from: &reader))
    case 0x42: self = .locate(try reader.text())
    case 0x48: self = .view(try MembershipView(from: &reader))
    default: throw .malformed(what: "an unknown request to a store", offset: reader.offset)
    }
  }
}

/// What a node answers to a client.
public enum StoreReply: WireValue, Codable {
  /// To a get: what the key holds, and the context for a write that follows. Several versions, the *siblings*, are writes of
  /// which none knew of another. Deletions may be left out.
  case found([StoreVersion], CausalContext)
  /// To a put: so many replicas have it.
  case stored
  /// To a get: too few replicas answered, or took what it had to write back. To a put: the write has not taken effect, and never will.
  case failed
  /// To a put: too few replicas answered. The write may have taken effect, and may do so later.
  case unknown
  /// To a locate: by the members of the node's view.
  case replicas([NodeID])
  /// To a view, with its number: this node acts by it. If it opens a change, whatever this node had to hand over is on the
  /// disks of those that will hold it. There is no hurry: where the service was impatient and has asked again, any of its
  /// requests may be answered.
  case settled(Int)

  public func write(to writer: inout WireWriter) {
    switch self {
    case .found(let versions, let context):
      writer.byte(0x43)
      writer.unsigned(UInt64(versions.count))
      for version in versions { version.write(to: &writer) }
      context.write(to: &writer)
    case .stored: writer.byte(0x44)
    case .failed: writer.byte(0x45)
    case .unknown: writer.byte(0x46)
    case .replicas(let nodes):
      writer.byte(0x47)
      MembershipView.write(nodes, to: &writer)
    case .settled(let number):
      writer.byte(0x49)
      writer.integer(number)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0x43:
      var versions: [StoreVersion] = []
      for _ in 0..<(try reader.count()) { versions.append(try StoreVersion(from: &reader)) }
      self = .found(versions, try CausalContext(from: &reader))
    case 0x44: self = .stored
    case 0x45: self = .failed
    case 0x46: self = .unknown
    case 0x47:
      self = .replicas(try MembershipView.nodes(from: &reader))
    case 0x49: self = .settled(try reader.integer())
    default: throw .malformed(what: "an unknown answer of a store", offset: reader.offset)
    }
  }
}

/// What a node of the store claims about itself. Nothing is judged by it: it is shown in pictures.
public struct StoreStatus: NodeStatus {
  /// How many keys the node holds something of.
  public var keys: Int
  /// How many of the clients' requests it is at work on.
  public var open: Int
  /// How much it keeps for nodes that are out of reach (stage 2E).
  public var hints: Int

  public init(keys: Int, open: Int, hints: Int = 0) {
    self.keys = keys
    self.open = open
    self.hints = hints
  }

  public static var fieldNames: [String] { ["keys", "open", "hints"] }
  public var fields: SIMD8<Int64> { [Int64(keys), Int64(open), Int64(hints), 0, 0, 0, 0, 0] }
}

/// A node of the store.
public protocol StoreNode: Node
where Request == StoreRequest, Reply == StoreReply, Output == NoOutput, Status == StoreStatus {}

/// What the suites of stages 2C to 2G keep to, and the handouts print.
public enum StoreBounds {
  /// How many replicas a key has, where there are as many nodes: N.
  public static let replicas = 3
  /// Within this time every request is answered, one way or another, by a node that does not crash.
  public static let answerMilliseconds = 3_000
  /// Where as many replicas as the quorum needs are in reach, a request succeeds within this time.
  public static let successMilliseconds = 1_500
  /// How long a replica is behind that is slow.
  public static let slowMilliseconds = 2_000...5_000
  /// So long after a read every replica that it reached knows what it found.
  public static let repairMilliseconds = 1_000
  /// So long after the last fault all replicas agree (stage 2E).
  public static let agreementMilliseconds = 15_000
  /// Where replicas differ in some keys of many, they agree at a cost of so many bytes, in per cent of those that all keys
  /// and values have (stage 2E).
  public static let exchangedPercent = 10
  /// So long after a change of members was opened, and nothing keeps them from each other any more, each node has settled it
  /// (stage 2F).
  public static let settleMilliseconds = 15_000
  /// On so many nodes, one of which comes or goes, each member's disk has so much of its share, in per cent; a key's share is
  /// its value's bytes and so many more (stage 2F).
  public static let (manyNodes, diskPercent, overheadBytes) = (20, 30...170, 60)
  /// There are so many keys there, with values of so many bytes, and so many differ.
  public static let (manyKeys, valueBytes, differingKeys) = (10_000, 100, 10)
}
