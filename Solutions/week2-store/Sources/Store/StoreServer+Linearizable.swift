import LabKit

/// As if there were one copy of a key (Attiya, Bar-Noy and Dolev, 1995; Lynch and Shvartsman, 1997). A put looks first what a
/// majority knows, and takes the place of all of it. A get writes back what it found: only when a majority has it may no later
/// get return something older.
extension StoreServer {
  mutating func look(for put: Put, for caller: Operation.Caller, _ context: inout Context<Self>) {
    let operation = open(.read(records: [:]), put.key, put.quorum, for: caller, &context)
    operations[operation]?.put = put
    retryRead(operation, &context)
  }

  /// A majority has answered.
  mutating func goOn(
    _ number: OperationID, with merged: Record, _ records: [NodeID: Record], _ context: inout Context<Self>
  ) {
    guard let operation = operations[number] else { return }
    if let put = operation.put {
      operations[number] = nil
      let informed = Put(
        key: put.key, version: put.version, context: merged.context, quorum: .strict(put.quorum.count))
      return write(informed, for: operation.caller, &context)
    }
    if replicas(of: operation.key).contains(id) { learn(merged, of: operation.key, &context) }
    let holders = Set(records.filter { $0.value == merged }.keys).union(
      records[id] == nil ? [] : [id])
    operations[number]?.kind = .write(merged, holders: holders)
    answerIfStored(number, &context)
    retryWrite(number, &context)
  }
}

extension Operation {
  /// The answer when enough nodes have a record on disk.
  func success(_ record: Record) -> StoreReply {
    guard case .linearizable = quorum else { return .stored }
    return .found(record.siblings.suffix(1), record.context)
  }

  /// The answer when too few have said so.
  var doubt: StoreReply {
    guard case .linearizable = quorum else { return .unknown }
    return .failed
  }
}
