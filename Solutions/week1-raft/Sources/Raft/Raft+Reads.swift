import LabKit

/// What a linearizable read needs (thesis, 6.4), and a service on top of this node.
extension Raft {
  /// Appends an entry without a command. Once it is committed, a new leader knows what is.
  mutating func appendNothing(_ context: inout Context<Self>) {
    guard role == .leader else { return }
    log.append(LogEntry(term: currentTerm, .nothing))
    persistLog(&context)
    replicate(&context)
  }

  /// Asks everyone whether this node still leads. Returns the round of heartbeats that has to be answered.
  mutating func askWhetherLeading(_ context: inout Context<Self>) -> Int {
    sendHeartbeats(&context)
    return round
  }

  /// The last round of heartbeats that a majority has answered: when it began, this node did lead.
  var confirmedRound: Int { reachedByMajority(answeredRound, own: round) }
}
