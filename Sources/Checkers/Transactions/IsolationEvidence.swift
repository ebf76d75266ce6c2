/// Puts what was found in a history into words.
struct IsolationEvidence<Step: TransactionStep> {
  var history: TransactionHistory<Step>
  var edges: DependencyEdges
  /// Why an edge of data leads from one transaction to another, in words, given its kind and step.
  var reason: (_ kind: EdgeKind, _ from: Int, _ to: Int, _ step: Int) -> String

  /// The anomaly that a cycle is.
  func anomaly(_ found: CycleSearch.Cycle) -> Anomaly {
    let cycle = dependencies(found.edges)
    var level = found.kind.level
    if level != .causal {
      if cycle.contains(where: { $0.kind == .session }) { level = .strongSessionSerializable }
      if cycle.contains(where: { $0.kind == .realTime }) { level = .strictSerializable }
    }
    let reasons = cycle.map { "T\($0.from) comes before T\($0.to) (\($0.kind.rawValue)): \($0.reason)" }
    return Anomaly(
      kind: found.kind, level: level, transactions: cycle.map(\.from), cycle: cycle,
      evidence: reasons.joined(separator: "; ") + ".")
  }

  /// The cycle from transaction to transaction, beginning with the one that was called first.
  private func dependencies(_ cycle: [Int]) -> [Anomaly.Dependency] {
    let starts = cycle.indices.filter { Int(edges.from[cycle[$0]]) < edges.transactions }
    guard let first = starts.min(by: { edges.from[cycle[$0]] < edges.from[cycle[$1]] }) else { return [] }
    let turned = cycle[first...] + cycle[..<first]
    var result: [Anomaly.Dependency] = []
    var leading: Int?
    for edge in turned {
      let start = leading ?? edge
      guard Int(edges.to[edge]) < edges.transactions else {
        leading = start
        continue
      }
      leading = nil
      result.append(dependency(start, to: Int(edges.to[edge])))
    }
    return result
  }

  private func dependency(_ edge: Int, to: Int) -> Anomaly.Dependency {
    let (from, kind, step) = (Int(edges.from[edge]), edges.kind[edge], Int(edges.step[edge]))
    let (first, second) = (history.transactions[from], history.transactions[to])
    let key = step < 0 ? nil : history.keys[Int(history.stepKey[step])]
    let (shown, words): (Anomaly.Dependency.Kind, String) =
      switch kind {
      case .session, .link: (.session, "client \(first.client) called T\(second.id) after T\(first.id)")
      case .realTime:
        (
          .realTime,
          "T\(first.id) had returned at \(milliseconds(first.return ?? 0)) when T\(second.id) was called at "
            + milliseconds(second.call)
        )
      case .writeWrite, .inferred, .causal: (.writeWrite, reason(kind, from, to, step))
      case .writeRead: (.writeRead, reason(kind, from, to, step))
      case .readWrite: (.readWrite, reason(kind, from, to, step))
      }
    return Anomaly.Dependency(from: first.id, to: second.id, kind: shown, key: key, reason: words)
  }
}
