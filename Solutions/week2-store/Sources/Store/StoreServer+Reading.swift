import LabKit

/// A get asks all replicas of its key and is answered when R of them have. Then it goes on: whoever turns out to be behind
/// is told what the others know (Dynamo, 4.5 and 5, "read repair").
extension StoreServer {
  mutating func read(_ key: String, _ quorum: Quorum, for token: Token, _ context: inout Context<Self>) {
    let operation = open(.read(records: [:]), key, quorum, for: .client(token), &context)
    context.send(.read(key: key, operation), to: replicas(of: key).filter { $0 != id })
    if replicas(of: key).contains(id) { receive(known(of: key), from: id, for: operation, &context) }
  }

  mutating func receive(
    _ record: Record, from node: NodeID, for number: OperationID, _ context: inout Context<Self>
  ) {
    guard let operation = operations[number], case .read(var records) = operation.kind else { return }
    records[node] = record
    operations[number]?.kind = .read(records: records)
    if isMet(operation.quorum, by: Set(records.keys), of: operation.key) {
      let merged = merged(records)
      if operation.quorum == .linearizable { return goOn(number, with: merged, records, &context) }
      answer(number, .found(merged.siblings, merged.context), &context)
    }
    if replicas(of: operation.key).allSatisfy({ records[$0] != nil }) { endRead(number, &context) }
  }

  /// Asks those again who have not answered; where the quorum is sloppy, others as well.
  mutating func retryRead(_ number: OperationID, _ context: inout Context<Self>) {
    guard let operation = operations[number], case .read(let records) = operation.kind else { return }
    var asked = replicas(of: operation.key)
    if case .sloppy = operation.quorum { asked += membership.standIns(for: operation.key) }
    context.send(
      .read(key: operation.key, number), to: asked.filter { $0 != id && records[$0] == nil })
    if asked.contains(id) { receive(known(of: operation.key), from: id, for: number, &context) }
  }

  /// The members change: what replicas have said before counts no longer, nor does what they have not said yet, for one that is
  /// to hold the key has perhaps not been given it. So the read goes on under another number.
  mutating func askAgain(_ context: inout Context<Self>) {
    for (number, operation) in operations.sorted(by: { $0.key < $1.key }) {
      guard case .read = operation.kind else { continue }
      let next = renumber(number)
      operations[next]?.kind = .read(records: [:])
      retryRead(next, &context)
    }
  }

  /// Every replica has answered, or has had the time to.
  mutating func endRead(_ number: OperationID, _ context: inout Context<Self>) {
    guard let operation = operations[number], case .read(let records) = operation.kind else { return }
    finish(number, .failed, &context)
    let merged = merged(records)
    for replica in replicas(of: operation.key) {
      guard let record = records[replica], record != merged else { continue }
      if replica == id {
        learn(merged, of: operation.key, &context)
      } else {
        context.send(.repair(key: operation.key, merged), to: replica)
      }
    }
  }

  private func merged(_ records: [NodeID: Record]) -> Record {
    records.values.reduce(into: Record()) { $0.merge($1) }
  }
}
