/// The part of a dependency graph that lies on cycles, its nodes numbered anew.
struct GraphPart {
  private var nodes: Int
  private var from: [Int32] = []
  private var to: [Int32] = []
  private var kind: [EdgeKind] = []
  /// The place of each edge in the list of dependencies.
  private var origin: [Int32] = []

  /// The edges of these kinds that stay within a component.
  init(_ edges: DependencyEdges, within components: [Int32], kinds wanted: EdgeKinds) {
    var numbers = Array(repeating: Int32(-1), count: components.count)
    nodes = 0
    for node in components.indices where components[node] >= 0 {
      numbers[node] = Int32(nodes)
      nodes += 1
    }
    for edge in 0..<edges.count where wanted.contains(edges.kind[edge]) {
      let (source, target) = (Int(edges.from[edge]), Int(edges.to[edge]))
      guard components[source] >= 0, components[source] == components[target] else { continue }
      from.append(numbers[source])
      to.append(numbers[target])
      kind.append(edges.kind[edge])
      origin.append(Int32(edge))
    }
  }

  /// A short cycle among all edges, as places in their list.
  static func cycle(in edges: DependencyEdges) -> [Int]? {
    let graph = DirectedGraph(nodes: edges.nodes, from: edges.from, to: edges.to)
    guard let components = graph.cyclicComponents() else { return nil }
    return GraphPart(edges, within: components, kinds: .all).shortCycle(.all, effort: CycleSearch.polish)
  }

  /// Each node twice, as reached by an anti-dependency and as reached otherwise; no anti-dependency leaves the former.
  var doubled: GraphPart {
    var double = self
    double.nodes = 2 * nodes
    (double.from, double.to, double.kind, double.origin) = ([], [], [], [])
    for edge in from.indices {
      let (source, target) = (2 * from[edge], 2 * to[edge])
      switch kind[edge] {
      case .readWrite: double.add(source, target + 1, copyOf: edge, in: self)
      case .link:
        double.add(source, target, copyOf: edge, in: self)
        double.add(source + 1, target + 1, copyOf: edge, in: self)
      case .writeWrite, .writeRead, .session, .realTime, .inferred, .causal:
        double.add(source, target, copyOf: edge, in: self)
        double.add(source + 1, target, copyOf: edge, in: self)
      }
    }
    return double
  }

  private mutating func add(_ source: Int32, _ target: Int32, copyOf edge: Int, in other: GraphPart) {
    from.append(source)
    to.append(target)
    kind.append(other.kind[edge])
    origin.append(other.origin[edge])
  }

  /// A short cycle of edges of these kinds, if there is one; with `closing`, of one edge of that kind and others of
  /// `kinds`, if one is found with `effort`.
  ///
  /// The shortest, unless the effort, in edges looked at, is spent before.
  func shortCycle(_ kinds: EdgeKinds, closedBy closing: EdgeKind? = nil, effort: Int) -> [Int]? {
    let graph = DirectedGraph(nodes: nodes, from: from, to: to) { kinds.contains(kind[$0]) }
    var search = BreadthFirstSearch(nodes: nodes)
    var best: [Int]?
    if let closing {
      for edge in from.indices where kind[edge] == closing && search.looked < effort {
        guard let path = path(from: to[edge], to: from[edge], shorterThan: best, graph, &search) else {
          continue
        }
        best = path + [edge]
        if path.count == 1 { break }
      }
    } else {
      guard let components = graph.cyclicComponents() else { return nil }
      for node in 0..<nodes where components[node] >= 0 {
        if best != nil && search.looked >= effort { break }
        guard let cycle = path(from: Int32(node), to: Int32(node), shorterThan: best, graph, &search) else {
          continue
        }
        best = cycle
        if cycle.count == 2 { break }
      }
    }
    return best?.map { Int(origin[$0]) }
  }

  /// The edges of a shortest path, links not counted.
  private func path(
    from start: Int32, to goal: Int32, shorterThan best: [Int]?, _ graph: DirectedGraph,
    _ search: inout BreadthFirstSearch
  ) -> [Int]? {
    let limit = best.map { edges in edges.count { kind[$0] != .link } - 1 } ?? Int.max
    return search.path(in: graph, from: start, to: goal, limit: limit, sources: from) {
      kind[$0] == .link ? 0 : 1
    }
  }
}

/// Shortest paths where an edge counts for one or for nothing.
struct BreadthFirstSearch {
  /// How many edges have been looked at so far.
  private(set) var looked = 0
  private var distance: [Int]
  private var parent: [Int32]
  private var reached: [Int32] = []

  init(nodes: Int) {
    distance = Array(repeating: .max, count: nodes)
    parent = Array(repeating: -1, count: nodes)
  }

  /// The edges, by origin, of a shortest path with at least one edge and a weight of at most `limit`.
  mutating func path(
    in graph: DirectedGraph, from start: Int32, to goal: Int32, limit: Int, sources: [Int32],
    weight: (Int) -> Int
  ) -> [Int]? {
    for node in reached { distance[Int(node)] = .max }
    reached = [start]
    distance[Int(start)] = 0
    var last: Int32?
    var (depth, level) = (0, [start])
    while !level.isEmpty && last == nil {
      var deeper: [Int32] = []
      var place = 0
      // Edges that count for nothing lengthen the level while it is gone through.
      search: while place < level.count {
        let node = Int(level[place])
        place += 1
        guard distance[node] == depth else { continue }
        for slot in Int(graph.rows[node])..<Int(graph.rows[node + 1]) {
          looked += 1
          let origin = graph.origins[slot]
          let target = graph.targets[slot]
          let length = depth + weight(Int(origin))
          guard length <= limit else { continue }
          if target == goal {
            if last == nil || length == depth { last = origin }
            if length == depth { break search }
          } else if length < distance[Int(target)] {
            distance[Int(target)] = length
            parent[Int(target)] = origin
            reached.append(target)
            if length == depth { level.append(target) } else { deeper.append(target) }
          }
        }
      }
      depth += 1
      level = deeper
    }
    guard var edge = last else { return nil }
    var path = [Int(edge)]
    while sources[Int(edge)] != start {
      edge = parent[Int(sources[Int(edge)])]
      path.append(Int(edge))
    }
    return path.reversed()
  }
}
