/// Finds the gravest cycle that an isolation level proscribes among dependencies.
///
/// One pass over strongly connected components tells whether there is any; only what lies on cycles is looked at
/// again, class by class, for a short one (Kingsbury and Alvaro 2020, section 6).
struct CycleSearch {
  /// A cycle as places in the list of dependencies.
  struct Cycle {
    var kind: Anomaly.Kind
    var edges: [Int]
  }

  /// How many edges are looked at in search of a shorter cycle than the one found.
  static let polish = 2_000_000
  /// How many edges are looked at in search of a cycle with a single anti-dependency where one with several that are
  /// not adjacent is known to be. Such a cycle breaks the same levels: only its name is at stake.
  private static let naming = 20_000_000

  private let edges: DependencyEdges
  private let part: GraphPart
  private let level: IsolationLevel

  /// The gravest cycle among `edges`, nil if the level allows them all.
  static func gravest(in edges: DependencyEdges, at level: IsolationLevel) -> Cycle? {
    let kinds = level.kinds
    let graph = DirectedGraph(nodes: edges.nodes, from: edges.from, to: edges.to) {
      kinds.contains(edges.kind[$0])
    }
    guard let components = graph.cyclicComponents() else { return nil }
    let part = GraphPart(edges, within: components, kinds: kinds)
    return CycleSearch(edges: edges, part: part, level: level).gravest()
  }

  private func gravest() -> Cycle? {
    let orders: [EdgeKinds] = level.order == .none ? [[]] : [[], .orders]
    for order in orders {
      let dependencies: EdgeKinds = order.union([.writeWrite, .writeRead])
      let classes: [(Anomaly.Kind, EdgeKinds)] = [
        (.dirtyWrite, order.union(.writeWrite)),
        (.circularInformationFlow, dependencies),
        (.fracturedRead, dependencies.union(.inferred)),
      ]
      for (kind, kinds) in classes where level.kinds.isSuperset(of: kinds.subtracting(.orders)) {
        if let cycle = part.shortCycle(kinds, effort: Self.polish) {
          let isCausal = level == .causal && order != []
          return Cycle(kind: isCausal ? .causalityViolation : kind, edges: cycle)
        }
      }
      if level.proscribes(.singleAntiDependency),
        let cycle = snapshotCycle(dependencies.union([.inferred, .readWrite]))
      {
        return cycle
      }
      if level.proscribes(.antiDependencyCycle),
        let cycle = part.shortCycle(dependencies.union([.inferred, .readWrite]), effort: Self.polish)
      {
        return Cycle(kind: .antiDependencyCycle, edges: cycle)
      }
    }
    return nil
  }

  /// A cycle that has no two anti-dependencies in a row, which no snapshot isolated database leaves.
  ///
  /// Whether there is one is told by a graph that has each node twice, as reached by an anti-dependency and as reached
  /// otherwise, so that the time stays linear.
  private func snapshotCycle(_ kinds: EdgeKinds) -> Cycle? {
    guard let cycle = part.doubled.shortCycle(kinds, effort: Self.polish) else { return nil }
    func isSingle(_ cycle: [Int]) -> Bool { cycle.count { edges.kind[$0] == .readWrite } == 1 }
    if isSingle(cycle) { return Cycle(kind: .singleAntiDependency, edges: cycle) }
    if let single = part.shortCycle(
      kinds.subtracting(.readWrite), closedBy: .readWrite, effort: Self.naming)
    {
      return Cycle(kind: .singleAntiDependency, edges: single)
    }
    return Cycle(kind: .nonadjacentAntiDependencies, edges: cycle)
  }
}

extension IsolationLevel {
  /// The kinds of dependencies that may not form a cycle at this level.
  var kinds: EdgeKinds {
    switch self {
    case .readUncommitted: .writeWrite
    case .readCommitted: [.writeWrite, .writeRead]
    case .readAtomic: [.writeWrite, .writeRead, .inferred]
    case .causal: [.writeWrite, .writeRead, .inferred, .session, .causal]
    case .snapshotIsolation, .serializable: [.writeWrite, .writeRead, .inferred, .readWrite]
    case .strongSessionSerializable: [.writeWrite, .writeRead, .inferred, .readWrite, .session]
    case .strictSerializable: [.writeWrite, .writeRead, .inferred, .readWrite, .session, .realTime]
    }
  }
}
