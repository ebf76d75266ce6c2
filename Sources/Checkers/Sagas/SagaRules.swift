/// Whether sagas go forward step by step, go back in reverse order, and end wholly done or wholly undone: judged by what
/// happens at those who take part (Garcia-Molina and Salem, "Sagas", SIGMOD 1987; Richardson, "Microservices Patterns", 2018,
/// chapter 4).
public struct SagaRules: Sendable {
  /// What happens to a step.
  public enum Effect: Sendable {
    /// It is being done.
    case begun
    case done
    /// It is not done, and never will be.
    case refused
    /// It was done, and is no more.
    case undone
    /// It had not been done, and will not be any more.
    case blocked
    /// It was to be undone, which nobody can.
    case cannotBeUndone
  }

  private struct Saga: Sendable {
    let order: String
    /// The last effect on each step that there was one on.
    var steps: [Effect?]
    var begun: Set<Int> = []
  }

  /// The names of the steps, in their order.
  public let steps: [String]
  /// The first step that cannot be undone.
  public let pivot: Int
  /// Whether no message is lost or late and nobody falls: then nothing need be undone that was never asked for.
  public let isCalm: Bool
  private var sagas: [String: Saga] = [:]
  /// The saga of each order.
  private var ids: [String: String] = [:]

  public init(steps: [String], pivot: Int, isCalm: Bool) {
    self.steps = steps
    self.pivot = pivot
    self.isCalm = isCalm
  }

  // MARK: As it happens

  /// Takes note of an effect, in the order in which they happen at all who take part.
  ///
  /// - Throws: the rule that it breaks.
  public mutating func note(_ effect: Effect, step: Int, saga id: String, order: String) throws(Violation) {
    if let other = ids[order], other != id {
      throw violation(
        "One saga an order",
        "\(order) has two sagas: \(other) and \(id). The second one's \(steps[step]) begins.")
    }
    var saga = sagas[id] ?? Saga(order: order, steps: Array(repeating: nil, count: steps.count))
    switch effect {
    case .begun:
      try requireTheOneBefore(step, saga)
      saga.begun.insert(step)
      // One that was put off begins again.
      saga.steps[step] = .begun
    case .done, .refused: saga.steps[step] = effect
    case .undone, .blocked:
      try requireTheLaterOnes(step, saga)
      if effect == .blocked, isCalm, !saga.begun.contains(step) {
        throw violation(
          "Nothing is undone that never began",
          "The \(steps[step]) of \(order) is to be undone, and nobody had asked for it to be done.")
      }
      saga.steps[step] = effect
    case .cannotBeUndone:
      throw violation(
        "After the pivot there is only forward",
        "The \(steps[step]) of \(order) is to be undone, which nobody can: it is asked for until it is done, or fails."
      )
    }
    sagas[id] = saga
    ids[order] = id
  }

  private func saga(of order: String) -> Saga? { ids[order].flatMap { sagas[$0] } }

  private func requireTheOneBefore(_ step: Int, _ saga: Saga) throws(Violation) {
    guard step > 0, saga.steps[step - 1] != .done else { return }
    throw violation(
      "A step begins when the one before is done",
      "The \(steps[step]) of \(saga.order) begins, and its \(steps[step - 1]) \(words(saga.steps[step - 1]))."
    )
  }

  private func requireTheLaterOnes(_ step: Int, _ saga: Saga) throws(Violation) {
    if step < pivot, saga.steps[pivot] == .done {
      throw violation(
        "After the pivot there is only forward",
        "The \(steps[step]) of \(saga.order) is undone after its \(steps[pivot]), which nobody can undo, was done."
      )
    }
    for later in steps.indices.dropFirst(step + 1) {
      switch saga.steps[later] {
      case nil, .refused, .undone, .blocked, .cannotBeUndone: continue
      case .begun, .done:
        throw violation(
          "Undone in reverse order",
          "The \(steps[step]) of \(saga.order) is undone, and its \(steps[later]), which comes after, "
            + "\(words(saga.steps[later])).")
      }
    }
  }

  // MARK: What is told

  /// Judges what somebody is told now: that the order is done, or that nothing is left of it.
  public func checkTold(completed: Bool, order: String) -> Verdict {
    let saga = saga(of: order)
    for step in steps.indices {
      let state = saga?.steps[step] ?? nil
      let isRight =
        switch state {
        case .done: completed
        case .begun: false
        case nil, .refused, .undone, .blocked, .cannotBeUndone: !completed
        }
      guard !isRight else { continue }
      return .violated(
        violation(
          "What is told is so",
          "Somebody is told that \(order) is \(completed ? "completed" : "cancelled"), and its \(steps[step]) \(words(state))."
        ))
    }
    return .holds
  }

  // MARK: In the end

  /// Judges an order when all has ended.
  public func checkEnd(of order: String) -> Verdict {
    guard let saga = saga(of: order) else { return .holds }
    let done = steps.indices.filter { saga.steps[$0] == .done }
    guard !done.isEmpty, done.count < steps.count,
      let missing = steps.indices.first(where: { !done.contains($0) })
    else { return .holds }
    return .violated(
      violation(
        "Wholly done or wholly undone",
        "All has ended: the \(steps[done[0]]) of \(order) is done, and its \(steps[missing]) \(words(saga.steps[missing]))."
      ))
  }

  /// The orders that anything happened to, sorted.
  public var orders: [String] { ids.keys.sorted() }

  /// How far an order has come.
  public func words(of order: String) -> String {
    guard let saga = saga(of: order), let last = saga.steps.lastIndex(where: { $0 != nil }) else {
      return "none of its steps has begun"
    }
    return steps[...last].indices.map { "its \(steps[$0]) \(words(saga.steps[$0]))" }.joined(separator: ", ")
  }

  private func words(_ effect: Effect?) -> String {
    switch effect {
    case nil: "never began"
    case .begun: "is being done"
    case .done: "is done"
    case .refused: "was refused"
    case .undone: "is undone"
    case .blocked: "was blocked before it was done"
    case .cannotBeUndone: "cannot be undone"
    }
  }

  private func violation(_ property: String, _ evidence: String) -> Violation {
    Violation(property: property, section: "Garcia-Molina and Salem 1987", evidence: evidence)
  }
}
