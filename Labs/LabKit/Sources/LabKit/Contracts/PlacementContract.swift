/// The contract of stage 2B: which nodes hold which keys.

/// The hash function that a placement is given, the same in every process.
///
/// FNV-1a with a finaliser, so that texts that differ in one letter lie far apart, and a seed, so that there are many such
/// functions.
public struct PlacementHash: WireValue {
  private let seed: UInt64
  /// How many bits a hash has; with few of them many texts have the same one.
  public let bits: Int

  public init(seed: UInt64 = 0, bits: Int = 64) {
    self.seed = seed
    self.bits = min(64, max(1, bits))
  }

  /// The hash of a text, from 0 to 2^`bits` - 1.
  public func callAsFunction(_ text: String) -> UInt64 {
    Mixing.combine(stableHash(text), seed) >> UInt64(64 - bits)
  }

  public func write(to writer: inout WireWriter) {
    writer.unsigned(seed)
    writer.integer(bits)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    self.init(seed: try reader.unsigned(), bits: try reader.integer())
  }
}

/// Says which nodes hold which keys. The same nodes, however they came together, place every key alike.
public protocol Placement: Hashable, Sendable {
  /// A placement without nodes. Everything that is hashed is hashed by `hash`.
  init(hash: PlacementHash)

  /// A node comes. One of weight 2 takes twice as many keys as one of weight 1. If the node is there already, it has this
  /// weight from now on.
  mutating func add(_ node: NodeID, weight: Int)

  /// A node goes. Nothing happens if it is not there.
  mutating func remove(_ node: NodeID)

  /// The node that a key belongs to; nil if there is no node.
  func owner(of key: String) -> NodeID?

  /// The `count` nodes that hold a key's replicas, each once, the owner first; all nodes if there are fewer.
  func preferenceList(for key: String, count: Int) -> [NodeID]
}

/// What the suite of stage 2B keeps to, and the handout prints.
public enum PlacementBounds {
  /// Where the balance is judged.
  public static let (balancedKeys, balancedNodes) = (10_000, 20)
  /// The keys of the fullest node there, in per cent of the mean.
  public static let mostKeysPercent = 150
  /// What a node that comes takes over, in per cent of its share.
  public static let movedPercent = 25...200
  /// What a node of some weight owns, in per cent of its share.
  public static let weightedPercent = 40...170
  /// Virtual nodes that a node of weight 1 should have at least: with 128 of them one ring in 25,000 is out of balance.
  public static let leastVirtualNodes = 200
  /// The hash function of one scenario has so many bits.
  public static let collidingBits = 8
}

// MARK: What a probe is asked

/// Keys of the form `user17`: so many, from a number on.
public struct KeyRange: WireValue {
  public let first: Int
  public let count: Int

  public init(first: Int, count: Int) {
    self.first = first
    self.count = count
  }

  public static func key(_ number: Int) -> String { "user\(number)" }

  /// The keys themselves, in the order of their numbers.
  public var keys: some Sequence<String> { (first..<(first + count)).lazy.map(Self.key) }

  public func write(to writer: inout WireWriter) {
    writer.integer(first)
    writer.integer(count)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    self.init(first: try reader.integer(), count: try reader.integer())
  }
}

/// What the judge asks of the node that holds a placement.
public enum PlacementRequest: WireValue {
  /// Begin anew, without nodes.
  case begin(PlacementHash)
  case add(NodeID, weight: Int)
  case remove(NodeID)
  /// The owner of each of these keys.
  case owners(KeyRange)
  /// The preference list of each of these keys.
  case preferenceLists(KeyRange, count: Int)

  public func write(to writer: inout WireWriter) {
    switch self {
    case .begin(let hash):
      writer.byte(0x30)
      hash.write(to: &writer)
    case .add(let node, let weight):
      writer.byte(0x31)
      writer.integer(node.number)
      writer.integer(weight)
    case .remove(let node):
      writer.byte(0x32)
      writer.integer(node.number)
    case .owners(let keys):
      writer.byte(0x33)
      keys.write(to: &writer)
    case .preferenceLists(let keys, let count):
      writer.byte(0x34)
      keys.write(to: &writer)
      writer.integer(count)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0x30: self = .begin(try PlacementHash(from: &reader))
    case 0x31: self = .add(NodeID(try reader.integer()), weight: try reader.integer())
    case 0x32: self = .remove(NodeID(try reader.integer()))
    case 0x33: self = .owners(try KeyRange(from: &reader))
    case 0x34: self = .preferenceLists(try KeyRange(from: &reader), count: try reader.integer())
    default: throw .malformed(what: "an unknown request to a placement", offset: reader.offset)
    }
  }
}

/// What the node that holds a placement answers.
public enum PlacementReply: WireValue {
  /// The placement is changed.
  case done
  case owners([NodeID?])
  case preferenceLists([[NodeID]])

  public func write(to writer: inout WireWriter) {
    switch self {
    case .done: writer.byte(0x35)
    case .owners(let owners):
      writer.byte(0x36)
      writer.unsigned(UInt64(owners.count))
      for owner in owners { writer.integer(owner?.number ?? 0) }
    case .preferenceLists(let lists):
      writer.byte(0x37)
      writer.unsigned(UInt64(lists.count))
      for list in lists {
        writer.unsigned(UInt64(list.count))
        for node in list { writer.integer(node.number) }
      }
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0x35: self = .done
    case 0x36:
      var owners: [NodeID?] = []
      for _ in 0..<(try reader.count()) {
        let number = try reader.integer()
        owners.append(number == 0 ? nil : NodeID(number))
      }
      self = .owners(owners)
    case 0x37:
      var lists: [[NodeID]] = []
      for _ in 0..<(try reader.count()) {
        var list: [NodeID] = []
        for _ in 0..<(try reader.count()) { list.append(NodeID(try reader.integer())) }
        lists.append(list)
      }
      self = .preferenceLists(lists)
    default: throw .malformed(what: "an unknown answer of a placement", offset: reader.offset)
    }
  }
}

/// A node that holds a placement and answers where keys belong. It talks to nobody but the one who asks.
public struct PlacementProbe<Value: Placement>: Node {
  public typealias Message = NoMessage
  public typealias Request = PlacementRequest
  public typealias Reply = PlacementReply
  public typealias Output = NoOutput
  public typealias Status = NoStatus

  private var placement = Value(hash: PlacementHash())

  public init(id: NodeID, members: [NodeID]) {}

  public var status: NoStatus { NoStatus() }

  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {}
  public mutating func receive(_ message: NoMessage, from sender: NodeID, _ context: inout Context<Self>) {}
  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {}

  public mutating func handle(
    _ request: PlacementRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    switch request {
    case .begin(let hash): placement = Value(hash: hash)
    case .add(let node, let weight): placement.add(node, weight: weight)
    case .remove(let node): placement.remove(node)
    case .owners(let range):
      return context.reply(.owners(range.keys.map { placement.owner(of: $0) }), to: token)
    case .preferenceLists(let range, let count):
      let lists = range.keys.map { placement.preferenceList(for: $0, count: count) }
      return context.reply(.preferenceLists(lists), to: token)
    }
    context.reply(.done, to: token)
  }
}

/// A message of nodes that send none.
public struct NoMessage: NodeMessage {
  public var kind: String { "none" }
}

/// What nodes announce that announce nothing.
public struct NoOutput: WireValue {
  public func write(to writer: inout WireWriter) {}
  public init(from reader: inout WireReader) throws(WireError) {}
}
