/// A service that takes part in sagas: a node that the course provides in stage 3D. It does each step of a saga once, and
/// undoes it once. A step that is undone before it is done is blocked: it is not done any more.
struct Participant: Node {
  typealias Message = ServiceMessage
  typealias Request = Arrangement
  typealias Reply = Arranged
  typealias Output = SagaEffect
  typealias Status = NoStatus

  private enum State: Hashable, Codable {
    case done, undone, refused
  }

  /// A step that takes its time.
  private struct Work: Hashable {
    let action: SagaAction
    let orchestrator: NodeID
  }

  private var states: [SagaAction: State] = [:]
  /// What is arranged for an order's step, by both.
  private var manners: [String: Arrangement.Manner] = [:]
  /// What it is at work on, by the timers' names. A crash takes it.
  private var work: [String: Work] = [:]

  init(id: NodeID, members: [NodeID]) {}

  var status: NoStatus { NoStatus() }

  mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    states = disk.value([SagaAction: State].self, under: "states") ?? [:]
    manners = disk.value([String: Arrangement.Manner].self, under: "manners") ?? [:]
  }

  mutating func handle(_ request: Arrangement, replyTo token: Token, _ context: inout Context<Self>) {
    manners["\(request.step) of \(request.order)"] = request.manner
    context.persist(manners, under: "manners")
    context.reply(Arranged(), to: token)
  }

  mutating func receive(_ message: ServiceMessage, from sender: NodeID, _ context: inout Context<Self>) {
    switch message {
    case .perform(let action): perform(action, for: sender, &context)
    case .compensate(let action): compensate(action, for: sender, &context)
    default: return
    }
  }

  mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    guard let work = work.removeValue(forKey: timer.text) else { return }
    finish(work.action, for: work.orchestrator, &context)
  }

  private mutating func perform(
    _ action: SagaAction, for orchestrator: NodeID, _ context: inout Context<Self>
  ) {
    switch states[action] {
    case .done: return context.send(.performed(action), to: orchestrator)
    case .undone, .refused: return context.send(.failed(action), to: orchestrator)
    case nil: break
    }
    guard work[timer(action)] == nil else { return }
    context.output(SagaEffect(action, .begun))
    let manner = manners["\(action)"] ?? Arrangement.Manner()
    if manner.refuses {
      note(.refused, as: .refused, action, &context)
      context.send(.failed(action), to: orchestrator)
    } else if action.step == .confirmation, putsOff(action, &context) {
      context.send(.notNow(action), to: orchestrator)
    } else if manner.milliseconds > 0 {
      work[timer(action)] = Work(action: action, orchestrator: orchestrator)
      context.setTimer(TimerName(timer(action)), after: .milliseconds(manner.milliseconds))
    } else {
      finish(action, for: orchestrator, &context)
    }
  }

  private mutating func finish(
    _ action: SagaAction, for orchestrator: NodeID, _ context: inout Context<Self>
  ) {
    note(.done, as: .done, action, &context)
    context.send(.performed(action), to: orchestrator)
  }

  private mutating func compensate(
    _ action: SagaAction, for orchestrator: NodeID, _ context: inout Context<Self>
  ) {
    guard action.step.isCompensable else { return context.output(SagaEffect(action, .cannotBeUndone)) }
    if states[action] == .done, putsOff(action, &context) {
      return context.send(.notNow(action), to: orchestrator)
    }
    if states[action] != .undone {
      if work.removeValue(forKey: timer(action)) != nil { context.cancelTimer(TimerName(timer(action))) }
      note(.undone, as: states[action] == .done ? .undone : .blocked, action, &context)
    }
    context.send(.compensated(action), to: orchestrator)
  }

  private func timer(_ action: SagaAction) -> String { "\(action.step) of saga \(action.saga)" }

  /// Whether it is arranged that this is put off, once more.
  private mutating func putsOff(_ action: SagaAction, _ context: inout Context<Self>) -> Bool {
    guard let left = manners["\(action)"]?.timesPutOff, left > 0 else { return false }
    manners["\(action)"]?.timesPutOff = left - 1
    context.persist(manners, under: "manners")
    return true
  }

  private mutating func note(
    _ state: State, as kind: SagaEffect.Kind, _ action: SagaAction, _ context: inout Context<Self>
  ) {
    states[action] = state
    context.persist(states, under: "states")
    context.output(SagaEffect(action, kind))
  }
}

/// What the judge arranges with a participant: how it deals with a step of an order.
public struct Arrangement: WireValue {
  public struct Manner: Hashable, Codable, Sendable {
    /// It says no, for good.
    public var refuses = false
    /// So long it takes to do the step.
    public var milliseconds = 0
    /// So often it does not undo the step, or confirm the order, but says: not now.
    public var timesPutOff = 0

    public init(refuses: Bool = false, milliseconds: Int = 0, timesPutOff: Int = 0) {
      self.refuses = refuses
      self.milliseconds = milliseconds
      self.timesPutOff = timesPutOff
    }
  }

  public let order: String
  public let step: SagaStep
  public let manner: Manner

  public init(order: String, step: SagaStep, _ manner: Manner) {
    self.order = order
    self.step = step
    self.manner = manner
  }

  public func write(to writer: inout WireWriter) {
    writer.byte(0xB0)
    writer.text(order)
    step.write(to: &writer)
    writer.byte(manner.refuses ? 1 : 0)
    writer.integer(manner.milliseconds)
    writer.integer(manner.timesPutOff)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    guard try reader.byte() == 0xB0 else {
      throw .malformed(what: "an unknown request to a participant", offset: reader.offset)
    }
    order = try reader.text()
    step = try SagaStep(from: &reader)
    manner = Manner(
      refuses: try reader.byte() != 0, milliseconds: try reader.integer(), timesPutOff: try reader.integer())
  }
}

/// What a participant answers to an arrangement.
public struct Arranged: WireValue {
  public init() {}
  public func write(to writer: inout WireWriter) { writer.byte(0xB8) }

  public init(from reader: inout WireReader) throws(WireError) {
    guard try reader.byte() == 0xB8 else {
      throw .malformed(what: "an unknown answer of a participant", offset: reader.offset)
    }
  }
}

/// What happens to a step at its participant, which tells it to whoever watches.
public struct SagaEffect: WireValue, CustomStringConvertible {
  public enum Kind: UInt8, Sendable {
    /// It was asked for, and is being done.
    case begun
    case done
    /// It is not done, and never will be.
    case refused
    /// It was done, and is no more.
    case undone
    /// It was to be undone, and had not been done: it will not be done any more.
    case blocked
    /// It was to be undone, which nobody can.
    case cannotBeUndone
  }

  public let action: SagaAction
  public let kind: Kind

  public init(_ action: SagaAction, _ kind: Kind) {
    self.action = action
    self.kind = kind
  }

  public var description: String {
    switch kind {
    case .begun: "\(action) begins"
    case .done: "\(action) is done"
    case .refused: "\(action) is refused"
    case .undone: "\(action) is undone"
    case .blocked: "\(action) is blocked"
    case .cannotBeUndone: "\(action) cannot be undone"
    }
  }

  public func write(to writer: inout WireWriter) {
    writer.byte(0xB1)
    action.write(to: &writer)
    writer.byte(kind.rawValue)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    guard try reader.byte() == 0xB1 else {
      throw .malformed(what: "an unknown announcement of a participant", offset: reader.offset)
    }
    action = try SagaAction(from: &reader)
    guard let kind = Kind(rawValue: try reader.byte()) else {
      throw .malformed(what: "an unknown effect of a step", offset: reader.offset)
    }
    self.kind = kind
  }
}
