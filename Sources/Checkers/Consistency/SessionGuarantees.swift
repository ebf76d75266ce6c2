/// What a store promises a client about its own operations (Terry and others, "Session guarantees for weakly consistent
/// replicated data", PDIS 1994).
public enum SessionGuarantee: String, Sendable, CaseIterable {
  /// A client's reads see its own earlier writes.
  case readYourWrites = "read your writes"
  /// A client's reads see what its earlier reads saw.
  case monotonicReads = "monotonic reads"
  /// Whoever sees a client's write sees its earlier writes, and orders them before.
  case monotonicWrites = "monotonic writes"
  /// Whoever sees a client's write sees what the client had read before, and orders it before.
  case writesFollowReads = "writes follow reads"
}

/// Whether a store of registers keeps a set of session guarantees, where no value is written to a key twice.
///
/// It does if there is one order of all writes such that each read returns, of the writes of its key that it must see,
/// the last one. A read must see what it returns and what the guarantees demand, no more. A client's writes to one key
/// are always taken to be ordered as it made them.
///
/// One read shows one key. So that a store breaks monotonic writes or writes follow reads shows only if its reads are
/// held to something too: check them together with monotonic reads. All four together are causal consistency
/// (Brzeziński, Sobaniec and Wawrzyniak 2004).
public struct SessionGuarantees: Sendable {
  public var guarantees: Set<SessionGuarantee>

  public init(_ guarantees: Set<SessionGuarantee>) { self.guarantees = guarantees }

  /// Whether the store kept its promises. A history of single operations is one of transactions of one step each.
  public func check(_ history: TransactionHistory<RegisterStep>) -> Verdict {
    let names = list(SessionGuarantee.allCases.filter(guarantees.contains).map(\.rawValue))
    if SessionOrder.isTooWide(history) { return .undecided(reason: CausalPast.tooWide) }
    guard let anomaly = anomaly(in: history) else { return .holds }
    return .violated(
      anomaly.violation(
        of: names.prefix(1).uppercased() + names.dropFirst(), section: "Terry and others 1994, section 3"))
  }

  /// What happened that the guarantees exclude, nil if all can be explained.
  public func anomaly(in history: TransactionHistory<RegisterStep>) -> Anomaly? {
    let versions = RegisterVersions(history)
    return versions.impossibleRead ?? SessionOrder(guarantees, versions).contradiction()
  }
}

extension Anomaly {
  /// The anomaly as evidence against a property that is no isolation level.
  func violation(of property: String, section: String) -> Violation {
    let name = cycle.isEmpty && kind != .causalityViolation ? "\(kind.rawValue): " : ""
    return Violation(property: property, section: section, evidence: name + evidence)
  }
}

/// What guarantees demand of the order of the writes.
private struct SessionOrder {
  private let guarantees: Set<SessionGuarantee>
  private let versions: RegisterVersions
  /// What must be seen by whom and, among writes, come before. The first nodes stand for the transactions' writes, as
  /// many after them for their reads, the others gather what a client wrote, or read, so far.
  private var edges: DependencyEdges
  private var links: [SessionLink] = []
  /// The numbers of the clients.
  private var clients: [Int: Int32] = [:]

  private var history: TransactionHistory<RegisterStep> { versions.history }
  private var count: Int { history.transactions.count }

  init(_ guarantees: Set<SessionGuarantee>, _ versions: RegisterVersions) {
    self.guarantees = guarantees
    self.versions = versions
    edges = DependencyEdges(transactions: versions.history.transactions.count)
    for _ in 0..<count { _ = edges.addNode() }
    for transaction in versions.history.transactions where clients[transaction.client] == nil {
      clients[transaction.client] = Int32(clients.count)
    }
    addVisibility()
  }

  /// Whether the counts of what each node must see would take more than about 1 GB.
  static func isTooWide(_ history: TransactionHistory<RegisterStep>) -> Bool {
    let clients = Set(history.transactions.map(\.client)).count
    return 8 * history.transactions.count * clients > 250_000_000
  }

  private mutating func addVisibility() {
    var written: [SessionLink?] = Array(repeating: nil, count: clients.count)
    var read = written
    var next = 0
    for (place, transaction) in history.transactions.enumerated() where versions.tookEffect[place] {
      let client = Int(clients[transaction.client] ?? 0)
      let (ownWrites, ownReads) = (Int32(place), Int32(count + place))
      follow(written[client], ownReads, .readYourWrites)
      follow(read[client], ownReads, .monotonicReads)
      follow(written[client], ownWrites, .monotonicWrites)
      follow(read[client], ownWrites, .writesFollowReads)
      while next < versions.reads.count, versions.reads[next].transaction == ownWrites {
        let source = versions.reads[next]
        if source.writer >= 0 {
          edges.add(source.writer, ownReads, .writeRead, step: source.step)
          gather(source.writer, .writeRead, step: source.step, in: &read[client], Int32(2 * client + 1))
        }
        next += 1
      }
      // One whose end nobody saw may take effect later than what follows it.
      if transaction.outcome == .committed, transaction.steps.contains(where: { $0.written != nil }) {
        gather(ownWrites, .session, step: -1, in: &written[client], Int32(2 * client))
      }
    }
  }

  private mutating func follow(_ earlier: SessionLink?, _ later: Int32, _ guarantee: SessionGuarantee) {
    if let earlier, guarantees.contains(guarantee) { edges.add(earlier.node, later, .link) }
  }

  private mutating func gather(
    _ writer: Int32, _ kind: EdgeKind, step: Int32, in last: inout SessionLink?, _ chain: Int32
  ) {
    let node = edges.addNode()
    if let last { edges.add(last.node, node, .link) }
    edges.add(writer, node, kind, step: step)
    let link = SessionLink(node: node, chain: chain, place: last.map { $0.place + 1 } ?? 0, writer: writer)
    links.append(link)
    last = link
  }

  /// Why no order of the writes will do, nil if one does.
  func contradiction() -> Anomaly? {
    var edges = edges
    let graph = DirectedGraph(nodes: edges.nodes, from: edges.from, to: edges.to)
    if let order = graph.topologicalOrder() {
      let past = SessionPast(history, graph, order, links, chains: 2 * clients.count)
      if let missed = past.overwritten(
        versions.reads, readsFrom: count, { edges.add($0, $1.writer, .causal, step: $1.step) })
      {
        return versions.anomaly(.causalityViolation, missed)
      }
      addOwnWriteOrder(to: &edges, past)
    }
    // What must see itself is on a cycle already.
    guard let cycle = GraphPart.cycle(in: edges) else { return nil }
    let evidence = IsolationEvidence(history: history, edges: edges, reason: reason)
    return evidence.anomaly(CycleSearch.Cycle(kind: .causalityViolation, edges: cycle))
  }

  private func addOwnWriteOrder(to edges: inout DependencyEdges, _ past: SessionPast) {
    struct Name: Hashable {
      var client: Int
      var key: Int
    }
    var latest: [Name: Int32] = [:]
    for (place, transaction) in history.transactions.enumerated() where versions.tookEffect[place] {
      for key in past.keysWritten(by: place) {
        let name = Name(client: transaction.client, key: key)
        if let before = latest[name] { edges.add(before, Int32(place), .session) }
        if transaction.outcome == .committed { latest[name] = Int32(place) }
      }
    }
  }

  private func reason(_ kind: EdgeKind, _ from: Int, _ to: Int, _ step: Int) -> String {
    guard kind == .writeRead else { return versions.reason(kind, from, to, step) }
    let client = history.transactions[to].client
    return
      "client \(client) had read \(versions.shown(Int32(step))), which \(history.name(from)) wrote, when it called "
      + history.name(to)
  }
}
