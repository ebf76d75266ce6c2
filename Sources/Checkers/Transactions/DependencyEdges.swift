/// Why one node of a dependency graph comes before another.
enum EdgeKind: UInt8 {
  case writeWrite, writeRead, readWrite, session, realTime
  /// A write order that follows if transactions are seen whole.
  case inferred
  /// A write order that follows if whoever sees a transaction sees what came before it.
  case causal
  /// Leads out of a node that stands for no transaction, and counts for nothing by itself.
  case link
}

/// A set of kinds.
struct EdgeKinds: OptionSet {
  var rawValue: UInt8
  static let writeWrite = EdgeKinds(.writeWrite)
  static let writeRead = EdgeKinds(.writeRead)
  static let readWrite = EdgeKinds(.readWrite)
  static let session = EdgeKinds(.session)
  static let realTime = EdgeKinds(.realTime)
  static let inferred = EdgeKinds(.inferred)
  static let causal = EdgeKinds(.causal)
  static let all = EdgeKinds(rawValue: .max)
  /// What depends on more than the data.
  static let orders: EdgeKinds = [.session, .realTime, .causal]

  init(rawValue: UInt8) { self.rawValue = rawValue }
  init(_ kind: EdgeKind) { rawValue = 1 << kind.rawValue }

  func contains(_ kind: EdgeKind) -> Bool { kind == .link || rawValue & (1 << kind.rawValue) != 0 }
}

/// Dependencies between transactions as flat arrays, one element an edge.
///
/// The nodes from `transactions` on are auxiliary: where each of m transactions comes before each of n others, one
/// auxiliary node needs m + n edges instead of m · n.
struct DependencyEdges {
  let transactions: Int
  private(set) var nodes: Int
  private(set) var from: [Int32] = []
  private(set) var to: [Int32] = []
  private(set) var kind: [EdgeKind] = []
  /// The step that tells why, by its number; -1 where the kind says it all.
  private(set) var step: [Int32] = []

  var count: Int { from.count }

  init(transactions: Int) {
    self.transactions = transactions
    nodes = transactions
  }

  mutating func reserve(_ count: Int) {
    from.reserveCapacity(count)
    to.reserveCapacity(count)
    kind.reserveCapacity(count)
    step.reserveCapacity(count)
  }

  mutating func addNode() -> Int32 {
    nodes += 1
    return Int32(nodes - 1)
  }

  mutating func add(_ from: Int32, _ to: Int32, _ kind: EdgeKind, step: Int32 = -1) {
    self.from.append(from)
    self.to.append(to)
    self.kind.append(kind)
    self.step.append(step)
  }
}
