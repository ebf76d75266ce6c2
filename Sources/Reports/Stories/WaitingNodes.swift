import LabKit

/// What each node waits for at the end of a run without progress, and what goes round in it.
struct WaitingNodes {
  let picture: RunPicture
  let columns: Int

  /// What one node has come to by the end.
  private struct Node {
    var isUp = false
    var status: [String: String] = [:]
    var timers: [String: Int] = [:]
    var heard: RunPicture.Event?
  }

  /// - Parameter limit: how many lines there may be.
  func lines(atMost limit: Int) -> [StoryLine] {
    let nodes = self.nodes
    let order = picture.facts.concernedNodes + (1...picture.facts.nodeCount)
    var shown: [Int] = []
    for node in order where !shown.contains(node) && nodes.indices.contains(node) { shown.append(node) }
    let round = RepeatedRound(picture)?.lines(columns: columns, atMost: 5) ?? []
    let room = max(1, limit - round.count - 1)
    var lines = [StoryLine("At the end each node waits:", .bold)]
    for node in shown.prefix(room > shown.count ? shown.count : room - 1).sorted() {
      lines.append(.row("  n\(node)  " + words(node, nodes), nil, columns: columns))
    }
    if lines.count - 1 < shown.count { lines.append(StoryLine("  … and \(shown.count - lines.count + 1) more")) }
    return Array((lines + round).prefix(limit))
  }

  private var nodes: [Node] {
    var nodes = [Node](repeating: Node(), count: picture.facts.nodeCount + 1)
    for state in picture.nodesAtStart where nodes.indices.contains(state.node) {
      nodes[state.node].isUp = state.isUp
      nodes[state.node].status = state.status
    }
    for event in picture.events where nodes.indices.contains(event.node) {
      switch event.kind {
      case .start:
        nodes[event.node].isUp = true
        nodes[event.node].timers = [:]
        nodes[event.node].heard = nil
      case .crash: nodes[event.node].isUp = false
      case .receive: nodes[event.node].heard = event
      case .timer: if let label = event.label { nodes[event.node].timers[label] = nil }
      default: break
      }
      for change in event.changes { nodes[event.node].status[change.field] = change.after }
      for effect in event.effects {
        guard let label = effect.label else { continue }
        if effect.kind == .setTimer, let delay = effect.delayMicroseconds {
          nodes[event.node].timers[label] = event.timeMicroseconds + delay
        } else if effect.kind == .cancelTimer {
          nodes[event.node].timers[label] = nil
        }
      }
    }
    return nodes
  }

  /// What one node has come to at the end.
  func words(_ node: Int) -> String { words(node, nodes) }

  private func words(_ node: Int, _ nodes: [Node]) -> String {
    let state = nodes[node]
    guard state.isUp else { return "is down" }
    let term = state.status["term"] ?? "0"
    let role = state.status["role"] ?? "follower"
    var parts = ["\(role) of term \(term)"]
    if role == "candidate" {
      let votes = nodes.indices.count {
        nodes[$0].status["term"] == term && nodes[$0].status["vote"] == "n\(node)"
      }
      parts.append("\(votes) of \(picture.facts.nodeCount / 2 + 1) votes")
    } else if let leader = state.status["leader"], leader != "none", leader != "n\(node)" {
      parts.append("follows \(leader)")
    }
    if let commit = state.status["commit"] {
      parts.append("commit \(commit)" + (state.status["last"].map { " of \($0)" } ?? ""))
    }
    let end = picture.endMicroseconds
    let timers = state.timers.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
    parts.append(
      timers.isEmpty
        ? "NO timer runs"
        : timers.prefix(2).map { "\($0.key) in \(max(0, ($0.value - end) / 1_000)) ms" }.joined(separator: ", "))
    parts.append(
      state.heard.map { "heard n\($0.from ?? 0) \((end - $0.timeMicroseconds) / 1_000) ms ago" } ?? "heard nobody")
    return parts.joined(separator: " · ")
  }
}
