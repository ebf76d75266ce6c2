import LabKit

/// Carries orders out, step by step, or takes them back. Stage 3D.
///
/// How far each saga has come is on the disk before anybody is told to go on, so a restart goes on from there: every message
/// may be sent again, for participants do a step once.
public struct SagaOrchestrator: OrchestratorNode {
  static let retryInterval = Duration.milliseconds(150)
  /// For so long a step is waited for.
  static let timeout = Duration.milliseconds(SagaBounds.patienceMilliseconds + 200)

  private var sagas: [String: Saga] = [:]
  /// When the present step of each saga was first asked for, in this life.
  private var askedAt: [String: Duration] = [:]

  public init(id: NodeID, members: [NodeID]) {}

  public var status: SagaStatus {
    sagas.values.reduce(into: SagaStatus(forward: 0)) { status, saga in
      switch saga.phase {
      case .forward: status.forward += 1
      case .back: status.back += 1
      case .completed, .cancelled: status.ended += 1
      }
    }
  }

  // MARK: Events

  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    for order in disk.value([String].self, under: "orders") ?? [] {
      sagas[order] = disk.value(Saga.self, under: order)
    }
    for order in sagas.keys.sorted() { goOn(order, &context) }
    context.setTimer(.retry, after: Self.retryInterval)
  }

  public mutating func handle(
    _ request: SagaRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    switch request {
    case .start(let order):
      if sagas[order] == nil { begin(order, &context) }
      context.reply(.started, to: token)
    case .outcome(let order): context.reply(outcome(of: order), to: token)
    }
  }

  public mutating func receive(
    _ message: ServiceMessage, from sender: NodeID, _ context: inout Context<Self>
  ) {
    switch message {
    case .performed(let action): change(action.order, &context) { $0.performed(action.step) }
    case .failed(let action): change(action.order, &context) { $0.failed(action.step) }
    case .compensated(let action): change(action.order, &context) { $0.compensated(action.step) }
    // It is asked again when the timer runs out, for as long as it takes.
    case .notNow: return
    default: return
    }
  }

  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    for (order, asked) in askedAt.sorted(by: { $0.key < $1.key }) {
      let before = sagas[order]
      if context.uptime - asked > Self.timeout { change(order, &context) { $0.timedOut() } }
      if sagas[order] == before { ask(order, &context) }
    }
    context.setTimer(.retry, after: Self.retryInterval)
  }

  // MARK: Sagas

  private func outcome(of order: String) -> SagaReply {
    switch sagas[order]?.phase {
    case .forward, .back: .running
    case .completed: .completed
    case .cancelled: .cancelled
    case nil: .noSuchOrder
    }
  }

  private mutating func begin(_ order: String, _ context: inout Context<Self>) {
    let saga = Saga(order: order)
    sagas[order] = saga
    // The list comes last: what is on it is on the disk.
    context.persist(saga, under: order)
    context.persist(sagas.keys.sorted(), under: "orders")
    goOn(order, &context)
  }

  /// Changes a saga. If that brings it further, it is written down, and the next step is asked for.
  private mutating func change(
    _ order: String, _ context: inout Context<Self>, _ body: (inout Saga) -> Void
  ) {
    guard let before = sagas[order] else { return }
    var saga = before
    body(&saga)
    guard saga != before else { return }
    sagas[order] = saga
    context.persist(saga, under: order)
    goOn(order, &context)
  }

  private mutating func goOn(_ order: String, _ context: inout Context<Self>) {
    askedAt[order] = sagas[order]?.next == nil ? nil : context.uptime
    ask(order, &context)
  }

  private func ask(_ order: String, _ context: inout Context<Self>) {
    guard let (message, participant) = sagas[order]?.next else { return }
    context.send(message, to: participant)
  }
}
