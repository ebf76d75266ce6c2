import Checkers
import LabKit
import Runner

/// Users of the order service, who ask again until they are answered. What they were told is judged beside what is on the
/// service's disk and in the log.
final class OrderClients {
  private struct Open {
    enum Kind {
      case place(Int)
      case cancel(String)
    }

    let kind: Kind
    let body: OrderRequest
    let boot: Int
    let call: Int
    let request: Int
  }

  private struct Client {
    var open: Open?
    /// What was asked and not answered, for the service fell.
    var unanswered: OrderRequest?
    var restsUntilMilliseconds = 0
  }

  static let (log, catalogue, service) = (NodeID.log.number, NodeID.catalogue.number, 3)
  private static let users = ["ana", "ben", "eve"]
  private static let items = ["book", "lamp", "tea"]

  let trial: Trial
  let run: ServiceRun
  private var clients: [Client]
  private var requests: [IdempotentRequests.Request] = []
  private var costs: [String: Int] = [:]
  private var asked: [(user: String, key: String, order: Order)] = []
  private var ids: [String] = []
  private var cancelled: Set<String> = []
  private var isClosing = false
  var restMilliseconds = 0...80

  init(_ trial: Trial, clients: Int = 3) {
    self.trial = trial
    self.clients = Array(repeating: Client(), count: clients)
    run = ServiceRun(
      trial, service: Self.service, client: clients + 1, answerMilliseconds: OrderBounds.answerMilliseconds)
  }

  func start() throws { try trial.start() }

  // MARK: At random

  func work(milliseconds: Int) throws {
    let end = trial.nowMilliseconds + trial.waiting(milliseconds)
    while trial.nowMilliseconds < end {
      for client in clients.indices { begin(client) }
      try step(within: end - trial.nowMilliseconds)
    }
  }

  /// Lets users work until the service has fallen, or for so long.
  func work(untilServiceFallsOrMilliseconds limit: Int) throws {
    let end = trial.nowMilliseconds + trial.waiting(limit)
    while trial.nowMilliseconds < end, trial.isUp[Self.service] {
      for client in clients.indices { begin(client) }
      try step(within: end - trial.nowMilliseconds)
    }
  }

  private func step(within limit: Int) throws {
    try trial.advance(untilReplyOrMilliseconds: max(1, min(limit, 10)))
    try hear()
  }

  private func begin(_ number: Int) {
    guard clients[number].open == nil, trial.isUp[Self.service],
      trial.nowMilliseconds >= clients[number].restsUntilMilliseconds
    else { return }
    if let body = clients[number].unanswered { return ask(body, by: number) }
    guard !isClosing else { return }
    clients[number].restsUntilMilliseconds = trial.nowMilliseconds + trial.choices.next(in: restMilliseconds)
    let choice = trial.choices.next(in: 0...99)
    let (user, key) = (trial.choices.element(of: Self.users), trial.choices.next(in: 1...2))
    let order = Order(
      item: trial.choices.element(of: Self.items), quantity: trial.choices.next(in: 1...4))
    let place = trial.choices.next(in: 0...999_999)
    guard trial.takes(.request) else { return }
    switch choice {
    case 0..<15 where !ids.isEmpty:
      let id = place % 8 == 0 ? "nothing" : ids[place % ids.count]
      ask(.cancel(id: id), by: number)
    case 15..<45 where !asked.isEmpty:
      // Somebody asks once more for what was asked lately, or for something else under its key.
      let lately = Array(asked.suffix(3))
      let again = lately[place % lately.count]
      openPlace(user: again.user, key: again.key, choice < 35 ? again.order : order, by: number)
    default: openPlace(user: user, key: "\(asked.count / 6).\(key)", order, by: number)
    }
  }

  func openPlace(user: String, key: String, _ order: Order, by number: Int) {
    asked.append((user, key, order))
    ask(.place(user: user, key: key, order), by: number)
  }

  private func ask(_ body: OrderRequest, by number: Int) {
    clients[number].unanswered = nil
    let call = trial.nowMicroseconds + 1
    let kind: Open.Kind
    switch body {
    case .place(let user, let key, let order):
      kind = .place(requests.count)
      requests.append(
        IdempotentRequests.Request(name: Self.name(user, key), body: Self.words(order), call: call))
    case .cancel(let id): kind = .cancel(id)
    case .orders: return
    }
    let request = trial.request(
      body, to: Self.service, client: number + 1, afterMicroseconds: 1, isStep: false)
    clients[number].open = Open(
      kind: kind, body: body, boot: trial.boots[Self.service], call: call, request: request)
  }

  private static func name(_ user: String, _ key: String) -> String { "\(user)'s key \(key)" }
  private static func words(_ order: Order) -> String { "\(order.quantity) \(order.item)" }

  // MARK: Hearing

  /// Whether the service reaches the catalogue: else nobody need be answered.
  var isCatalogueInReach = true
  private var outOfReachUntil = 0

  /// Remembers that prices could not be asked for until now.
  func catalogueIsBack() {
    isCatalogueInReach = true
    outOfReachUntil = trial.nowMicroseconds
  }

  private func hear() throws {
    for number in clients.indices {
      guard let open = clients[number].open else { continue }
      if let reply = trial.replies[open.request] {
        clients[number].open = nil
        try take(OrderReply(wireBytes: reply.body), at: reply.timeMicroseconds, to: open)
      } else if open.boot != trial.boots[Self.service] || !trial.isUp[Self.service] {
        clients[number].open = nil
        clients[number].unanswered = open.body
      } else if isCatalogueInReach,
        trial.nowMicroseconds - max(open.call, outOfReachUntil) > OrderBounds.answerMilliseconds * 1_000
      {
        throw Violation(
          property: "No progress: a request is never answered", section: "contract",
          evidence:
            "n\(Self.service) was asked to \(open.body.words) \(OrderBounds.answerMilliseconds) ms ago, reaches the "
            + "catalogue, has not crashed, and has not answered.", nodes: [Self.service - 1], kind: .progress)
      }
    }
  }

  private func take(_ reply: OrderReply, at time: Int, to open: Open) throws {
    switch (reply, open.kind) {
    case (.placed(let id, let cents), .place(let place)):
      requests[place].answer = .done(id: id)
      requests[place].time = time
      try requireOneOrder(for: requests[place], id)
      costs[id] = cents
      if !ids.contains(id) { ids.append(id) }
    case (.conflict, .place(let place)):
      requests[place].answer = .conflict
      requests[place].time = time
    case (.cancelled, .cancel(let id)) where ids.contains(id): cancelled.insert(id)
    case (.noSuchOrder, .cancel(let id)) where !ids.contains(id): return
    case (.cancelled, .cancel(let id)):
      throw Violation(
        property: "What nobody placed is not cancelled", section: "contract",
        evidence:
          "n\(Self.service) was asked to cancel \(id), which is no order, and says that it is cancelled.",
        nodes: [Self.service - 1])
    case (.noSuchOrder, .cancel(let id)):
      throw Violation(
        property: "What is acknowledged lasts", section: "contract",
        evidence:
          "\(id) was placed, by the word of the service; asked to cancel it, it knows of no such order.",
        nodes: [Self.service - 1])
    default:
      throw Violation(
        property: "The answer fits the request", section: "contract",
        evidence: "n\(Self.service) was asked to \(open.body.words) and answered \(reply).",
        nodes: [Self.service - 1])
    }
  }

  /// Two answers that differ need no look at the disk.
  private func requireOneOrder(for request: IdempotentRequests.Request, _ id: String) throws {
    for other in requests where other.name == request.name {
      guard case .done(let first) = other.answer, first != id else { continue }
      try trial.always {
        throw Violation(
          property: "One effect a key", section: "Idempotency-Key",
          evidence:
            "\(request.name) stands for \(first) (\(other.body)), and now for \(id) (\(request.body)).",
          nodes: [Self.service - 1])
      }
    }
  }

  // MARK: The end

  /// Lets every request end that is open, those among them that were lost.
  func settle() throws {
    isClosing = true
    defer { isClosing = false }
    let end = trial.nowMilliseconds + OrderBounds.publishMilliseconds
    while clients.contains(where: { $0.open != nil || $0.unanswered != nil }) {
      guard trial.nowMilliseconds < end else { throw NotExercised("the service does not run") }
      for client in clients.indices { begin(client) }
      try step(within: 50)
    }
  }

  /// Faults end; requests are answered again; all events come into the log, in time; and everything is judged.
  func closeInCalm(publishingWithinMilliseconds limit: Int = OrderBounds.publishMilliseconds) throws {
    try trial.always {
      try endFaults()
      try work(milliseconds: 500)
      try settle()
      let orders = try orders()
      try run.demand(
        IdempotentRequests().check(
          requests,
          effects: orders.map {
            IdempotentRequests.Effect(
              id: $0.id, name: Self.name($0.user, $0.key), body: Self.words($0.order))
          }))
      for order in orders { try judge(order) }
      _ = try trial.advance(
        until: { try !self.isMissing(self.verdict(orders, self.readLog())) }, withinMilliseconds: limit,
        stepMilliseconds: 500)
      try run.demand(verdict(orders, readLog()), nodes: [Self.log, Self.service])
    }
  }

  /// Demands that the relay comes to rest: without a fault few events lie in the log twice, when all are there nothing is
  /// added, and a service that starts again knows which are there, or most of them.
  func requireRest() throws {
    let before = try readLog().joined().count
    try trial.advance(milliseconds: 3_000)
    let log = try readLog().joined().map(\.event)
    let events = Set(log).count
    try require(
      log.count == before, "all \(events) events were in the log, and 3 s later there are more records")
    try require(log.count <= 2 * events, "without a fault, \(events) events make \(log.count) records")
    trial.crash(Self.service)
    try run.raiseTheFallen()
    try trial.advance(milliseconds: 3_000)
    let added = try readLog().joined().count - log.count
    try require(
      2 * added <= events,
      "all \(events) events were in the log; the service fell and started again, and sent \(added) of them once more"
    )
  }

  private func require(_ condition: Bool, _ evidence: String) throws {
    guard !condition else { return }
    throw Violation(
      property: "The relay comes to rest", section: "contract",
      evidence: evidence.prefix(1).uppercased() + evidence.dropFirst() + ".", nodes: [Self.service - 1],
      kind: .budget)
  }

  private func judge(_ order: PlacedOrder) throws {
    let price = try price(of: order.order.item)
    if order.cents != price * order.order.quantity || costs[order.id] ?? order.cents != order.cents {
      throw Violation(
        property: "The catalogue's price", section: "contract",
        evidence: "\(order.id), \(Self.words(order.order)), costs \(order.cents) cents by what is on the disk"
          + (costs[order.id].map { ", \($0) by what the user was told," } ?? ",")
          + " and \(price * order.order.quantity) by the catalogue.", nodes: [Self.service - 1])
    }
    guard cancelled.contains(order.id), !order.isCancelled else { return }
    throw Violation(
      property: "What is acknowledged lasts", section: "contract",
      evidence: "A user was told that \(order.id) is cancelled; on the disk it is not.",
      nodes: [Self.service - 1])
  }

  private func verdict(
    _ orders: [PlacedOrder], _ log: [[(key: String, event: String)]]
  ) -> Verdict {
    var changes: [String: [String]] = [:]
    for var order in orders {
      let isCancelled = order.isCancelled
      order.isCancelled = false
      changes[order.id] =
        [OrderEvent.placed(order).value] + (isCancelled ? [OrderEvent.cancelled(id: order.id).value] : [])
    }
    return PublishedChanges().check(changes: changes, log: log)
  }

  /// Whether an event may still come.
  private func isMissing(_ verdict: Verdict) -> Bool {
    if case .violated(let violation) = verdict {
      violation.property == "Every change is published"
    } else {
      false
    }
  }

  // MARK: Asking nodes

  private func orders() throws -> [PlacedOrder] {
    let reply: OrderReply = try run.ask(OrderRequest.orders, Self.service)
    guard case .orders(let orders) = reply else {
      throw Violation(
        property: "The answer fits the request", section: "contract",
        evidence: "n\(Self.service) was asked for all orders and answered \(reply).",
        nodes: [Self.service - 1])
    }
    return orders
  }

  private func price(of item: String) throws -> Int {
    let reply: PriceReply = try run.ask(PriceRequest(item: item), Self.catalogue)
    return reply.cents
  }

  /// All that is in the log, by partition.
  private func readLog() throws -> [[(key: String, event: String)]] {
    try run.records(of: OrderEvent.topic).map { $0.map { ($0.key, $0.value) } }
  }

  /// Faults end, and prices can be asked for again.
  func endFaults() throws {
    try run.endFaults()
    catalogueIsBack()
  }
}

extension OrderRequest {
  /// What is asked for, after "asked to".
  fileprivate var words: String {
    switch self {
    case .place(let user, let key, let order):
      "place \(order.quantity) \(order.item) for \(user), key \(key),"
    case .cancel(let id): "cancel \(id)"
    case .orders: "say which orders there are"
    }
  }
}
