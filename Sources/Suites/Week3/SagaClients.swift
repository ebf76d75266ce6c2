import Checkers
import LabKit
import Runner

/// Clients who start orders and ask how they ended, while the judge watches what those who take part do.
final class SagaClients {
  /// How those who take part deal with orders.
  struct Trouble {
    /// Of a hundred orders, so many are refused by somebody.
    var refusedPercent = 0
    /// Of a hundred orders, so many meet somebody who is slow.
    var slowPercent = 0
    /// How often a step is put off that is to be undone, or to confirm.
    var mostTimesPutOff = 0
    /// Of a hundred orders, so many are started again later.
    var repeatsPercent = 10
    var restMilliseconds = 0...80
  }

  private struct Order {
    let id: String
    /// Who refuses it, and which step takes how long: what was arranged.
    let refused: SagaStep?
    let slow: [SagaStep: Int]
    var isAccepted = false
    var outcome: SagaReply?

    /// Whether its end is known. Whoever was not told that it has started asks again, so it does.
    var hasEnded: Bool { outcome == .completed || outcome == .cancelled }
  }

  private struct Question {
    let body: SagaRequest
    let request: Int
    let boot: Int
    let atMilliseconds: Int
  }

  static let service = 5
  /// An order that nobody starts.
  private static let unknown = "nothing"

  let trial: Trial
  let run: ServiceRun
  var trouble = Trouble()
  private var rules: SagaRules
  private let isCalm: Bool
  private var orders: [Order] = []
  private var questions: [Question] = []
  /// What is to be asked again: the service fell before it answered.
  private var unanswered: [SagaRequest] = []
  private var nextAtMilliseconds = 0

  /// - Parameter isCalm: whether there are no faults.
  init(_ trial: Trial, isCalm: Bool) {
    self.trial = trial
    self.isCalm = isCalm
    rules = SagaRules(
      steps: SagaStep.allCases.map(\.description), pivot: SagaStep.shipping.rawValue, isCalm: isCalm)
    run = ServiceRun(
      trial, service: Self.service, client: 2, answerMilliseconds: SagaBounds.answerMilliseconds)
    trial.observe = { [unowned self] _, record in try observe(record) }
  }

  // MARK: Watching

  private func observe(_ record: TraceRecord) throws {
    guard case .output(_, let body) = record, let effect = try? SagaEffect(wireBytes: body) else { return }
    do {
      try rules.note(
        SagaRules.Effect(effect.kind), step: effect.action.step.rawValue, saga: effect.action.saga,
        order: effect.action.order)
    } catch {
      var violation = error
      violation.nodes = [Self.service - 1, effect.action.step.participant.number - 1]
      throw violation
    }
  }

  // MARK: Clients

  func work(milliseconds: Int, untilServiceFalls: Bool = false) throws {
    let end = trial.nowMilliseconds + trial.waiting(milliseconds)
    while trial.nowMilliseconds < end, !untilServiceFalls || trial.isUp[Self.service] {
      if trial.nowMilliseconds >= nextAtMilliseconds { begin() }
      try step(milliseconds: max(1, min(10, end - trial.nowMilliseconds)))
    }
  }

  /// Waits for answers, and starts nothing.
  func wait(milliseconds: Int, untilServiceFalls: Bool = false) throws {
    let end = trial.nowMilliseconds + trial.waiting(milliseconds)
    while trial.nowMilliseconds < end, !untilServiceFalls || trial.isUp[Self.service] {
      try step(milliseconds: max(1, min(10, end - trial.nowMilliseconds)))
    }
  }

  private func begin() {
    nextAtMilliseconds = trial.nowMilliseconds + trial.choices.next(in: trouble.restMilliseconds)
    let (choice, place) = (trial.choices.next(in: 0...99), trial.choices.next(in: 0...999_999))
    let isRefused = trial.choices.next(in: 0...99) < trouble.refusedPercent
    let refusing = trial.choices.element(of: SagaStep.allCases.dropLast())
    let isSlow = trial.choices.next(in: 0...99) < trouble.slowPercent
    let slow = trial.choices.element(of: SagaStep.allCases.dropLast())
    // Well within what is waited for, or far beyond; a parcel that leaves late must be waited for in any case.
    let isLong = trial.choices.chance(partsPerMillion: 600_000)
    let milliseconds =
      isLong
      ? trial.choices.next(in: slow == .shipping ? 1_500...3_000 : 1_500...20_000)
      : trial.choices.next(in: 50...SagaBounds.patienceMilliseconds - 200)
    // Each of them is within what is waited for, all together are not.
    let areAllSlow = trial.choices.chance(partsPerMillion: 300_000)
    let putOff = trial.choices.next(in: 0...trouble.mostTimesPutOff)
    guard trial.takes(.request) else { return }
    if choice < trouble.repeatsPercent, !orders.isEmpty {
      // Whatever is told of its end before is told after it.
      let id = orders[place % orders.count].id
      return [.outcome(order: id), .start(order: id), .outcome(order: id)].forEach { ask($0) }
    }
    let slowSteps: [SagaStep: Int] =
      if !isSlow { [:] } else if areAllSlow {
        [.payment: 400 + milliseconds % 400, .inventory: 700, .shipping: 600]
      } else { [slow: milliseconds] }
    start(refusedBy: isRefused ? refusing : nil, slow: slowSteps, timesPutOff: putOff)
    if choice >= 100 - trouble.repeatsPercent, let order = orders.last { ask(.start(order: order.id)) }
  }

  /// Starts an order, and arranges how it is dealt with.
  func start(refusedBy refused: SagaStep? = nil, slow: [SagaStep: Int] = [:], timesPutOff: Int = 0) {
    let order = Order(id: "o\(orders.count + 1)", refused: refused, slow: slow)
    orders.append(order)
    for step in SagaStep.allCases {
      var manner = Arrangement.Manner(refuses: refused == step, milliseconds: slow[step] ?? 0)
      if step.isCompensable || step == .confirmation { manner.timesPutOff = timesPutOff }
      guard manner != Arrangement.Manner() else { continue }
      _ = trial.request(
        Arrangement(order: order.id, step: step, manner), to: step.participant.number, client: 2,
        isStep: false)
    }
    ask(.start(order: order.id))
  }

  /// Asks how an order ended that nobody has started.
  func askForUnknown() { ask(.outcome(order: Self.unknown)) }

  private func ask(_ body: SagaRequest) {
    guard trial.isUp[Self.service] else { return unanswered.append(body) }
    let request = trial.request(
      body, to: Self.service, client: 1, afterMicroseconds: 1, isStep: false)
    questions.append(
      Question(
        body: body, request: request, boot: trial.boots[Self.service], atMilliseconds: trial.nowMilliseconds))
  }

  private func step(milliseconds: Int) throws {
    let end = trial.nowMilliseconds + milliseconds
    repeat {
      try hear()
      if trial.isUp[Self.service] {
        let again = unanswered
        unanswered = []
        for body in again { ask(body) }
      }
      try trial.advance(untilReplyOrMilliseconds: max(1, end - trial.nowMilliseconds))
    } while trial.nowMilliseconds < end
    try hear()
  }

  private func hear() throws {
    let open = questions
    questions = []
    for question in open {
      if let reply = trial.replies[question.request] {
        try take(SagaReply(wireBytes: reply.body), to: question.body)
      } else if question.boot != trial.boots[Self.service] || !trial.isUp[Self.service] {
        unanswered.append(question.body)
      } else if trial.nowMilliseconds - question.atMilliseconds > SagaBounds.answerMilliseconds {
        throw Violation(
          property: "No progress: a request is never answered", section: "contract",
          evidence:
            "n\(Self.service) was asked to \(question.body.words) \(SagaBounds.answerMilliseconds) ms ago, has not crashed, "
            + "and has not answered.", nodes: [Self.service - 1], kind: .progress)
      } else {
        questions.append(question)
      }
    }
  }

  private func take(_ reply: SagaReply, to body: SagaRequest) throws {
    switch (body, reply) {
    case (.start(let id), .started):
      for place in orders.indices where orders[place].id == id { orders[place].isAccepted = true }
    case (.outcome(Self.unknown), .noSuchOrder): return
    case (.outcome(let id), .running), (.outcome(let id), .completed), (.outcome(let id), .cancelled),
      (.outcome(let id), .noSuchOrder):
      if id == Self.unknown { fallthrough }
      for place in orders.indices where orders[place].id == id {
        try judge(reply, told: orders[place])
        try requireSame(reply, as: orders[place])
        orders[place].outcome = reply
      }
    default:
      throw Violation(
        property: "The answer fits the request", section: "contract",
        evidence: "n\(Self.service) was asked to \(body.words) and answered \(reply).",
        nodes: [Self.service - 1])
    }
  }

  // MARK: Judging

  private func judge(_ reply: SagaReply, told order: Order) throws {
    switch reply {
    case .completed, .cancelled:
      try run.demand(rules.checkTold(completed: reply == .completed, order: order.id))
    case .noSuchOrder where order.isAccepted:
      try run.demand(
        .violated(
          Violation(
            property: "What is acknowledged lasts", section: "contract",
            evidence:
              "\(order.id) was started, by the word of n\(Self.service); now it knows of no such order."
          )))
    default: return
    }
  }

  /// An end that was told once is told for good.
  private func requireSame(_ reply: SagaReply, as order: Order) throws {
    guard order.hasEnded, reply != order.outcome, let outcome = order.outcome else { return }
    try run.demand(
      .violated(
        Violation(
          property: "What is acknowledged lasts", section: "contract",
          evidence: "\(order.id) was \(outcome), by the word of n\(Self.service); now it says: \(reply).")))
  }

  /// All have ended in time, each wholly or not at all.
  private func judgeTheEnd() throws {
    for order in Set(orders.map(\.id)).union(rules.orders).sorted() {
      try run.demand(rules.checkEnd(of: order))
    }
  }

  /// In a calm, whoever was not refused is completed, unless somebody was too slow.
  private func judgeOutcomes() throws {
    for order in orders where order.outcome == .cancelled && order.refused == nil {
      guard order.slow.allSatisfy({ $0.key == .shipping || $0.value <= SagaBounds.patienceMilliseconds })
      else { continue }
      throw Violation(
        property: "A saga without trouble is carried through", section: "contract",
        evidence:
          "\(order.id) is cancelled, and nobody refused it\(words(order.slow)). A step is waited for "
          + "\(SagaBounds.patienceMilliseconds) ms.",
        nodes: [Self.service - 1])
    }
  }

  /// Lets faults end, and all orders with them; judges all.
  func closeInCalm(withinMilliseconds limit: Int = SagaBounds.settleMilliseconds) throws {
    try trial.always {
      try run.endFaults()
      let end = trial.nowMilliseconds + limit
      while true {
        for order in orders where !order.hasEnded { ask(.outcome(order: order.id)) }
        try step(milliseconds: 100)
        guard let running = orders.first(where: { !$0.hasEnded }) else { break }
        guard trial.nowMilliseconds < end else { throw endless(running, limit) }
      }
      // What comes late changes nothing.
      try trial.advance(milliseconds: 500)
      try judgeTheEnd()
      if isCalm { try judgeOutcomes() }
      trial.crash(Self.service)
      try run.raiseTheFallen()
      for order in orders { ask(.outcome(order: order.id)) }
      try step(milliseconds: 500)
      try judgeTheEnd()
    }
  }

  private func words(_ slow: [SagaStep: Int]) -> String {
    slow.sorted { $0.key < $1.key }.map { "; the \($0.key) takes \($0.value) ms" }.joined()
  }

  private func endless(_ order: Order, _ limit: Int) -> Violation {
    Violation(
      property: "No progress: a saga does not end", section: "contract",
      evidence:
        "\(order.id) is neither completed nor cancelled, \(limit) ms after "
        + (isCalm ? "the last order was started" : "the last fault")
        + ": \(rules.words(of: order.id))\(words(order.slow)).",
      nodes: [Self.service - 1], kind: .progress)
  }
}

extension SagaRules.Effect {
  init(_ kind: SagaEffect.Kind) {
    switch kind {
    case .begun: self = .begun
    case .done: self = .done
    case .refused: self = .refused
    case .undone: self = .undone
    case .blocked: self = .blocked
    case .cannotBeUndone: self = .cannotBeUndone
    }
  }
}

extension SagaRequest {
  /// What is asked for, after "asked to".
  fileprivate var words: String {
    switch self {
    case .start(let order): "start \(order)"
    case .outcome(let order): "say how \(order) ended"
    }
  }
}
