/// Whether a database that holds lists keeps an isolation level, told from what its transactions appended and read.
///
/// The longest read of a key is the order of its versions; every other read must be a prefix of it. From the order
/// follow the dependencies between transactions, and from cycles among them the anomalies (Kingsbury and Alvaro,
/// "Elle: inferring isolation anomalies from experimental observations", VLDB 2020). Time and memory grow linearly.
///
/// What is reported is an anomaly indeed. And every history is found that no database of the level could leave, except
/// for snapshot isolation, where an anomaly may escape that rests on the order of appends that nobody read.
public struct ListAppendIsolation: Sendable {
  /// The level that the database promises.
  public var level: IsolationLevel

  public init(_ level: IsolationLevel) { self.level = level }

  /// Whether the database kept its promise; if not, by the gravest anomaly found.
  public func check(_ history: TransactionHistory<ListStep>) -> Verdict {
    if level == .causal, history.isTooWideForClocks { return .undecided(reason: CausalPast.tooWide) }
    guard let gravest = anomalies(in: history).first else { return .holds }
    return .violated(gravest.violation(of: level))
  }

  /// What the level proscribes and yet happened, the gravest first, each kind once: the first case found.
  ///
  /// Of the kinds that are cycles only the gravest is among them.
  public func anomalies(in history: TransactionHistory<ListStep>) -> [Anomaly] {
    var orders = ListOrders(history)
    let edges = orders.dependencies(for: level)
    var found = orders.anomalies.filter { level.proscribes($0.kind) }
    if let cycle = CycleSearch.gravest(in: edges, at: level) {
      let evidence = IsolationEvidence(history: history, edges: edges) { orders.reason($0, $1, $2, $3) }
      found.append(evidence.anomaly(cycle))
    }
    return found.sorted { $0.rank < $1.rank }
  }
}

extension Anomaly {
  /// Graver anomalies come first: those that weaker levels forbid.
  var rank: Int {
    let levels = IsolationLevel.allCases
    let kinds = Kind.allCases
    return (levels.firstIndex(of: level) ?? levels.count) * kinds.count
      + (kinds.firstIndex(of: kind) ?? kinds.count)
  }
}
