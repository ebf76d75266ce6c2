import LabKit

/// A put is taken in by one of the key's replicas, which numbers it and tells the others. It is answered when W of them have
/// it on disk (Dynamo, 4.5).
extension StoreServer {
  mutating func write(_ put: Put, for caller: Operation.Caller, _ context: inout Context<Self>) {
    guard replicas(of: put.key).contains(id) else { return search(put, for: caller, &context) }
    var record = records[put.key] ?? Record()
    record.add(put.version, knowing: put.context, issuer: id)
    keep(record, of: put.key, &context)
    let operation = open(.write(record, holders: [id]), put.key, put.quorum, for: caller, &context)
    context.send(.replicate(key: put.key, record, operation), to: replicas(of: put.key).filter { $0 != id })
    answerIfStored(operation, &context)
  }

  mutating func receiveReplicated(
    from replica: NodeID, for number: OperationID, _ context: inout Context<Self>
  ) {
    guard case .write(let record, var holders)? = operations[number]?.kind else { return }
    holders.insert(replica)
    operations[number]?.kind = .write(record, holders: holders)
    answerIfStored(number, &context)
  }

  private mutating func answerIfStored(_ number: OperationID, _ context: inout Context<Self>) {
    guard let operation = operations[number], case .write(_, let holders) = operation.kind else { return }
    if holders.count >= operation.quorum.count { answer(number, .stored, &context) }
    if holders.count == replicas(of: operation.key).count { finish(number, .stored, &context) }
  }

  // MARK: Keys that this node does not hold

  /// Two replicas that took in the same write would number it twice. So the write is given to one alone, to the first that
  /// answers; and until it has been given to somebody it is certain not to take effect.
  private mutating func search(
    _ put: Put, for caller: Operation.Caller, _ context: inout Context<Self>
  ) {
    let operation = open(.search(put), put.key, put.quorum, for: caller, &context)
    context.send(.offer(operation), to: replicas(of: put.key))
  }

  mutating func receiveOffer(
    from node: NodeID, for number: OperationID, _ context: inout Context<Self>
  ) {
    let ticket = context.random(in: 1...1 << 40)
    tickets[ticket] = context.uptime + Self.patience
    awaitRetry(&context)
    context.send(.ready(ticket, number), to: node)
  }

  mutating func receiveReady(
    _ ticket: Ticket, from replica: NodeID, for number: OperationID, _ context: inout Context<Self>
  ) {
    guard case .search(let put)? = operations[number]?.kind else { return }
    operations[number]?.kind = .handedOver(put, to: replica, ticket)
    context.send(.handOver(put, ticket, number), to: replica)
  }

  // MARK: Time passes

  /// Asks those again who have not answered, or gives the operation up.
  mutating func retry(_ number: OperationID, _ context: inout Context<Self>) {
    guard let operation = operations[number] else { return }
    let isOver = context.uptime >= operation.deadline
    let replicas = replicas(of: operation.key)
    switch operation.kind {
    case .read(let records):
      if isOver { return endRead(number, &context) }
      context.send(
        .read(key: operation.key, number), to: replicas.filter { $0 != id && records[$0] == nil })
    case .write(let record, let holders):
      if isOver { return finish(number, .unknown, &context) }
      context.send(
        .replicate(key: operation.key, record, number), to: replicas.filter { !holders.contains($0) })
    case .search:
      if isOver { return finish(number, .failed, &context) }
      context.send(.offer(number), to: replicas)
    case .handedOver(let put, let replica, let ticket):
      if isOver { return finish(number, .unknown, &context) }
      context.send(.handOver(put, ticket, number), to: replica)
    }
  }
}
