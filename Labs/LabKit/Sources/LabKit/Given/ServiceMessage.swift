/// What the nodes of week 3 send to each other from stage 3B on. The course provides it, so that a service understands
/// nodes that others wrote.
public enum ServiceMessage: NodeMessage {
  /// To the log. The number is the sender's own, and comes back with the answer.
  case ask(LogRequest, call: Int)
  /// From the log.
  case answer(LogReply, call: Int)
  /// To the catalogue: what does one of these cost?
  case askPrice(item: String, call: Int)
  /// From the catalogue.
  case price(cents: Int, call: Int)
  /// To the provider: move this money.
  case transfer(Transfer)
  /// From the provider: the transfer of this id has been made, now or before.
  case transferred(id: String)
  /// From the provider: the id stands for another transfer. Nothing is moved.
  case declined(id: String)
  /// To a participant: do this step.
  case perform(SagaAction)
  /// To a participant: undo this step; or block it, if it is not done.
  case compensate(SagaAction)
  /// From a participant: the step is done, now or before.
  case performed(SagaAction)
  /// From a participant: the step is not done, and never will be.
  case failed(SagaAction)
  /// From a participant: the step is undone or blocked, now or before.
  case compensated(SagaAction)
  /// From a participant: it cannot undo the step, or confirm the order, just now. Nothing has changed.
  case notNow(SagaAction)
  /// To the carrier: take this parcel.
  case handOver(Parcel)
  /// From the carrier: the parcel is taken, now or before.
  case takenOver(id: String)
  /// From the carrier: it has not taken the parcel. It may later, or never.
  case rejected(id: String)
  /// To the event store. The number is the sender's own, and comes back with the answer.
  case askStore(StoreQuestion, call: Int)
  /// From the event store.
  case storeAnswer(StoreAnswer, call: Int)
  /// To the post: send this letter.
  case post(Letter)
  /// From the post: the letter of this id has gone out, now or before.
  case posted(id: String)

  public var kind: String {
    switch self {
    case .ask(let request, _): request.kind
    case .answer(let reply, _): reply.kind
    case .askPrice: "askPrice"
    case .price: "price"
    case .transfer: "transfer"
    case .transferred: "transferred"
    case .declined: "declined"
    case .perform(let action): "do \(action.step)"
    case .compensate(let action): "undo \(action.step)"
    case .performed(let action): "\(action.step) done"
    case .failed(let action): "\(action.step) failed"
    case .compensated(let action): "\(action.step) undone"
    case .notNow(let action): "\(action.step) not now"
    case .handOver: "handOver"
    case .takenOver: "takenOver"
    case .rejected: "rejected"
    case .askStore(let question, _): question.kind
    case .storeAnswer(let answer, _): answer.kind
    case .post: "post"
    case .posted: "posted"
    }
  }

  public var detail: String {
    switch self {
    case .ask(let request, _): request.detail
    case .answer(let reply, _): reply.detail
    case .askPrice(let item, _): item
    case .price(let cents, _): "\(cents)"
    case .transfer(let transfer): transfer.id
    case .transferred(let id), .declined(let id), .takenOver(let id), .rejected(let id): id
    case .perform(let action), .compensate(let action), .performed(let action), .failed(let action),
      .compensated(let action), .notNow(let action):
      action.order
    case .handOver(let parcel): parcel.id
    case .askStore(let question, _): "\(question)"
    case .storeAnswer(let answer, _): "\(answer)"
    case .post(let letter): letter.id
    case .posted(let id): id
    }
  }
}

extension LogRequest {
  /// A word for it.
  public var kind: String {
    switch self {
    case .append: "append"
    case .poll: "poll"
    case .join: "join"
    case .leave: "leave"
    case .commit: "commit"
    case .committed: "askOffsets"
    case .retain: "retain"
    }
  }

  fileprivate var detail: String {
    switch self {
    case .append(_, _, let value): briefly(value)
    case .poll(let partition, let offset, _): "\(partition) from \(offset)"
    case .commit(let group, _, _, let offsets):
      offsets.sorted { $0.key < $1.key }.map { "\(group.topic)/\($0.key) to \($0.value)" }
        .joined(separator: ", ")
    case .join(let group, let member), .leave(let group, let member): "\(member), \(group)"
    case .committed(let group): group.topic
    case .retain(let partition, _): "\(partition)"
    }
  }
}

extension LogReply {
  /// A word for it.
  public var kind: String {
    switch self {
    case .appended: "appended"
    case .records: "records"
    case .assigned: "assigned"
    case .left: "left"
    case .committed: "committed"
    case .refused: "refused"
    case .offsets: "offsets"
    case .retained: "retained"
    case .unknown: "unknown"
    }
  }

  fileprivate var detail: String {
    switch self {
    case .appended(let partition, let offset): "\(partition) at \(offset)"
    case .records(let records, _):
      records.isEmpty
        ? "none"
        : records.prefix(4).map { briefly($0.value) }.joined(separator: ", ")
          + (records.count > 4 ? ", and \(records.count - 4) more" : "")
    case .assigned(let generation, let partitions):
      "generation \(generation): \(partitions.map(String.init).joined(separator: " "))"
    case .refused(let generation): "generation \(generation)"
    case .offsets(let offsets):
      offsets.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
    case .retained(let offset): "\(offset)"
    case .left, .committed, .unknown: ""
    }
  }
}

extension StoreQuestion {
  /// A word for it.
  public var kind: String {
    switch self {
    case .append: "append"
    case .read: "read"
    case .readAll: "readAll"
    }
  }
}

extension StoreAnswer {
  /// A word for it.
  public var kind: String {
    switch self {
    case .appended: "appended"
    case .conflict: "conflict"
    case .events: "events"
    }
  }
}

/// The beginning of a record's value: "placed o7" of "placed o7: 2 book for ana, 1800 cents".
private func briefly(_ value: String) -> String { String(value.prefix { $0 != ":" }.prefix(24)) }
