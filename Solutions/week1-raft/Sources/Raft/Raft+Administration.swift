import LabKit

/// Changes of the cluster while it works: who its members are (thesis, 4.1 and 4.2), and which of them leads (3.10).
extension Raft {
  public mutating func administer(
    _ request: AdminRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    guard role == .leader else {
      context.reply(.notLeader(hint: leader), to: token)
      return
    }
    switch request {
    case .add(let node):
      changeMembers(to: log.members.filter { $0 != node } + [node], replyTo: token, &context)
    case .remove(let node): changeMembers(to: log.members.filter { $0 != node }, replyTo: token, &context)
    case .transfer(let node): transfer(to: node, replyTo: token, &context)
    }
  }

  // MARK: Members

  /// A change is an entry of the log, and counts as soon as it stands there. It adds or removes one node, so that a
  /// majority before it and one after it always have a node in common (4.1).
  private mutating func changeMembers(
    to members: [NodeID], replyTo token: Token, _ context: inout Context<Self>
  ) {
    guard mayChangeMembers, !members.isEmpty else {
      context.reply(.refused, to: token)
      // What this leader holds of earlier terms is settled by an entry of its own.
      if log.lastTerm < currentTerm { appendNothing(&context) }
      return
    }
    if Set(members) != Set(log.members) {
      log.append(LogEntry(term: currentTerm, .members(members)))
      persistLog(&context)
    }
    context.reply(.accepted(index: log.lastIndex, term: currentTerm), to: token)
    replicate(&context)
  }

  /// The change before this one is committed, and so is an entry of this term: without that, a change of an earlier leader
  /// may come back that has no majority in common with this one (4.1, and its correction of 2015).
  private var mayChangeMembers: Bool {
    log.membersIndex <= commitIndex && log.term(at: commitIndex) == currentTerm && successor == nil
  }

  /// Whether this node is no member, and nothing can change that but a new entry. Until then it may be needed: the others
  /// may not hold what it holds (4.2.2).
  var isSettledOutsider: Bool { !log.members.contains(id) && log.membersIndex <= commitIndex }

  // MARK: The lead

  /// Takes in nothing more, brings the other up to date, and has it stand for election. Gives up if that takes too long.
  private mutating func transfer(to node: NodeID, replyTo token: Token, _ context: inout Context<Self>) {
    guard successor == nil, log.members.contains(node) else {
      context.reply(.refused, to: token)
      return
    }
    context.reply(.accepted(index: log.lastIndex, term: currentTerm), to: token)
    guard node != id else { return }
    successor = node
    context.setTimer(.transfer, after: .milliseconds(electionTimeoutMilliseconds.upperBound))
    sendEntries(to: node, &context)
    handOverIfReady(&context)
  }

  /// The other leads only if its log holds everything. Said again whenever it answers, for the word may be lost.
  mutating func handOverIfReady(_ context: inout Context<Self>) {
    guard role == .leader, let successor, matchIndex[successor] ?? 0 == log.lastIndex else { return }
    context.send(.timeoutNow(term: currentTerm), to: successor)
  }

  mutating func receiveTimeoutNow(term: Int, _ context: inout Context<Self>) {
    guard term == currentTerm, role == .follower, log.members.contains(id) else { return }
    startElection(&context)
  }
}
