import LabKit

/// Calls services for its clients, each through a circuit breaker of its own. Stage 4A.
public struct Caller: CallerNode {
  private struct Call: Hashable {
    let service: NodeID
    let since: Duration
    let token: Token
    /// Nil once other breakers are in use.
    var pass: CircuitBreaker.Pass?
  }

  private var settings = BreakerSettings()
  private var breakers: [NodeID: CircuitBreaker] = [:]
  /// The calls under way, by their numbers.
  private var calls: [Int: Call] = [:]

  public init(id: NodeID, members: [NodeID]) {}

  public var status: CallerStatus {
    var status = CallerStatus(calls: calls.count)
    for breaker in breakers.values {
      switch breaker.state {
      case .closed: break
      case .open: status.open += 1
      case .halfOpen: status.halfOpen += 1
      }
    }
    return status
  }

  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {}

  public mutating func handle(
    _ request: CallerRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    switch request {
    case .use(let settings):
      self.settings = settings
      breakers = [:]
      for call in calls.keys { calls[call]?.pass = nil }
      context.reply(.inUse, to: token)
    case .call(let service, let question): call(service, question, replyTo: token, &context)
    }
  }

  public mutating func receive(
    _ message: CallMessage, from sender: NodeID, _ context: inout Context<Self>
  ) {
    switch message {
    case .answer(let answer, let call): end(call, .answered(answer), &context)
    case .refusal(let call): end(call, .refused, &context)
    case .failure(let call): end(call, .failed, &context)
    default: return
    }
  }

  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    if let call = Int(timer.text) { end(call, .timedOut, &context) }
  }

  private mutating func call(
    _ service: NodeID, _ question: String, replyTo token: Token, _ context: inout Context<Self>
  ) {
    let now = context.uptime
    guard let pass = breakers[service, default: CircuitBreaker(settings)].admit(at: now) else {
      return context.reply(.rejected, to: token)
    }
    // Drawn at random: an answer to a call of an earlier life must not fit one of this life.
    let number = context.random(in: 1...1 << 60)
    calls[number] = Call(service: service, since: now, token: token, pass: pass)
    context.send(.ask(question: question, call: number), to: service)
    context.setTimer(timeout(of: number), after: .milliseconds(settings.timeoutMilliseconds))
  }

  /// A call has ended. Ignored, if it had ended before.
  private mutating func end(_ number: Int, _ reply: CallerReply, _ context: inout Context<Self>) {
    guard let call = calls.removeValue(forKey: number) else { return }
    context.cancelTimer(timeout(of: number))
    context.reply(reply, to: call.token)
    guard let pass = call.pass else { return }
    let isSlow = context.uptime - call.since > .milliseconds(settings.slowMilliseconds)
    breakers[call.service]?.note(isFailure: reply.isFailure || isSlow, of: pass, at: context.uptime)
  }

  private func timeout(of call: Int) -> TimerName { TimerName("\(call)") }
}

extension CallerReply {
  /// Whether something is wrong with the service. One that says no is well.
  fileprivate var isFailure: Bool { self == .failed || self == .timedOut }
}
