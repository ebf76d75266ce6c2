import LabKit

/// A get asks all replicas of its key and is answered when R of them have. Then it goes on: whoever turns out to be behind
/// is told what the others know (Dynamo, 4.5 and 5, "read repair").
extension StoreServer {
  mutating func read(_ key: String, _ quorum: Quorum, for token: Token, _ context: inout Context<Self>) {
    let operation = open(.read(records: [:]), key, quorum, for: .client(token), &context)
    context.send(.read(key: key, operation), to: replicas(of: key).filter { $0 != id })
    if replicas(of: key).contains(id) {
      receive(records[key] ?? Record(), from: id, for: operation, &context)
    }
  }

  mutating func receive(
    _ record: Record, from replica: NodeID, for number: OperationID, _ context: inout Context<Self>
  ) {
    guard let operation = operations[number], case .read(var records) = operation.kind else { return }
    records[replica] = record
    operations[number]?.kind = .read(records: records)
    if records.count >= operation.quorum.count {
      let merged = merged(records)
      answer(number, .found(merged.siblings, merged.context), &context)
    }
    if records.count == replicas(of: operation.key).count { endRead(number, &context) }
  }

  /// Everyone has answered, or has had the time to.
  mutating func endRead(_ number: OperationID, _ context: inout Context<Self>) {
    guard let operation = operations[number], case .read(let records) = operation.kind else { return }
    finish(number, .failed, &context)
    let merged = merged(records)
    for (replica, record) in records.sorted(by: { $0.key < $1.key }) where record != merged {
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
