import LabKit

/// A put is taken in by one of the key's replicas, which numbers it and tells the others. It is answered when W of them have
/// it on disk (Dynamo, 4.5).
extension StoreServer {
  mutating func write(_ put: Put, for caller: Operation.Caller, _ context: inout Context<Self>) {
    if put.quorum == .linearizable { return look(for: put, for: caller, &context) }
    guard replicas(of: put.key).contains(id) else { return search(put, for: caller, &context) }
    var record = records[put.key] ?? Record()
    record.add(put.version, knowing: put.context, issuer: issuer)
    keep(record, of: put.key, &context)
    let operation = open(.write(record, holders: [id]), put.key, put.quorum, for: caller, &context)
    context.send(.replicate(key: put.key, record, operation), to: replicas(of: put.key).filter { $0 != id })
    answerIfStored(operation, &context)
  }

  mutating func receiveReplicated(
    from node: NodeID, for number: OperationID, _ context: inout Context<Self>
  ) {
    guard case .write(let record, var holders)? = operations[number]?.kind else { return }
    holders.insert(node)
    operations[number]?.kind = .write(record, holders: holders)
    answerIfStored(number, &context)
  }

  mutating func answerIfStored(_ number: OperationID, _ context: inout Context<Self>) {
    guard let operation = operations[number], case .write(let record, let holders) = operation.kind else {
      return
    }
    if isMet(operation.quorum, by: holders, of: operation.key) {
      answer(number, operation.success(record), &context)
    }
    if holders.isSuperset(of: replicas(of: operation.key)) {
      finish(number, operation.success(record), &context)
    }
  }

  /// Tells those again who have not answered. Where the quorum is sloppy, another node stands in for each: each time the
  /// next ones on the ring.
  mutating func retryWrite(_ number: OperationID, _ context: inout Context<Self>) {
    guard let operation = operations[number], case .write(let record, let holders) = operation.kind else {
      return
    }
    let missing = replicas(of: operation.key).filter { !holders.contains($0) }
    context.send(.replicate(key: operation.key, record, number), to: missing)
    let standIns = membership.standIns(for: operation.key)
    guard case .sloppy = operation.quorum, holders.count < StoreBounds.replicas, !standIns.isEmpty else {
      return
    }
    for (position, replica) in missing.enumerated() {
      let node = standIns[(operation.retries + position) % standIns.count]
      if node == id {
        keep(record, of: operation.key, for: replica, &context)
        receiveReplicated(from: id, for: number, &context)
      } else {
        context.send(.keep(key: operation.key, record, for: replica, number), to: node)
      }
    }
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

  /// No replica answers, and the quorum is sloppy: this node takes the write in itself, for one of them.
  private mutating func standIn(_ put: Put, _ number: OperationID, _ context: inout Context<Self>) {
    let replica = replicas(of: put.key)[0]
    issuers += 1
    context.persist(issuers, under: Self.issuersKey)
    var record = hints[replica]?[put.key] ?? Record()
    record.add(put.version, knowing: put.context, issuer: Issuer(node: id, record: issuers))
    keep(record, of: put.key, for: replica, &context)
    operations[number]?.kind = .write(record, holders: [id])
    answerIfStored(number, &context)
    retryWrite(number, &context)
  }

  // MARK: Time passes

  /// Asks those again who have had the time to answer and have not, or gives the operation up.
  mutating func retry(_ number: OperationID, _ context: inout Context<Self>) {
    guard let operation = operations[number] else { return }
    let age = context.uptime - operation.beginning
    guard age >= Self.retryInterval / 2 else { return }
    let isOver = age >= Self.patience
    operations[number]?.retries += 1
    switch operation.kind {
    case .read: isOver ? endRead(number, &context) : retryRead(number, &context)
    case .write: isOver ? finish(number, operation.doubt, &context) : retryWrite(number, &context)
    case .search(let put):
      if isOver { return finish(number, .failed, &context) }
      if case .sloppy = put.quorum { return standIn(put, number, &context) }
      context.send(.offer(number), to: replicas(of: operation.key))
    case .handedOver(let put, let replica, let ticket):
      if isOver { return finish(number, .unknown, &context) }
      context.send(.handOver(put, ticket, number), to: replica)
    }
  }
}
