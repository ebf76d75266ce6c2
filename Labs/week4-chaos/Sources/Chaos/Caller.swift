import LabKit

/// Calls services for its clients, each through a circuit breaker of its own. Stage 4A.
///
/// The services are nodes that the course provides.
public struct Caller: CallerNode {
  var settings = BreakerSettings()

  public init(id: NodeID, members: [NodeID]) {}

  /// It is shown in pictures, and nothing is judged by it.
  public var status: CallerStatus { CallerStatus() }

  /// The process has started. Breakers live in memory: there is nothing to read.
  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {}

  /// A client asks for something.
  public mutating func handle(
    _ request: CallerRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    switch request {
    case .use(let settings): use(settings, replyTo: token, &context)
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

  /// A timer has run out. One that is set again while it runs is moved.
  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    notImplemented()
  }

  /// From now on these settings hold, and every breaker begins anew.
  mutating func use(_ settings: BreakerSettings, replyTo token: Token, _ context: inout Context<Self>) {
    notImplemented()
  }

  /// A client wants a service asked.
  mutating func call(
    _ service: NodeID, _ question: String, replyTo token: Token, _ context: inout Context<Self>
  ) {
    notImplemented()
  }

  /// What a call has come to. It may have come to something before: messages are doubled, and answers come late.
  mutating func end(_ call: Int, _ reply: CallerReply, _ context: inout Context<Self>) {
    notImplemented()
  }
}
