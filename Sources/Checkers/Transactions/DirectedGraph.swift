/// A graph in compressed rows: the edges that leave a node stand side by side.
struct DirectedGraph {
  let nodes: Int
  /// Where each node's edges begin in `targets`, and after the last where they end.
  private(set) var rows: [Int32]
  private(set) var targets: [Int32]
  /// The edge of the list that the graph was made of.
  private(set) var origins: [Int32]

  /// A graph of those edges, from and to nodes below `nodes`, that `isKept`.
  init(nodes: Int, from: [Int32], to: [Int32], where isKept: (Int) -> Bool = { _ in true }) {
    self.nodes = nodes
    rows = Array(repeating: 0, count: nodes + 1)
    var count = 0
    for edge in from.indices where isKept(edge) {
      rows[Int(from[edge]) + 1] += 1
      count += 1
    }
    for node in 0..<nodes { rows[node + 1] += rows[node] }
    targets = Array(repeating: 0, count: count)
    origins = Array(repeating: 0, count: count)
    var next = rows
    for edge in from.indices where isKept(edge) {
      let place = Int(next[Int(from[edge])])
      next[Int(from[edge])] += 1
      targets[place] = to[edge]
      origins[place] = Int32(edge)
    }
  }

  /// For each node the number of its strongly connected component, or -1 if the node is on no cycle; nil if the graph
  /// has no cycle at all.
  ///
  /// Tarjan 1972, with a stack of its own, for a long history would exhaust the program's.
  func cyclicComponents() -> [Int32]? {
    let unseen: Int32 = 0
    var index = Array(repeating: unseen, count: nodes)
    var lowest = Array(repeating: Int32(0), count: nodes)
    var position = rows
    var isOpen = Array(repeating: false, count: nodes)
    var open: [Int32] = []
    var path: [Int32] = []
    var component: [Int32]?
    var components: Int32 = 0
    var counter: Int32 = 0
    for root in 0..<nodes where index[root] == unseen {
      path.append(Int32(root))
      while let top = path.last {
        let node = Int(top)
        if index[node] == unseen {
          counter += 1
          index[node] = counter
          lowest[node] = counter
          isOpen[node] = true
          open.append(top)
        }
        var descended = false
        while position[node] < rows[node + 1] {
          let target = Int(targets[Int(position[node])])
          position[node] += 1
          if index[target] == unseen {
            path.append(Int32(target))
            descended = true
            break
          }
          if isOpen[target] { lowest[node] = min(lowest[node], index[target]) }
        }
        if descended { continue }
        path.removeLast()
        if let parent = path.last { lowest[Int(parent)] = min(lowest[Int(parent)], lowest[node]) }
        guard lowest[node] == index[node] else { continue }
        if open.last == top {
          open.removeLast()
          isOpen[node] = false
          continue
        }
        var members = component ?? Array(repeating: -1, count: nodes)
        component = nil
        while let member = open.popLast() {
          isOpen[Int(member)] = false
          members[Int(member)] = components
          if member == top { break }
        }
        component = members
        components += 1
      }
    }
    return component
  }

  /// The nodes in an order that the edges lead through, nil if there is a cycle.
  func topologicalOrder() -> [Int]? {
    var waiting = Array(repeating: 0, count: nodes)
    for target in targets { waiting[Int(target)] += 1 }
    var order = (0..<nodes).filter { waiting[$0] == 0 }
    var done = 0
    while done < order.count {
      let node = order[done]
      done += 1
      for slot in Int(rows[node])..<Int(rows[node + 1]) {
        let target = Int(targets[slot])
        waiting[target] -= 1
        if waiting[target] == 0 { order.append(target) }
      }
    }
    return done == nodes ? order : nil
  }
}
