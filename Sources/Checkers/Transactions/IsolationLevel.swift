/// What a database promises of transactions that run at the same time, by the anomalies that it proscribes.
///
/// The levels from read uncommitted to serializable are those of Adya, Liskov and O'Neil ("Generalized isolation level
/// definitions", ICDE 2000), with snapshot isolation as Cerone and Gotsman characterize it ("Analysing snapshot
/// isolation", PODC 2016) and read atomic as Bailis and others define it ("Scalable atomic visibility with RAMP
/// transactions", SIGMOD 2014).
public enum IsolationLevel: String, Sendable, CaseIterable {
  /// Writes of different transactions are not interleaved (Adya's PL-1).
  case readUncommitted = "read uncommitted"
  /// Only final writes of committed transactions are read (PL-2).
  case readCommitted = "read committed"
  /// Of another transaction, all writes are seen or none.
  case readAtomic = "read atomic"
  /// Read atomic, and whoever sees a transaction sees all that came before it for its client, in one order for all.
  case causal = "causal consistency"
  /// Each transaction reads one snapshot, and no two that run at the same time write the same key (PL-SI).
  case snapshotIsolation = "snapshot isolation"
  /// The transactions can be put in one order in which each sees all before it (PL-3).
  case serializable = "serializability"
  /// Serializable, in an order that keeps each client's own.
  case strongSessionSerializable = "strong session serializability"
  /// Serializable, in an order that keeps the order of time between those that did not overlap.
  case strictSerializable = "strict serializability"

  /// Which order beyond the data a level respects.
  enum Order { case none, session, realTime }

  var order: Order {
    switch self {
    case .readUncommitted, .readCommitted, .readAtomic, .snapshotIsolation, .serializable: .none
    case .causal, .strongSessionSerializable: .session
    case .strictSerializable: .realTime
    }
  }

  /// Whether this anomaly cannot occur at this level.
  public func proscribes(_ kind: Anomaly.Kind) -> Bool {
    switch kind {
    case .unwrittenRead, .duplicateElement, .dirtyWrite: true
    case .incompatibleOrder, .abortedRead, .intermediateRead, .circularInformationFlow:
      self != .readUncommitted
    case .internalInconsistency, .fracturedRead: self != .readUncommitted && self != .readCommitted
    case .causalityViolation: self == .causal
    case .lostUpdate, .singleAntiDependency, .nonadjacentAntiDependencies:
      isSerializable || self == .snapshotIsolation
    case .antiDependencyCycle: isSerializable
    }
  }

  private var isSerializable: Bool {
    switch self {
    case .serializable, .strongSessionSerializable, .strictSerializable: true
    case .readUncommitted, .readCommitted, .readAtomic, .causal, .snapshotIsolation: false
    }
  }
}
