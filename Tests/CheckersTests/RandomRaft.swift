import Checkers

/// A plain, correct Raft in a world of lost, repeated and reordered messages, crashes and snapshots.
struct RandomRaft {
  enum Body {
    case requestVote(lastIndex: Int, lastTerm: Int)
    case vote(Bool)
    case append(previous: Int, previousTerm: Int, entries: [EntryMark], commit: Int)
    case appended(match: Int?)
    case install(index: Int, term: Int)
  }

  struct Message {
    var from, to, term: Int
    var body: Body
  }

  struct Node {
    var state = RaftState()
    var log: [EntryMark] = []
    var snapshotTerm = 0
    var applied = 0
    var votes: Set<Int> = []
    var match: [Int: Int] = [:]
    var next: [Int: Int] = [:]
    var outputs: [(index: Int, mark: EntryMark?)] = []

    var last: Int { state.snapshotIndex + log.count }

    func term(at index: Int) -> Int {
      index == state.snapshotIndex ? snapshotTerm : log[index - state.snapshotIndex - 1].term
    }

    mutating func enter(_ term: Int) {
      guard term > state.term else { return }
      (state.term, state.vote, state.role, state.leader) = (term, -1, .follower, -1)
    }
  }

  var safety: RaftSafety
  var nodes: [Node]
  var isUp: [Bool]
  var messages: [Message] = []
  var generator: Generator
  var commands: UInt64 = 0
  var elections = 0
  /// The size of a majority, which a test may get wrong on purpose.
  var majority: Int
  /// Whether a restart loses the vote, which a test may want.
  var forgetsVotes = false

  init(nodes count: Int, seed: UInt64) throws(Violation) {
    safety = RaftSafety(nodes: count)
    nodes = Array(repeating: Node(), count: count)
    isUp = Array(repeating: true, count: count)
    generator = Generator(seed: seed)
    majority = count / 2 + 1
    for node in 0..<count { safety.booted(node) }
  }

  /// One step of one node, or a fault.
  mutating func step() throws(Violation) {
    let node = generator.below(nodes.count)
    switch generator.below(100) {
    case 0 where isUp[node]:
      safety.crashed(node)
      isUp[node] = false
    case 0..<4 where !isUp[node]: try boot(node)
    case 4..<7: try handle(node) { raft, sent in raft.campaign(node, &sent) }
    case 7..<20: try handle(node) { raft, sent in raft.replicate(node, &sent) }
    case 20..<27: try handle(node) { raft, _ in raft.propose(node) }
    case 27..<29: try handle(node) { raft, _ in raft.compact(node) }
    case 29..<32 where !messages.isEmpty: messages.remove(at: generator.below(messages.count))
    default:
      guard !messages.isEmpty else { return }
      let position = generator.below(messages.count)
      let message = messages[position]
      if generator.below(10) > 0 { messages.remove(at: position) }
      try handle(message.to) { raft, sent in raft.receive(message, message.to, &sent) }
    }
    if messages.count > 60 { messages.removeFirst(20) }
  }

  private mutating func boot(_ node: Int) throws(Violation) {
    isUp[node] = true
    safety.booted(node)
    let snapshot = nodes[node].state.snapshotIndex
    nodes[node].state.role = .follower
    nodes[node].state.leader = -1
    nodes[node].state.commitIndex = generator.below(2) == 0 ? snapshot : 0
    if forgetsVotes { nodes[node].state.vote = -1 }
    nodes[node].applied = snapshot
    nodes[node].outputs = snapshot > 0 ? [(snapshot, nil)] : []
    try show(node, isWhole: true)
  }

  /// Runs a handler of `node`, now and then with a crash between its effects.
  private mutating func handle(
    _ node: Int, _ handler: (inout RandomRaft, inout [Message]) -> Void
  ) throws(Violation) {
    guard isUp[node] else { return }
    let before = nodes[node]
    var sent: [Message] = []
    handler(&self, &sent)
    nodes[node].apply()
    let isCutShort = generator.below(300) == 0
    let isLost = isCutShort && generator.below(2) == 0
    if isLost { nodes[node].outputs = [] }
    try show(node, isWhole: false)
    if isCutShort {
      safety.crashed(node, cuttingShort: true)
      isUp[node] = false
      if isLost {
        nodes[node] = before
        return
      }
    }
    messages += sent
  }

  private mutating func show(_ node: Int, isWhole: Bool) throws(Violation) {
    let shown = nodes[node]
    var state = shown.state
    state.lastIndex = shown.last
    // Sometimes the whole log, sometimes only its end, as long as the rest has not changed.
    let start = isWhole || generator.below(2) == 0 ? 0 : min(shown.log.count, firstChange(node))
    try safety.logChanged(node, from: state.snapshotIndex + 1 + start, marks: Array(shown.log[start...]))
    try safety.statusChanged(node, to: state)
    for (index, mark) in shown.outputs {
      if let mark {
        try safety.applied(node, index: index, term: mark.term, command: mark.digest == 0 ? nil : mark.digest)
      } else {
        try safety.restored(node, index: index)
      }
    }
    nodes[node].outputs = []
    shownLogs[node] = (state.snapshotIndex, shown.log)
  }

  private var shownLogs: [Int: (snapshot: Int, log: [EntryMark])] = [:]

  private func firstChange(_ node: Int) -> Int {
    guard let earlier = shownLogs[node], earlier.snapshot == nodes[node].state.snapshotIndex else { return 0 }
    return zip(earlier.log, nodes[node].log).prefix { $0 == $1 }.count
  }

  // MARK: - Handlers

  private mutating func campaign(_ node: Int, _ sent: inout [Message]) {
    guard nodes[node].state.role != .leader else { return }
    nodes[node].enter(nodes[node].state.term + 1)
    nodes[node].state.role = .candidate
    nodes[node].state.vote = node
    nodes[node].votes = [node]
    lead(node)
    let last = nodes[node].last
    for other in nodes.indices where other != node {
      let request = Body.requestVote(lastIndex: last, lastTerm: nodes[node].term(at: last))
      sent.append(Message(from: node, to: other, term: nodes[node].state.term, body: request))
    }
  }

  private mutating func lead(_ node: Int) {
    guard nodes[node].state.role == .candidate, nodes[node].votes.count >= majority else { return }
    elections += 1
    nodes[node].state.role = .leader
    nodes[node].state.leader = node
    nodes[node].match = [:]
    nodes[node].next = [:]
    nodes[node].log.append(EntryMark(term: nodes[node].state.term, digest: 0))
    commit(node)
  }

  private mutating func propose(_ node: Int) {
    guard nodes[node].state.role == .leader else { return }
    commands += 1
    nodes[node].log.append(EntryMark(term: nodes[node].state.term, digest: commands))
    commit(node)
  }

  private mutating func commit(_ node: Int) {
    let matches = nodes.indices.map { $0 == node ? nodes[node].last : nodes[node].match[$0, default: 0] }
    let index = matches.sorted(by: >)[majority - 1]
    guard index > nodes[node].state.commitIndex, nodes[node].term(at: index) == nodes[node].state.term else {
      return
    }
    nodes[node].state.commitIndex = index
  }

  private mutating func compact(_ node: Int) {
    let count = nodes[node].applied - nodes[node].state.snapshotIndex
    guard count > 0 else { return }
    nodes[node].snapshotTerm = nodes[node].term(at: nodes[node].applied)
    nodes[node].log.removeFirst(count)
    nodes[node].state.snapshotIndex = nodes[node].applied
  }

  private mutating func replicate(_ node: Int, _ sent: inout [Message]) {
    let leader = nodes[node]
    guard leader.state.role == .leader else { return }
    for other in nodes.indices where other != node {
      let previous = min(leader.next[other, default: leader.last], leader.last + 1) - 1
      let body: Body
      if previous < leader.state.snapshotIndex {
        body = .install(index: leader.state.snapshotIndex, term: leader.snapshotTerm)
      } else {
        let rest = leader.log[(previous - leader.state.snapshotIndex)...].prefix(1 + generator.below(4))
        body = .append(
          previous: previous, previousTerm: leader.term(at: previous), entries: Array(rest),
          commit: leader.state.commitIndex)
      }
      sent.append(Message(from: node, to: other, term: leader.state.term, body: body))
    }
  }

  private mutating func receive(_ message: Message, _ node: Int, _ sent: inout [Message]) {
    nodes[node].enter(message.term)
    let isCurrent = message.term == nodes[node].state.term
    func reply(_ body: Body, _ node: Node) -> Message {
      Message(from: message.to, to: message.from, term: node.state.term, body: body)
    }
    switch message.body {
    case .requestVote(let lastIndex, let lastTerm):
      let own = nodes[node]
      let isRecent = (lastTerm, lastIndex) >= (own.term(at: own.last), own.last)
      let grants = isCurrent && isRecent && (own.state.vote == -1 || own.state.vote == message.from)
      if grants { nodes[node].state.vote = message.from }
      sent.append(reply(.vote(grants), nodes[node]))
    case .vote(let isGranted):
      guard isCurrent, isGranted else { return }
      nodes[node].votes.insert(message.from)
      lead(node)
    case .append(let previous, let previousTerm, let entries, let commit):
      guard isCurrent else { return sent.append(reply(.appended(match: nil), nodes[node])) }
      nodes[node].follow(message.from)
      let isMatching = nodes[node].append(previous, previousTerm, entries, commit)
      sent.append(reply(.appended(match: isMatching ? previous + entries.count : nil), nodes[node]))
    case .appended(let match):
      guard isCurrent, nodes[node].state.role == .leader else { return }
      if let match {
        nodes[node].match[message.from] = max(match, nodes[node].match[message.from, default: 0])
        nodes[node].next[message.from] = match + 1
        commit(node)
      } else {
        nodes[node].next[message.from] = max(1, nodes[node].next[message.from, default: nodes[node].last] - 2)
      }
    case .install(let index, let term):
      guard isCurrent else { return }
      nodes[node].follow(message.from)
      nodes[node].install(index, term)
      sent.append(reply(.appended(match: index), nodes[node]))
    }
  }
}

extension RandomRaft.Node {
  fileprivate mutating func follow(_ leader: Int) {
    state.role = .follower
    state.leader = leader
  }

  fileprivate mutating func append(
    _ previous: Int, _ previousTerm: Int, _ entries: [EntryMark], _ commit: Int
  ) -> Bool {
    guard previous <= last else { return false }
    if previous >= state.snapshotIndex, term(at: previous) != previousTerm { return false }
    for (offset, entry) in entries.enumerated() {
      let index = previous + 1 + offset
      if index <= state.snapshotIndex { continue }
      if index <= last, term(at: index) != entry.term {
        log.removeSubrange((index - state.snapshotIndex - 1)...)
      }
      if index > last { log.append(entry) }
    }
    state.commitIndex = max(state.commitIndex, min(commit, previous + entries.count))
    return true
  }

  fileprivate mutating func install(_ index: Int, _ term: Int) {
    guard index > state.commitIndex, index > state.snapshotIndex else { return }
    if index <= last, self.term(at: index) == term {
      log.removeFirst(index - state.snapshotIndex)
    } else {
      log = []
    }
    (state.snapshotIndex, snapshotTerm, state.commitIndex, applied) = (index, term, index, index)
    outputs.append((index, nil))
  }

  fileprivate mutating func apply() {
    while applied < state.commitIndex {
      applied += 1
      outputs.append((applied, log[applied - state.snapshotIndex - 1]))
    }
  }
}
