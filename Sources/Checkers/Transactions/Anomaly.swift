/// What a database did that some isolation level proscribes, with the evidence.
public struct Anomaly: Sendable, Equatable {
  /// The phenomena by their names in the field.
  public enum Kind: String, Sendable, CaseIterable {
    /// A read of a value that nobody wrote.
    case unwrittenRead = "read of a value that nobody wrote"
    /// A list that holds one element twice.
    case duplicateElement = "duplicate element"
    /// A cycle of write dependencies: two transactions' writes are interleaved (Adya's G0).
    case dirtyWrite = "G0 (dirty write)"
    /// Two reads of one list neither of which extends the other: not both were of committed versions.
    case incompatibleOrder = "incompatible orders"
    /// A read of what an aborted transaction wrote (G1a).
    case abortedRead = "G1a (aborted read)"
    /// A read of a version that its writer itself replaced (G1b).
    case intermediateRead = "G1b (intermediate read)"
    /// A cycle of write and read dependencies (G1c).
    case circularInformationFlow = "G1c (circular information flow)"
    /// A transaction does not see what it itself wrote, or reads a key twice with different answers.
    case internalInconsistency = "internal inconsistency"
    /// A transaction sees one write of another and misses a second one.
    case fracturedRead = "fractured read"
    /// A transaction misses what came before something that it saw.
    case causalityViolation = "causality violation"
    /// Two transactions read the same version of a key and both wrote the key.
    case lostUpdate = "lost update"
    /// A cycle with exactly one anti-dependency (G-single; with a single key or two, a read skew).
    case singleAntiDependency = "G-single (read skew)"
    /// A cycle with several anti-dependencies, no two of them one after the other (G-nonadjacent).
    case nonadjacentAntiDependencies = "G-nonadjacent (long fork)"
    /// A cycle with anti-dependencies (G2-item; with two transactions, a write skew).
    case antiDependencyCycle = "G2-item (write skew)"
  }

  /// That one transaction comes before another, and why.
  public struct Dependency: Sendable, Equatable {
    public enum Kind: String, Sendable {
      /// The second wrote a later version of a key that the first wrote.
      case writeWrite = "ww"
      /// The second read what the first wrote.
      case writeRead = "wr"
      /// The second wrote a later version of a key than the one that the first read: an anti-dependency.
      case readWrite = "rw"
      /// One client called the second after the first.
      case session = "session"
      /// The first had returned when the second was called.
      case realTime = "real time"
    }

    /// The identifier of the transaction that comes first.
    public var from: Int
    /// The identifier of the transaction that comes second.
    public var to: Int
    public var kind: Kind
    /// The key concerned, unless the dependency is one of time.
    public var key: String?
    /// Why, in words without a full stop: "T2 read x = [1 2], which T1 had extended with 2".
    public var reason: String

    public init(from: Int, to: Int, kind: Kind, key: String?, reason: String) {
      self.from = from
      self.to = to
      self.kind = kind
      self.key = key
      self.reason = reason
    }
  }

  public var kind: Kind
  /// The weakest of the levels that do not allow it.
  public var level: IsolationLevel
  /// The identifiers of the transactions concerned; of a cycle, in its order.
  public var transactions: [Int]
  /// The cycle: each dependency leads to the transaction that the next one starts from, the last to the first.
  /// Empty for an anomaly that is no cycle.
  public var cycle: [Dependency]
  /// What happened, in plain sentences.
  public var evidence: String

  public init(
    kind: Kind, level: IsolationLevel, transactions: [Int], cycle: [Dependency] = [], evidence: String
  ) {
    self.kind = kind
    self.level = level
    self.transactions = transactions
    self.cycle = cycle
    self.evidence = evidence
  }

  /// The anomaly as evidence that the level `promised` does not hold.
  public func violation(of promised: IsolationLevel) -> Violation {
    let name = promised.rawValue
    let weaker = level == promised ? "" : ", which already \(level.rawValue) forbids"
    return Violation(
      property: name.prefix(1).uppercased() + name.dropFirst(), section: kind.section,
      evidence: "\(kind.rawValue)\(weaker). \(evidence)")
  }
}

extension Anomaly.Kind {
  /// Where the phenomenon is defined.
  var section: String {
    switch self {
    case .unwrittenRead, .duplicateElement, .incompatibleOrder, .internalInconsistency:
      "Kingsbury and Alvaro 2020, section 4"
    case .dirtyWrite, .abortedRead, .intermediateRead, .circularInformationFlow, .antiDependencyCycle:
      "Adya, Liskov and O'Neil 2000, section 5"
    case .fracturedRead: "Bailis and others 2014, section 3"
    case .causalityViolation: "Biswas and Enea 2019, section 2"
    case .lostUpdate: "Berenson and others 1995, section 4.1"
    case .singleAntiDependency: "Adya 1999, section 4.2"
    case .nonadjacentAntiDependencies: "Cerone and Gotsman 2016, theorem 9"
    }
  }

  /// The weakest level that proscribes the phenomenon, if only dependencies of data make it.
  var level: IsolationLevel {
    switch self {
    case .unwrittenRead, .duplicateElement, .dirtyWrite: .readUncommitted
    case .incompatibleOrder, .abortedRead, .intermediateRead, .circularInformationFlow: .readCommitted
    case .internalInconsistency, .fracturedRead: .readAtomic
    case .causalityViolation: .causal
    case .lostUpdate, .singleAntiDependency, .nonadjacentAntiDependencies: .snapshotIsolation
    case .antiDependencyCycle: .serializable
    }
  }
}
