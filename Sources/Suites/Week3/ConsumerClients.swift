import Checkers
import LabKit
import Runner

/// Events that come into the log for a service which lives on them: orders that are placed, cancelled and returned, each told
/// at least once. What the service has made of them is judged when all is quiet.
final class ConsumerClients {
  enum Service {
    case inventory, payments

    var groups: [ConsumerGroup] { self == .inventory ? ConsumerGroup.inventory : ConsumerGroup.payments }
    var node: Int { self == .inventory ? 2 : 3 }
  }

  /// How often events come again, and in which order they come.
  struct Habits {
    var restMilliseconds = 0...60
    /// Of a hundred events, so many are copies of earlier ones.
    var repeatsPercent = 10
    /// Of a hundred orders, so many are over before the log tells of them.
    var overtakenPercent = 10
  }

  static let provider = NodeID.provider.number
  private static let users = ["ana", "ben", "eve"]
  private static let items = ["book", "lamp", "tea"]

  let trial: Trial
  let run: ServiceRun
  let service: Service
  var habits = Habits()
  private let feed: LogFeed
  private var orders: [PlacedOrder] = []
  /// The orders that were cancelled or came back, by what is or will be told.
  private var over: Set<String> = []
  /// What the provider has done.
  private var transfers: [Transfer] = []
  private var notOver: [PlacedOrder] = []
  private var nextAtMilliseconds = 0
  /// Another member of the groups, which takes partitions and does nothing with them.
  private var idler: String?
  private var idlerJoinsAtMilliseconds = 0

  init(_ trial: Trial, _ service: Service) {
    self.trial = trial
    self.service = service
    feed = LogFeed(trial)
    run = ServiceRun(
      trial, service: service.node, client: 3, answerMilliseconds: ConsumerBounds.answerMilliseconds)
    guard service == .payments else { return }
    trial.observe = { [unowned self] _, record in
      guard case .output(Self.provider, let body) = record else { return }
      try judge(Transfer(wireBytes: body))
    }
  }

  /// The provider has made a transfer: what is wrong for good is found at once.
  private func judge(_ transfer: Transfer) throws {
    transfers.append(transfer)
    let verdict = payments(orders, over: over, transfers, isComplete: false)
    guard case .violated(var violation) = verdict else { return }
    violation.nodes = [Self.provider - 1, service.node - 1]
    throw violation
  }

  private func payments(
    _ orders: [PlacedOrder], over: Set<String>, _ transfers: [Transfer], isComplete: Bool
  ) -> Verdict {
    OrderPayments().check(
      orders.map { .init(id: $0.id, user: $0.user, cents: $0.cents, isOver: over.contains($0.id)) },
      transfers.map { .init(id: $0.id, order: $0.order, user: $0.user, cents: $0.cents) },
      isComplete: isComplete)
  }

  // MARK: Events

  /// Events come, for so long or until the service falls.
  func work(milliseconds: Int, untilServiceFalls: Bool = false) throws {
    let end = trial.nowMilliseconds + trial.waiting(milliseconds)
    while trial.nowMilliseconds < end, !untilServiceFalls || trial.isUp[service.node] {
      if trial.nowMilliseconds >= nextAtMilliseconds { happen() }
      try feed.step(milliseconds: max(1, min(10, end - trial.nowMilliseconds)), also: idle)
    }
  }

  /// Something happens in the shop.
  private func happen() {
    nextAtMilliseconds = trial.nowMilliseconds + trial.choices.next(in: habits.restMilliseconds)
    let (choice, place) = (trial.choices.next(in: 0...99), trial.choices.next(in: 0...999_999))
    let order = PlacedOrder(
      id: "o\(orders.count + 1)", user: trial.choices.element(of: Self.users), key: "",
      order: Order(
        item: trial.choices.element(of: Self.items), quantity: trial.choices.next(in: 1...3)),
      cents: 100 * trial.choices.next(in: 1...3))
    let isOvertaken = trial.choices.next(in: 0...99) < habits.overtakenPercent
    guard trial.takes(.request) else { return }
    switch choice {
    case 0..<habits.repeatsPercent where !feed.told.isEmpty:
      feed.add(feed.told[place % feed.told.count])
    case 70... where !notOver.isEmpty:
      let over = notOver.remove(at: place % notOver.count).id
      tell(place % 2 == 0 ? .cancelled(id: over) : .returned(id: over))
      // A parcel comes back although its order was cancelled: it was on its way.
      if place % 5 == 0 { tell(place % 2 == 0 ? .returned(id: over) : .cancelled(id: over)) }
    default:
      orders.append(order)
      if isOvertaken {
        tell(.returned(id: order.id))
      } else {
        notOver.append(order)
      }
      tell(.placed(order))
    }
  }

  private func tell(_ event: OrderEvent) {
    switch event {
    case .placed: break
    case .cancelled(let id), .returned(let id): over.insert(id)
    }
    let topic = if case .returned = event { OrderEvent.returnsTopic } else { OrderEvent.topic }
    feed.add(.init(topic: topic, key: event.key, value: event.value))
  }

  /// Tells once more, in any order, what was told so far: so many events of it.
  func tellAgain(_ count: Int) {
    for _ in 0..<count where !feed.told.isEmpty {
      let entry = trial.choices.element(of: feed.told)
      if trial.takes(.request) { feed.add(entry) }
    }
  }

  // MARK: Another member

  /// Another member joins the groups.
  func idlerComes() {
    // Members are dealt their partitions in the order of their names.
    let name = trial.choices.element(of: ["a", "z"])
    idlerJoinsAtMilliseconds = trial.nowMilliseconds
    if trial.takes(.fault) { idler = name }
  }

  /// The member leaves, or is silent from now on.
  func idlerGoes(leaving: Bool) {
    guard let name = idler else { return }
    idler = nil
    guard leaving else { return }
    for group in service.groups {
      _ = trial.request(
        LogRequest.leave(group, member: name), to: ServiceRun.log, client: 2, isStep: false)
    }
  }

  private func idle() {
    guard let name = idler, trial.nowMilliseconds >= idlerJoinsAtMilliseconds else { return }
    idlerJoinsAtMilliseconds = trial.nowMilliseconds + 300
    for group in service.groups {
      _ = trial.request(
        LogRequest.join(group, member: name), to: ServiceRun.log, client: 2, afterMicroseconds: 1,
        isStep: false)
    }
  }

  // MARK: The end

  /// Faults end; all events come to their effects and are committed, in time; and the service keeps them through a fall.
  func closeInCalm(withinMilliseconds limit: Int = ConsumerBounds.settleMilliseconds) throws {
    try trial.always {
      try run.endFaults()
      idlerGoes(leaving: false)
      try feed.finish(withinMilliseconds: limit, also: idle)
      let truth = try Truth(run)
      try settle(truth, withinMilliseconds: limit)
      try letGo()
      trial.crash(service.node)
      try run.raiseTheFallen()
      try trial.advance(milliseconds: 1_000)
      try settle(truth, withinMilliseconds: limit)
    }
  }

  /// The log lets all records go: they are committed. What the service has not written down now is lost.
  private func letGo() throws {
    for topic in [OrderEvent.topic, OrderEvent.returnsTopic] {
      for number in 0..<LogBounds.partitions {
        let reply: LogReply = try run.ask(
          LogRequest.retain(Partition(topic, number), last: 0), ServiceRun.log)
        guard case .retained = reply else { throw LabError("the log answered \(reply)") }
      }
    }
  }

  /// What the log tells in the end.
  private struct Truth {
    var orders: [String: PlacedOrder] = [:]
    var over: Set<String> = []
    /// The end of each partition that holds a record, by topic.
    var ends: [String: [Int: Int]] = [:]

    init(_ run: ServiceRun) throws {
      for topic in [OrderEvent.topic, OrderEvent.returnsTopic] {
        for (number, records) in try run.records(of: topic).enumerated() {
          ends[topic, default: [:]][number] = records.last.map { $0.offset + 1 }
          for record in records {
            switch OrderEvent(record) {
            case .placed(let order): orders[order.id] = order
            case .cancelled(let id), .returned(let id): over.insert(id)
            case nil: throw LabError("the judge's own event is not read: \(record.value)")
            }
          }
        }
      }
    }

    var all: [PlacedOrder] { orders.values.sorted { $0.id < $1.id } }
  }

  /// What the service and the provider say.
  private struct State: Equatable {
    var totals: [String: Int]
    var transfers: [Transfer]
    /// The first partition whose records are not committed to the end.
    var uncommitted: String?
  }

  private func state(_ truth: Truth) throws -> State {
    let totals: TotalsReply = try run.ask(TotalsRequest(), service.node)
    var state = State(totals: totals.totals, transfers: [])
    if service == .payments {
      let transfers: TransfersReply = try run.ask(TransfersRequest(), Self.provider)
      state.transfers = transfers.transfers
    }
    for group in service.groups {
      let reply: LogReply = try run.ask(LogRequest.committed(group), ServiceRun.log)
      guard case .offsets(let offsets) = reply else { throw LabError("the log answered \(reply)") }
      for (number, end) in (truth.ends[group.topic] ?? [:]).sorted(by: { $0.key < $1.key })
      where offsets[number] ?? 0 < end {
        state.uncommitted =
          state.uncommitted
          ?? "\(group.topic)/\(number) holds records up to offset \(end - 1), and the group \(group.name) has "
          + (offsets[number].map { "committed \($0)" } ?? "committed none of them")
      }
    }
    return state
  }

  /// Waits until all is done, or nothing changes any more.
  private func settle(_ truth: Truth, withinMilliseconds limit: Int) throws {
    let end = trial.nowMilliseconds + limit
    var (state, changedAt) = (try state(truth), trial.nowMilliseconds)
    while trial.nowMilliseconds < end {
      try judge(truth, state, isComplete: false)
      if state.uncommitted == nil {
        if case .holds = verdict(truth, state, isComplete: true) { return }
        if trial.nowMilliseconds - changedAt > 1_000 { break }
      }
      try feed.step(milliseconds: 100, also: idle)
      let next = try self.state(truth)
      if next != state { (state, changedAt) = (next, trial.nowMilliseconds) }
    }
    try judge(truth, state, isComplete: true)
    guard let uncommitted = state.uncommitted else { return }
    throw Violation(
      property: "No progress: events are not committed", section: "contract",
      evidence: "\(uncommitted), \(limit) ms after the last event.",
      nodes: [service.node - 1], kind: .progress)
  }

  private func judge(_ truth: Truth, _ state: State, isComplete: Bool) throws {
    try run.demand(
      verdict(truth, state, isComplete: isComplete),
      nodes: service == .payments ? [Self.provider, service.node] : nil)
  }

  private func verdict(_ truth: Truth, _ state: State, isComplete: Bool) -> Verdict {
    if service == .payments {
      let payments = payments(truth.all, over: truth.over, state.transfers, isComplete: isComplete)
      guard case .holds = payments, isComplete else { return payments }
    }
    guard isComplete else { return .holds }
    let isStock = service == .inventory
    return CountedEvents().check(
      truth.all.map {
        .init(
          id: $0.id, name: isStock ? $0.order.item : $0.user,
          amount: isStock ? $0.order.quantity : $0.cents, isOver: truth.over.contains($0.id))
      },
      totals: state.totals)
  }
}
