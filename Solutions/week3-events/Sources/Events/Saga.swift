import LabKit

/// How far an order has come: a plan of steps that goes forward, or back the way that it came (Garcia-Molina and Salem,
/// "Sagas", SIGMOD 1987).
struct Saga: Hashable, Codable {
  enum Phase: Hashable, Codable {
    /// This step is to be done. It may be done already.
    case forward(SagaStep)
    /// This step is to be undone, and then those before it. It may never have been done.
    case back(SagaStep)
    case completed, cancelled
  }

  let order: String
  private(set) var phase = Phase.forward(.order)

  init(order: String) { self.order = order }

  /// Who is to be told what next; nil if the saga has ended.
  var next: (message: ServiceMessage, participant: NodeID)? {
    switch phase {
    case .forward(let step): (.perform(action(step)), step.participant)
    case .back(let step): (.compensate(action(step)), step.participant)
    case .completed, .cancelled: nil
    }
  }

  /// An order has one saga, whoever starts it how often: the order's name is the saga's.
  private func action(_ step: SagaStep) -> SagaAction { SagaAction(saga: order, order: order, step: step) }

  mutating func performed(_ step: SagaStep) {
    guard phase == .forward(step) else { return }
    phase = step.next.map(Phase.forward) ?? .completed
  }

  /// The step is not done, and never will be: back begins before it.
  mutating func failed(_ step: SagaStep) {
    guard phase == .forward(step) else { return }
    goBack(from: step.previous)
  }

  mutating func compensated(_ step: SagaStep) {
    guard phase == .back(step) else { return }
    goBack(from: step.previous)
  }

  /// Nobody knows whether the step is done, or will be: back begins with it. Where it cannot be undone there is only forward.
  mutating func timedOut() {
    guard case .forward(let step) = phase, step.isCompensable else { return }
    goBack(from: step)
  }

  private mutating func goBack(from step: SagaStep?) { phase = step.map(Phase.back) ?? .cancelled }
}
