/// Whether a database of registers keeps an isolation level, told from what its transactions wrote and read, where no
/// value is written to a key twice.
///
/// A read of a register does not show the order of the writes before it. The order is taken only where it is certain:
/// the initial value comes first, a transaction's write comes after the version that it read, and, if transactions are
/// seen whole, a write that a reader must have seen comes before the one that it did read (Kingsbury and Alvaro 2020,
/// section 5; Biswas and Enea 2019).
///
/// What is reported is an anomaly indeed. For read atomic and causal consistency every history that no such database
/// could leave is found, and for read committed every one whose reads show it. For snapshot isolation and
/// serializability an anomaly may escape that rests on an order of writes that nothing shows: in general finding it
/// is NP-complete (Papadimitriou 1979). Where each transaction is known to have read a key before it wrote it, none
/// escapes. G0 is never told apart: interleaved writes of registers show in reads alone, as a graver anomaly.
public struct RegisterIsolation: Sendable {
  /// The level that the database promises.
  public var level: IsolationLevel

  public init(_ level: IsolationLevel) { self.level = level }

  /// Whether the database kept its promise; if not, by the gravest anomaly found.
  public func check(_ history: TransactionHistory<RegisterStep>) -> Verdict {
    if level == .causal, history.isTooWideForClocks { return .undecided(reason: CausalPast.tooWide) }
    guard let gravest = anomalies(in: history).first else { return .holds }
    return .violated(gravest.violation(of: level))
  }

  /// What the level proscribes and yet happened, the gravest first, each kind once: the first case found.
  ///
  /// Of the kinds that are cycles only the gravest is among them.
  public func anomalies(in history: TransactionHistory<RegisterStep>) -> [Anomaly] {
    var versions = RegisterVersions(history)
    let edges = versions.dependencies(for: level)
    var found = versions.anomalies.filter { level.proscribes($0.kind) }
    if let cycle = CycleSearch.gravest(in: edges, at: level) {
      let evidence = IsolationEvidence(history: history, edges: edges) { versions.reason($0, $1, $2, $3) }
      found.append(evidence.anomaly(cycle))
    }
    return found.sorted { $0.rank < $1.rank }
  }
}
