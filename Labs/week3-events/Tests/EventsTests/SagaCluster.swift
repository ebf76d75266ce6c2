import Events
import LabKit
import Testing

/// Your orchestrator, beside those who take part.
typealias SagaCluster = ServiceCluster<SagaOrchestrator>

extension SagaCluster {
  convenience init() throws { try self.init(as: "saga") }

  func start(_ order: String) throws { #expect(try ask(.start(order: order)) == .started) }

  func outcome(of order: String) throws -> SagaReply? { try ask(.outcome(order: order)) }

  /// Tells whoever does the step how to deal with it: to refuse it, to take its time, or to put it off.
  func arrange(_ step: SagaStep, of order: String, _ manner: Arrangement.Manner) throws {
    let _: Arranged? = try ask(Arrangement(order: order, step: step, manner), step.participant.number)
  }

  /// What has happened at those who take part, in this order.
  var effects: [SagaEffect] { announcements.compactMap { try? SagaEffect(wireBytes: $0) } }

  /// The steps to which this has happened, in this order.
  func steps(_ kind: SagaEffect.Kind) -> [SagaStep] {
    effects.filter { $0.kind == kind }.map(\.action.step)
  }

  /// The steps that are done now.
  var standing: Set<SagaStep> { Set(steps(.done)).subtracting(steps(.undone)) }
}
