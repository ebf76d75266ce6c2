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

  public var count: Int {
    switch self {
    case .strict(let count), .sloppy(let count): count
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
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0: self = .strict(try reader.integer())
    case 1: self = .sloppy(try reader.integer())
    default: throw .malformed(what: "an unknown quorum", offset: reader.offset)
    }
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
  /// To a get: too few replicas answered. To a put: the write has not taken effect, and never will.
  case failed
  /// To a put: too few replicas answered. The write may have taken effect, and may do so later.
  case unknown
  /// To a locate.
  case replicas([NodeID])

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
      writer.unsigned(UInt64(nodes.count))
      for node in nodes { writer.integer(node.number) }
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
      var nodes: [NodeID] = []
      for _ in 0..<(try reader.count()) { nodes.append(NodeID(try reader.integer())) }
      self = .replicas(nodes)
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
  /// There are so many keys there, with values of so many bytes, and so many differ.
  public static let (manyKeys, valueBytes, differingKeys) = (10_000, 100, 10)
}
