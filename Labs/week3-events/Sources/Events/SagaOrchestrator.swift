import LabKit

/// Carries orders out, step by step, or takes them back, wholly or not at all. Stage 3D.
///
/// The steps are `SagaStep.allCases`, in their order. Those who do them are nodes that the course provides:
/// `step.participant` says who.
public struct SagaOrchestrator: OrchestratorNode {
  public init(id: NodeID, members: [NodeID]) {}

  /// It is shown in pictures, and nothing is judged by it.
  public var status: SagaStatus { SagaStatus(forward: 0) }

  // MARK: Events

  /// The process has started: what was persisted is on `disk`.
  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    notImplemented()
  }

  public mutating func handle(
    _ request: SagaRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    switch request {
    case .start(let order): startSaga(of: order, replyTo: token, &context)
    case .outcome(let order): tellOutcome(of: order, replyTo: token, &context)
    }
  }

  public mutating func receive(
    _ message: ServiceMessage, from sender: NodeID, _ context: inout Context<Self>
  ) {
    switch message {
    case .performed(let action): receivePerformed(action, &context)
    case .failed(let action): receiveFailed(action, &context)
    case .compensated(let action): receiveCompensated(action, &context)
    case .notNow(let action): receiveNotNow(action, &context)
    default: return
    }
  }

  /// A timer has run out. One that is set again while it runs is moved.
  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    notImplemented()
  }

  // MARK: What clients ask

  /// Carry this order out. It may have been asked before.
  mutating func startSaga(of order: String, replyTo token: Token, _ context: inout Context<Self>) {
    notImplemented()
  }

  /// How did it end?
  func tellOutcome(of order: String, replyTo token: Token, _ context: inout Context<Self>) {
    notImplemented()
  }

  // MARK: What participants say

  /// A step is done, now or before.
  mutating func receivePerformed(_ action: SagaAction, _ context: inout Context<Self>) {
    notImplemented()
  }

  /// A step is not done, and never will be.
  mutating func receiveFailed(_ action: SagaAction, _ context: inout Context<Self>) {
    notImplemented()
  }

  /// A step is undone, or blocked.
  mutating func receiveCompensated(_ action: SagaAction, _ context: inout Context<Self>) {
    notImplemented()
  }

  /// A step cannot be undone just now, or the order not be confirmed.
  mutating func receiveNotNow(_ action: SagaAction, _ context: inout Context<Self>) {
    notImplemented()
  }
}
