import LabKit

/// Writes go through the log. Reads ask a majority whether this node still leads, and then look at the store.
extension KeyValueServer {
  // MARK: Writes (section 8; thesis, 6.3)

  mutating func write(_ request: KeyValueRequest, replyTo token: Token, _ context: inout Context<Self>) {
    if let reply = earlierReply(to: request) {
      context.reply(reply, to: token)
    } else {
      run(&context) { $0.propose(request.command, replyTo: token, &$1) }
    }
  }

  mutating func apply(_ command: Command?, _ index: Int, _ term: Int, _ context: inout Context<Self>) {
    lastApplied = index
    let write = writes.removeValue(forKey: index)
    let reply = command.flatMap { KeyValueRequest($0) }.map { carryOut($0) }
    guard let write else { return }
    // The entry of another leader may have taken the place of the one that this client waits for.
    context.reply(write.term == term ? reply ?? .unknown : .unknown, to: write.token)
  }

  /// Carries out a request once, however often it stands in the log.
  private mutating func carryOut(_ request: KeyValueRequest) -> KeyValueReply {
    if let reply = earlierReply(to: request) { return reply }
    let reply = replicated.store.apply(request.operation)
    replicated.sessions[request.session] = Answer(sequence: request.sequence, reply: reply)
    return reply
  }

  private func earlierReply(to request: KeyValueRequest) -> KeyValueReply? {
    guard let last = replicated.sessions[request.session], request.sequence <= last.sequence else {
      return nil
    }
    return request.sequence == last.sequence ? last.reply : .stale
  }

  // MARK: Reads (thesis, 6.4)

  mutating func read(_ key: String, in reign: Reign, replyTo token: Token, _ context: inout Context<Self>) {
    var round = 0
    // A new leader does not know what is committed before an entry of its own term is.
    let index = max(raft.commitIndex, reign.firstIndex)
    run(&context) { round = $0.askWhetherLeading(&$1) }
    reads.append(Read(key: key, round: round, index: index, token: token))
  }

  mutating func answerReads(_ context: inout Context<Self>) {
    let confirmedRound = raft.confirmedRound
    reads.removeAll { read in
      guard read.round <= confirmedRound, read.index <= lastApplied else { return false }
      context.reply(.value(replicated.store.value(of: read.key)), to: read.token)
      return true
    }
  }

  // MARK: Gaining and losing the lead

  mutating func followRole(_ context: inout Context<Self>) {
    let ledTerm = raft.role == .leader ? raft.currentTerm : nil
    guard ledTerm != reign?.term else { return }
    dismissClients(&context)
    reign = ledTerm.map { Reign(term: $0, firstIndex: raft.log.lastIndex + 1) }
    if reign != nil { run(&context) { $0.appendNothing(&$1) } }
  }

  /// Tells everyone who waits that this node no longer knows what becomes of their operations.
  private mutating func dismissClients(_ context: inout Context<Self>) {
    for (_, write) in writes.sorted(by: { $0.key < $1.key }) { context.reply(.unknown, to: write.token) }
    for read in reads { context.reply(.notLeader(hint: raft.leader), to: read.token) }
    writes = [:]
    reads = []
  }

  // MARK: Snapshots (7)

  mutating func compactIfLong(_ context: inout Context<Self>) {
    guard lastApplied - raft.log.snapshotIndex >= RaftBounds.compactionEntries,
      let snapshot = try? WireCodec.encode(replicated)
    else { return }
    _ = context.run(&raft, translating: { $0 }) { [lastApplied] raft, inner in
      raft.compact(upTo: lastApplied, snapshot: snapshot, &inner)
    }
  }

  mutating func restore(_ snapshot: [UInt8], _ index: Int) {
    guard let restored = try? WireCodec.decode(Replicated.self, from: snapshot) else {
      fatalError("the snapshot up to index \(index) does not hold the service's state")
    }
    replicated = restored
    lastApplied = index
  }
}
