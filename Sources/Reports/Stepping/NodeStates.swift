import LabKit

/// What the nodes of a recorded run have come to after some of its events.
struct NodeStates: Sendable {
  struct Node: Sendable {
    var isUp = false
    /// The fields of the status that it shows.
    var status: [String: String] = [:]
    /// When each timer that runs will run out.
    var timers: [String: Int] = [:]
    /// Whether it has ever set a timer: without any, that none runs is no news.
    var usesTimers = false
    /// The latest message received since the node started.
    var heard: RunPicture.Event?
  }

  private var nodes: [Node]
  private let nodeCount: Int
  private var endMicroseconds: Int

  /// At the end of the run.
  init(_ picture: RunPicture) {
    self.init(before: picture)
    add(picture.events[...])
    endMicroseconds = picture.endMicroseconds
  }

  /// Before the picture's first event.
  private init(before picture: RunPicture) {
    nodeCount = picture.facts.nodeCount
    nodes = Array(repeating: Node(), count: nodeCount + 1)
    endMicroseconds = picture.startMicroseconds
    for state in picture.nodesAtStart where nodes.indices.contains(state.node) {
      nodes[state.node].isUp = state.isUp
      nodes[state.node].status = state.status
      nodes[state.node].usesTimers = true
    }
    if picture.nodesAtStart.isEmpty { showFirstValues(of: picture) }
  }

  /// Nodes begin alike: a field that some node changes was before, at every node, what it was at that one.
  private mutating func showFirstValues(of picture: RunPicture) {
    var first: [String: String] = [:]
    for change in picture.events.lazy.flatMap(\.changes) where first[change.field] == nil {
      first[change.field] = change.before
    }
    for node in nodes.indices { nodes[node].status = first }
  }

  private mutating func add(_ events: ArraySlice<RunPicture.Event>) {
    for event in events where nodes.indices.contains(event.node) { add(event) }
    endMicroseconds = events.last?.timeMicroseconds ?? endMicroseconds
  }

  private mutating func add(_ event: RunPicture.Event) {
    switch event.kind {
    case .start:
      nodes[event.node].isUp = true
      nodes[event.node].timers = [:]
      nodes[event.node].heard = nil
    case .crash:
      nodes[event.node].isUp = false
      nodes[event.node].timers = [:]
    case .receive: nodes[event.node].heard = event
    case .timer: if let label = event.label { nodes[event.node].timers[label] = nil }
    default: break
    }
    for change in event.changes { nodes[event.node].status[change.field] = change.after }
    for effect in event.effects {
      guard let label = effect.label else { continue }
      if effect.kind == .setTimer, let delay = effect.delayMicroseconds {
        nodes[event.node].timers[label] = event.timeMicroseconds + delay
        nodes[event.node].usesTimers = true
      } else if effect.kind == .cancelTimer {
        nodes[event.node].timers[label] = nil
      }
    }
  }

  /// A node counted from 1; nil if there is none of that number.
  subscript(node: Int) -> Node? { node > 0 && nodes.indices.contains(node) ? nodes[node] : nil }

  /// A node's role, term, votes, timers and last message, in a line.
  func words(_ node: Int) -> String {
    guard let state = self[node], state.isUp else { return "is down" }
    // Only a node of Raft has a role in a term, and it always waits for something.
    let (role, term) = (state.status["role"], state.status["term"])
    let isRaft = role != nil || term != nil
    var parts = isRaft ? ["\(role ?? "follower") of term \(term ?? "0")"] : []
    if role == "candidate" {
      let votes = nodes.indices.count {
        nodes[$0].status["term"] == term && nodes[$0].status["vote"] == "n\(node)"
      }
      // Spare nodes are no members at first.
      let members = (state.status["members"] ?? "").split(separator: " ").count { Int($0.dropFirst()) != nil }
      let electorate = members > 0 ? members : nodeCount
      parts.append("\(votes) voted for it, \(electorate / 2 + 1) must")
    } else if let leader = state.status["leader"], leader != "none", leader != "n\(node)" {
      parts.append("follows \(leader)")
    }
    if let commit = state.status["commit"] {
      parts.append("commit \(commit)" + (state.status["last"].map { " of \($0)" } ?? ""))
    }
    let timers = state.timers.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
    if timers.isEmpty, isRaft || state.usesTimers { parts.append("NO timer runs") }
    parts += timers.prefix(2).map { "\($0.key) in \(max(0, ($0.value - endMicroseconds) / 1_000)) ms" }
    parts.append(
      state.heard.map {
        "heard n\($0.from ?? 0) \((endMicroseconds - $0.timeMicroseconds) / 1_000) ms ago"
      } ?? "heard nobody")
    return parts.joined(separator: " · ")
  }
}

extension NodeStates {
  /// The states after every so many events, so that those between are near.
  struct Checkpoints: Sendable {
    private static let distance = 256
    private let states: [NodeStates]

    init(_ picture: RunPicture) {
      var state = NodeStates(before: picture)
      var states = [state]
      for start in stride(from: 0, to: picture.events.count, by: Self.distance) {
        state.add(picture.events[start...].prefix(Self.distance))
        states.append(state)
      }
      self.states = states
    }

    /// What the nodes have come to after so many of the picture's events.
    func states(after count: Int, of picture: RunPicture) -> NodeStates {
      let passed = min(count / Self.distance, states.count - 1)
      var state = states[passed]
      state.add(picture.events[(passed * Self.distance)..<count])
      return state
    }
  }
}
