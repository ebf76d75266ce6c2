import LabKit

/// What the clients and nodes of week 3 say, in words, and what its nodes are.
enum ServiceWords {
  /// A request; nil if it is none of these.
  static func request(_ body: [UInt8]) -> String? {
    if let request = try? LogRequest(wireBytes: body) { return words(request) }
    if let request = try? OrderRequest(wireBytes: body) { return words(request) }
    if (try? TotalsRequest(wireBytes: body)) != nil { return "what are the totals?" }
    if (try? TransfersRequest(wireBytes: body)) != nil { return "which transfers were made?" }
    if let request = try? SagaRequest(wireBytes: body) {
      return switch request {
      case .start(let order): "start \(order)"
      case .outcome(let order): "how did \(order) end?"
      }
    }
    if let request = try? Arrangement(wireBytes: body) { return words(request) }
    if let request = try? DispatchRequest(wireBytes: body) {
      return switch request {
      case .redrive(let customer): "hand over again what is \(customer)'s"
      case .heldBack(let customer): "how many of \(customer)'s are held back?"
      }
    }
    if let request = try? CarrierRequest(wireBytes: body) {
      return switch request {
      case .reject(let id, .max): "reject \(id) for good"
      case .reject(let id, let times): times == 0 ? "take \(id)" : "reject \(id) \(times) times"
      case .work(let milliseconds): "take \(milliseconds) ms for each"
      }
    }
    if let request = try? AccountRequest(wireBytes: body) { return words(request) }
    if let request = try? EventStoreRequest(wireBytes: body) {
      return "hold \(request.events.count) events of old"
    }
    return (try? PriceRequest(wireBytes: body)).map { "what does a \($0.item) cost?" }
  }

  /// An answer; nil if it is none of these.
  static func reply(_ body: [UInt8]) -> String? {
    if let reply = try? LogReply(wireBytes: body) { return words(reply) }
    if let reply = try? TotalsReply(wireBytes: body) { return words(totals: reply.totals) }
    if let reply = try? TransfersReply(wireBytes: body) { return "\(reply.transfers.count) transfers" }
    if let reply = try? SagaReply(wireBytes: body) {
      return reply == .noSuchOrder ? "no such order" : "\(reply)"
    }
    if let reply = try? DispatchReply(wireBytes: body) {
      return if case .heldBack(let count) = reply { "\(count)" } else { "it will be" }
    }
    if (try? Arranged(wireBytes: body)) != nil || (try? CarrierReply(wireBytes: body)) != nil {
      return "so be it"
    }
    if let reply = try? AccountReply(wireBytes: body) { return words(reply) }
    return (try? OrderReply(wireBytes: body)).map(words)
  }

  /// What a node announces; nil if it is none of these.
  static func output(_ body: [UInt8]) -> String? {
    (try? SagaEffect(wireBytes: body))?.description ?? (try? CarrierEffect(wireBytes: body))?.description
      ?? (try? LogNews(wireBytes: body))?.description ?? (try? EventStoreNews(wireBytes: body))?.description
      ?? (try? PostNews(wireBytes: body))?.description
      ?? (try? Transfer(wireBytes: body)).map { "\($0.id), \($0.cents) cents of \($0.user)" }
  }

  /// What each node claims about itself, by the names of the fields.
  static func fieldNames(of node: Int, in program: String) -> [String] {
    let given = GivenNodes.beside(program)
    if given.indices.contains(node - 1) {
      if given[node - 1].name == "store" { return EventStoreStatus.fieldNames }
      guard given[node - 1].name == "log" else { return [] }
      return program == "dispatch" ? WatchedLogStatus.fieldNames : LogStatus.fieldNames
    }
    return switch program {
    case "log": LogStatus.fieldNames
    case "orders": OrderStatus.fieldNames
    case "inventory", "payments": ConsumerStatus.fieldNames
    case "saga": SagaStatus.fieldNames
    case "accounts": AccountStatus.fieldNames
    case "dispatch": DispatchStatus.fieldNames
    default: []
    }
  }

  private static func words(_ request: LogRequest) -> String {
    switch request {
    case .append(let topic, let key, let value): "append \"\(value)\" to \(topic), key \(key)"
    case .poll(let partition, let offset, let limit): "poll \(partition) from \(offset), \(limit) at most"
    case .join(let group, let member): "\(member) joins \(group)"
    case .leave(let group, let member): "\(member) leaves \(group)"
    case .commit(let group, let member, let generation, let offsets):
      "\(member) commits \(words(offsets)) for \(group), generation \(generation)"
    case .committed(let group): "what has \(group) committed?"
    case .retain(let partition, let count): "keep the last \(count) of \(partition)"
    }
  }

  private static func words(_ reply: LogReply) -> String {
    switch reply {
    case .appended(let partition, let offset): "at offset \(offset) of \(partition)"
    case .records(let records, let next):
      (records.first.map { first in
        "\(records.count) \(records.count == 1 ? "record" : "records") from offset \(first.offset)"
      } ?? "nothing") + ", go on at \(next)"
    case .assigned(let generation, let partitions):
      "generation \(generation), partitions \(partitions.isEmpty ? "none" : partitions.map(String.init).joined(separator: " "))"
    case .left: "left"
    case .committed: "committed"
    case .refused(let generation): "refused: it is generation \(generation)"
    case .offsets(let offsets): words(offsets)
    case .retained(let offset): "begins at offset \(offset)"
    case .unknown: "unknown"
    }
  }

  private static func words(_ arrangement: Arrangement) -> String {
    let manner = arrangement.manner
    let words =
      (manner.refuses ? ["is refused"] : [])
      + (manner.milliseconds > 0 ? ["takes \(manner.milliseconds) ms"] : [])
      + (manner.timesPutOff > 0 ? ["says \"not now\" \(manner.timesPutOff) times"] : [])
    return "\(arrangement.step) of \(arrangement.order) \(words.joined(separator: ", "))"
  }

  private static func words(totals: [String: Int]) -> String {
    totals.isEmpty
      ? "nothing" : totals.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }

  private static func words(_ offsets: [Int: Int]) -> String {
    offsets.isEmpty
      ? "nothing"
      : offsets.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
  }

  private static func words(_ request: AccountRequest) -> String {
    switch request {
    case .command(let command, let account, let id): "\(command), \(account), as \(id)"
    case .balance(let account, 0): "how much is in \(account)?"
    case .balance(let account, let version): "how much is in \(account), by version \(version) at least?"
    case .total: "how much is there in all?"
    case .rebuild: "rebuild"
    }
  }

  private static func words(_ reply: AccountReply) -> String {
    switch reply {
    case .done(let version): "done, version \(version)"
    case .insufficient: "not enough"
    case .balance(let cents, let version): "\(cents) at version \(version)"
    case .total(let cents, let position): "\(cents) at position \(position)"
    case .rebuilding: "it will be"
    }
  }

  private static func words(_ request: OrderRequest) -> String {
    switch request {
    case .place(let user, let key, let order):
      "place \(order.quantity) \(order.item) for \(user), key \(key)"
    case .cancel(let id): "cancel \(id)"
    case .orders: "which orders are there?"
    }
  }

  private static func words(_ reply: OrderReply) -> String {
    switch reply {
    case .placed(let id, let cents): "\(id) is placed, \(cents) cents"
    case .conflict: "conflict"
    case .cancelled: "cancelled"
    case .noSuchOrder: "no such order"
    case .orders(let orders): "\(orders.count) orders"
    }
  }
}
