/// Whether a store of registers is causally consistent, where no value is written to a key twice.
///
/// What a client did, and what it read from others, comes before what it does next. Bouajjani, Enea, Guerraoui and Hamza
/// ("On verifying causal consistency", POPL 2017) show that with unique values a history is right unless it has one of
/// a few bad patterns, which are searched for here by vector clocks.
public struct CausalConsistency: Sendable {
  /// How much the clients have to agree.
  public enum Strength: String, Sendable, CaseIterable {
    /// Each operation is explained by some order of what came before it: clients may disagree about concurrent writes.
    case causal = "causal consistency"
    /// All operations are explained by one order of the writes, so that all replicas come to hold the same.
    case convergent = "causal convergence"
  }

  public var strength: Strength

  public init(_ strength: Strength) { self.strength = strength }

  private static let section = "Bouajjani and others 2017, section 3"

  /// Whether the store kept its promise. A history of single operations is one of transactions of one step each.
  public func check(_ history: TransactionHistory<RegisterStep>) -> Verdict {
    let name = strength.rawValue.prefix(1).uppercased() + strength.rawValue.dropFirst()
    if history.isTooWideForClocks { return .undecided(reason: CausalPast.tooWide) }
    guard let anomaly = anomaly(in: history) else { return .holds }
    return .violated(anomaly.violation(of: name, section: Self.section))
  }

  /// What happened that cannot be explained, nil if all can.
  public func anomaly(in history: TransactionHistory<RegisterStep>) -> Anomaly? {
    let versions = RegisterVersions(history)
    if let wrong = versions.impossibleRead { return wrong }
    // A write that comes before a read and that is hidden by one that came before it, or by none.
    var edges = DependencyEdges(transactions: history.transactions.count)
    for read in versions.reads where read.writer >= 0 {
      edges.add(read.writer, read.transaction, .writeRead, step: read.step)
    }
    edges.addSessionOrder(of: history, among: versions.tookEffect)
    let inference = WriteOrderInference(
      history: history, reads: versions.reads, tookEffect: versions.tookEffect)
    let missed = inference.causal(onlyKnown: strength == .causal) {
      edges.add($0, $1.writer, .causal, step: $1.step)
    }
    if let missed { return versions.anomaly(.causalityViolation, missed) }
    guard let cycle = GraphPart.cycle(in: edges) else { return nil }
    let evidence = IsolationEvidence(history: history, edges: edges) { versions.reason($0, $1, $2, $3) }
    return evidence.anomaly(CycleSearch.Cycle(kind: .causalityViolation, edges: cycle))
  }
}
