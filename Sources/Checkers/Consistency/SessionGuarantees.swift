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

  /// Beyond so many operations the sets of visible writes would take more than 100 MB.
  private static let most = 15_000

  public init(_ guarantees: Set<SessionGuarantee>) { self.guarantees = guarantees }

  /// Whether the store kept its promises. A history of single operations is one of transactions of one step each.
  public func check(_ history: TransactionHistory<RegisterStep>) -> Verdict {
    let names = list(SessionGuarantee.allCases.filter(guarantees.contains).map(\.rawValue))
    guard history.transactions.count <= Self.most else {
      return .undecided(reason: "session guarantees are checked for up to \(Self.most) operations")
    }
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

  private var history: TransactionHistory<RegisterStep> { versions.history }
  private var count: Int { history.transactions.count }

  init(_ guarantees: Set<SessionGuarantee>, _ versions: RegisterVersions) {
    self.guarantees = guarantees
    self.versions = versions
    edges = DependencyEdges(transactions: versions.history.transactions.count)
    for _ in 0..<count { _ = edges.addNode() }
    addVisibility()
  }

  private mutating func addVisibility() {
    var written: [Int: Int32] = [:]
    var read: [Int: Int32] = [:]
    var next = 0
    for (place, transaction) in history.transactions.enumerated() where versions.tookEffect[place] {
      let (client, ownWrites, ownReads) = (transaction.client, Int32(place), Int32(count + place))
      follow(written[client], ownReads, .readYourWrites)
      follow(read[client], ownReads, .monotonicReads)
      follow(written[client], ownWrites, .monotonicWrites)
      follow(read[client], ownWrites, .writesFollowReads)
      while next < versions.reads.count, versions.reads[next].transaction == ownWrites {
        let source = versions.reads[next]
        if source.writer >= 0 {
          edges.add(source.writer, ownReads, .writeRead, step: source.step)
          gather(source.writer, .writeRead, step: source.step, in: &read[client])
        }
        next += 1
      }
      // One whose end nobody saw may take effect later than what follows it.
      if transaction.outcome == .committed, transaction.steps.contains(where: { $0.written != nil }) {
        gather(ownWrites, .session, step: -1, in: &written[client])
      }
    }
  }

  private mutating func follow(_ earlier: Int32?, _ later: Int32, _ guarantee: SessionGuarantee) {
    if let earlier, guarantees.contains(guarantee) { edges.add(earlier, later, .link) }
  }

  private mutating func gather(_ writer: Int32, _ kind: EdgeKind, step: Int32, in chain: inout Int32?) {
    let next = edges.addNode()
    if let chain { edges.add(chain, next, .link) }
    edges.add(writer, next, kind, step: step)
    chain = next
  }

  /// Why no order of the writes will do, nil if one does.
  func contradiction() -> Anomaly? {
    var edges = edges
    let graph = DirectedGraph(nodes: edges.nodes, from: edges.from, to: edges.to)
    if let order = graph.topologicalOrder() {
      let visible = visibleWrites(graph, order)
      let writers = versions.writersOfKeys()
      let width = (count + 63) / 64
      for read in versions.reads {
        func sees(_ node: Int, _ writer: Int32) -> Bool {
          visible[node * width + Int(writer) / 64] >> UInt64(writer % 64) & 1 == 1
        }
        for writer in writers[Int(read.key)] where writer != read.writer && writer != read.transaction {
          guard sees(count + Int(read.transaction), writer) else { continue }
          if read.writer == ExternalRead.initial {
            return versions.anomaly(.causalityViolation, MissedWrite(read: read, writer: writer))
          }
          // What comes before already needs no second reason.
          if !sees(Int(read.writer), writer) { edges.add(writer, read.writer, .causal, step: read.step) }
        }
      }
      addOwnWriteOrder(to: &edges)
    }
    // What must see itself is on a cycle already.
    guard let cycle = GraphPart.cycle(in: edges) else { return nil }
    let evidence = IsolationEvidence(history: history, edges: edges, reason: reason)
    return evidence.anomaly(CycleSearch.Cycle(kind: .causalityViolation, edges: cycle))
  }

  /// For each node the writes that come before it, a bit each.
  private func visibleWrites(_ graph: DirectedGraph, _ order: [Int]) -> [UInt64] {
    let width = (count + 63) / 64
    var rows = Array(repeating: UInt64(0), count: graph.nodes * width)
    for node in order {
      if node < count { rows[node * width + node / 64] |= 1 << UInt64(node % 64) }
      for slot in Int(graph.rows[node])..<Int(graph.rows[node + 1]) {
        let target = Int(graph.targets[slot])
        for word in 0..<width { rows[target * width + word] |= rows[node * width + word] }
      }
    }
    return rows
  }

  private func addOwnWriteOrder(to edges: inout DependencyEdges) {
    var latest: [[Int]: Int32] = [:]
    for (place, transaction) in history.transactions.enumerated() where versions.tookEffect[place] {
      for step in history.firstStep[place]..<history.firstStep[place + 1] {
        guard history.step(Int(step)).written != nil else { continue }
        let name = [transaction.client, Int(history.stepKey[Int(step)])]
        if let before = latest[name], before != Int32(place) { edges.add(before, Int32(place), .session) }
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
