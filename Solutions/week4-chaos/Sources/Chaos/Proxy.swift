import LabKit

/// Gets answers for its clients, and keeps the trouble of one service from the others: with deadlines that travel, retries that
/// are paid for, and a bulkhead before each node that it asks. Stage 4B.
public struct Proxy: ProxyNode {
  /// Whoever wants to know.
  private enum Asker: Hashable {
    case client(Token)
    case node(NodeID, call: Int)
  }

  private struct Call: Hashable {
    let call: ProxyCall
    let next: NodeID
    let asker: Asker
    let deadline: Duration
    var attempts = 0
    /// The number of the attempt that is under way.
    var attempt: Int?
  }

  private enum Ending {
    case answered(String), refused, givenUp
    /// Nobody was asked.
    case overloaded

    var reply: ProxyReply {
      switch self {
      case .answered(let answer): .answered(answer)
      case .refused: .refused
      case .givenUp: .givenUp
      case .overloaded: .overloaded
      }
    }

    func message(call: Int) -> CallMessage {
      switch self {
      case .answered(let answer): .answer(answer, call: call)
      case .refused: .refusal(call: call)
      case .givenUp: .givenUp(call: call)
      case .overloaded: .busy(call: call)
      }
    }
  }

  private var settings = ProxySettings()
  private var budget = RetryBudget(ProxySettings())
  private var bulkheads: [NodeID: Bulkhead] = [:]
  private var calls: [Int: Call] = [:]
  /// The calls whose attempts are under way, by the attempts' numbers.
  private var attempts: [Int: Int] = [:]

  public init(id: NodeID, members: [NodeID]) {}

  public var status: ProxyStatus {
    ProxyStatus(
      underWay: attempts.count, waiting: bulkheads.values.reduce(0) { $0 + $1.waiting.count },
      retries: budget.retries)
  }

  // MARK: Events

  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {}

  public mutating func handle(
    _ request: ProxyRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    switch request {
    case .use(let settings):
      self.settings = settings
      budget = RetryBudget(settings)
      bulkheads = [:]
      context.reply(.inUse, to: token)
    case .call(let call): take(call, for: .client(token), &context)
    }
  }

  public mutating func receive(
    _ message: CallMessage, from sender: NodeID, _ context: inout Context<Self>
  ) {
    switch message {
    case .pass(let passed, let call): take(passed, for: .node(sender, call: call), &context)
    case .answer(let answer, let attempt): finish(attempt, &context) { $1.end($0, .answered(answer), &$2) }
    case .refusal(let attempt): finish(attempt, &context) { $1.end($0, .refused, &$2) }
    case .givenUp(let attempt): finish(attempt, &context) { $1.end($0, .givenUp, &$2) }
    case .failure(let attempt): finish(attempt, &context) { $1.fail($0, &$2) }
    case .busy(let attempt): finish(attempt, &context) { $1.retry($0, &$2) }
    case .ask: return
    }
  }

  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    let words = timer.text.split(separator: " ")
    guard words.count == 2, let number = Int(words[1]) else { return }
    switch words[0] {
    case "deadline": end(number, .givenUp, &context)
    case "retry": submit(number, &context)
    default: finish(number, &context) { $1.fail($0, &$2) }
    }
  }

  // MARK: Calls

  private mutating func take(_ call: ProxyCall, for asker: Asker, _ context: inout Context<Self>) {
    guard let next = call.route.first else { return }
    let number = context.random(in: 1...1 << 60)
    calls[number] = Call(call: call, next: next, asker: asker, deadline: context.uptime + call.timeLeft)
    budget.earn()
    context.setTimer(.deadline(number), after: call.timeLeft)
    submit(number, &context)
  }

  /// Begins an attempt as soon as there is a permit.
  private mutating func submit(_ number: Int, _ context: inout Context<Self>) {
    guard let call = calls[number] else { return }
    switch bulkheads[call.next, default: Bulkhead(settings)].admit(number) {
    case .begins: begin(number, &context)
    case .waits: return
    case .rejected: end(number, call.attempts == 0 ? .overloaded : .givenUp, &context)
    }
  }

  private mutating func begin(_ number: Int, _ context: inout Context<Self>) {
    guard var call = calls[number] else { return }
    let attempt = context.random(in: 1...1 << 60)
    attempts[attempt] = number
    call.attempts += 1
    call.attempt = attempt
    calls[number] = call
    let timeLeft = call.deadline - context.uptime
    context.send(.pass(call.call.passedOn(timeLeft: timeLeft), call: attempt), to: call.next)
    context.setTimer(.attempt(attempt), after: .milliseconds(settings.attemptMilliseconds))
  }

  /// An attempt is over, and its permit is somebody else's. What becomes of the call is for `decide` to say. Ignored, if the
  /// attempt was over before.
  private mutating func finish(
    _ attempt: Int, _ context: inout Context<Self>,
    _ decide: (_ number: Int, _ proxy: inout Self, _ context: inout Context<Self>) -> Void
  ) {
    guard let number = attempts.removeValue(forKey: attempt), let next = calls[number]?.next else { return }
    calls[number]?.attempt = nil
    context.cancelTimer(.attempt(attempt))
    decide(number, &self, &context)
    release(next, &context)
  }

  /// Gives a permit back: it goes to the first call that waits for it and has time left.
  private mutating func release(_ node: NodeID, _ context: inout Context<Self>) {
    while let number = bulkheads[node]?.release() {
      guard let call = calls[number], call.deadline > context.uptime else { continue }
      return begin(number, &context)
    }
  }

  /// An attempt has failed that may have been carried out.
  private mutating func fail(_ number: Int, _ context: inout Context<Self>) {
    if calls[number]?.call.repetition == .never {
      end(number, .givenUp, &context)
    } else {
      retry(number, &context)
    }
  }

  /// Tries again after a while, if there is time and it can be paid for.
  private mutating func retry(_ number: Int, _ context: inout Context<Self>) {
    guard let call = calls[number] else { return }
    let longest = settings.longestBackoff(beforeRetry: call.attempts)
    let wait = Duration.microseconds(context.random(in: 0...longest * 1_000))
    guard context.uptime + wait < call.deadline, budget.spend() else {
      return end(number, .givenUp, &context)
    }
    context.setTimer(.retry(number), after: wait)
  }

  private mutating func end(_ number: Int, _ ending: Ending, _ context: inout Context<Self>) {
    guard let call = calls.removeValue(forKey: number) else { return }
    context.cancelTimer(.deadline(number))
    context.cancelTimer(.retry(number))
    switch call.asker {
    case .client(let token): context.reply(ending.reply, to: token)
    case .node(let node, let number): context.send(ending.message(call: number), to: node)
    }
    bulkheads[call.next]?.forget(number)
    guard let attempt = call.attempt else { return }
    attempts[attempt] = nil
    context.cancelTimer(.attempt(attempt))
    release(call.next, &context)
  }
}

extension ProxyCall {
  /// The call as the next node is to have it.
  fileprivate func passedOn(timeLeft: Duration) -> ProxyCall {
    ProxyCall(
      question: question, route: Array(route.dropFirst()), timeLeft: timeLeft, repetition: repetition)
  }
}

extension ProxySettings {
  /// The longest wait before a retry, in milliseconds: it doubles from one to the next. Retries are counted from 1.
  fileprivate func longestBackoff(beforeRetry retry: Int) -> Int {
    min(longestBackoffMilliseconds, backoffMilliseconds << min(max(0, retry - 1), 20))
  }
}

extension TimerName {
  fileprivate static func deadline(_ call: Int) -> TimerName { TimerName("deadline \(call)") }
  fileprivate static func retry(_ call: Int) -> TimerName { TimerName("retry \(call)") }
  fileprivate static func attempt(_ attempt: Int) -> TimerName { TimerName("attempt \(attempt)") }
}
