/// A service that works or does not, as it is told: a node that the course provides in stages 4A and 4B. It tells
/// whoever watches what it was asked, and what it has answered.
struct FlakyService: Node {
  typealias Message = CallMessage
  typealias Request = Manner
  typealias Reply = MannerNoted
  typealias Output = ServiceNews
  typealias Status = NoStatus

  /// A question that takes its time.
  private struct Work: Hashable {
    let question: String
    let call: Int
    let caller: NodeID
    let outcome: Manner.Outcome
  }

  private let id: NodeID
  /// What it was told of a question.
  private var manners: [String: [Manner]] = [:]
  /// How often it was asked a question.
  private var asks: [String: Int] = [:]
  /// How it deals with questions that it was told nothing of.
  private var mood = Manner(question: "")
  /// What it is at work on, by the timers' names.
  private var work: [String: Work] = [:]
  private var count = 0

  init(id: NodeID, members: [NodeID]) { self.id = id }

  var status: NoStatus { NoStatus() }

  mutating func start(from disk: Disk, _ context: inout Context<Self>) {}

  mutating func handle(_ request: Manner, replyTo token: Token, _ context: inout Context<Self>) {
    if request.question.isEmpty {
      mood = request
    } else {
      manners[request.question, default: []].append(request)
    }
    context.reply(MannerNoted(), to: token)
  }

  mutating func receive(_ message: CallMessage, from sender: NodeID, _ context: inout Context<Self>) {
    switch message {
    case .ask(let question, let call):
      context.output(.asked(question))
      begin(question, call: call, of: sender, &context)
    case .pass(let passed, let call):
      context.output(.passed(passed))
      begin(passed.question, call: call, of: sender, &context)
    default: return
    }
  }

  private mutating func begin(
    _ question: String, call: Int, of caller: NodeID, _ context: inout Context<Self>
  ) {
    let ask = asks[question, default: 0] + 1
    asks[question] = ask
    let manner = manners[question]?.filter { $0.ask <= ask }.max { $0.ask < $1.ask } ?? mood
    let work = Work(question: question, call: call, caller: caller, outcome: manner.outcome)
    guard manner.milliseconds > 0 else { return finish(work, &context) }
    count += 1
    self.work["work \(count)"] = work
    context.setTimer(TimerName("work \(count)"), after: .milliseconds(manner.milliseconds))
  }

  mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    if let work = work.removeValue(forKey: timer.text) { finish(work, &context) }
  }

  private func finish(_ work: Work, _ context: inout Context<Self>) {
    context.output(.ended(work.question, work.outcome))
    switch work.outcome {
    case .answers:
      context.send(.answer(Manner.answer(to: work.question, of: id), call: work.call), to: work.caller)
    case .refuses: context.send(.refusal(call: work.call), to: work.caller)
    case .fails: context.send(.failure(call: work.call), to: work.caller)
    case .isBusy: context.send(.busy(call: work.call), to: work.caller)
    case .isSilent: return
    }
  }
}

/// What the judge tells a service: how it deals with a question, from the `ask`-th time on that it is asked; if the question is
/// empty, with all of which it is told nothing else.
public struct Manner: WireValue {
  public enum Outcome: UInt8, Sendable, CaseIterable {
    case answers, refuses, fails, isSilent
    /// It has too much to do, and does not begin.
    case isBusy
  }

  public let question: String
  public let outcome: Outcome
  /// So long it takes.
  public let milliseconds: Int
  /// Counted from 1.
  public let ask: Int

  public init(question: String, _ outcome: Outcome = .answers, milliseconds: Int = 0, ask: Int = 1) {
    self.ask = ask
    self.question = question
    self.outcome = outcome
    self.milliseconds = milliseconds
  }

  /// What a service answers to a question.
  public static func answer(to question: String, of service: NodeID) -> String { "\(question) of \(service)" }

  public func write(to writer: inout WireWriter) {
    writer.byte(0x18)
    writer.text(question)
    writer.byte(outcome.rawValue)
    writer.integer(milliseconds)
    writer.integer(ask)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    guard try reader.byte() == 0x18 else {
      throw .malformed(what: "an unknown request to a service", offset: reader.offset)
    }
    question = try reader.text()
    guard let outcome = Outcome(rawValue: try reader.byte()) else {
      throw .malformed(what: "an unknown outcome", offset: reader.offset)
    }
    self.outcome = outcome
    milliseconds = try reader.integer()
    ask = try reader.integer()
  }
}

/// What a service answers to the judge.
public struct MannerNoted: WireValue {
  public init() {}
  public func write(to writer: inout WireWriter) { writer.byte(0x19) }

  public init(from reader: inout WireReader) throws(WireError) {
    guard try reader.byte() == 0x19 else {
      throw .malformed(what: "an unknown answer of a service", offset: reader.offset)
    }
  }
}

/// What a service tells whoever watches it.
public enum ServiceNews: WireValue, CustomStringConvertible {
  case asked(String)
  /// It was asked through a proxy.
  case passed(ProxyCall)
  case ended(String, Manner.Outcome)

  public var description: String {
    switch self {
    case .asked(let question): "asked \(question)"
    case .passed(let call): "asked \(call)"
    case .ended(let question, .answers): "answers \(question)"
    case .ended(let question, .refuses): "refuses \(question)"
    case .ended(let question, .fails): "fails at \(question)"
    case .ended(let question, .isSilent): "says nothing to \(question)"
    case .ended(let question, .isBusy): "is too busy for \(question)"
    }
  }

  public func write(to writer: inout WireWriter) {
    switch self {
    case .asked(let question):
      writer.byte(0x1A)
      writer.text(question)
    case .ended(let question, let outcome):
      writer.byte(0x1B)
      writer.text(question)
      writer.byte(outcome.rawValue)
    case .passed(let call):
      writer.byte(0x1E)
      call.write(to: &writer)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0x1E: self = .passed(try ProxyCall(from: &reader))
    case 0x1A: self = .asked(try reader.text())
    case 0x1B:
      let question = try reader.text()
      guard let outcome = Manner.Outcome(rawValue: try reader.byte()) else {
        throw .malformed(what: "an unknown outcome", offset: reader.offset)
      }
      self = .ended(question, outcome)
    default: throw .malformed(what: "unknown news of a service", offset: reader.offset)
    }
  }
}
