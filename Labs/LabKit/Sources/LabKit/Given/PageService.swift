/// An instance of a service that has a part of every user's page, and works or does not, as it is told: a node that the course
/// provides in stage 4C. It tells whoever watches what it answers undamaged.
struct PageService: Node {
  typealias Message = PageMessage
  typealias Request = InstanceMood
  typealias Reply = MannerNoted
  typealias Output = ServedPiece
  typealias Status = NoStatus

  private let id: NodeID
  private var mood = InstanceMood()
  /// What it is at work on, by the timers' names.
  private var work: [String: Work] = [:]
  private var count = 0

  private struct Work: Hashable {
    let part: PagePart
    let user: String
    let call: Int
    let gateway: NodeID
  }

  init(id: NodeID, members: [NodeID]) { self.id = id }

  var status: NoStatus { NoStatus() }

  mutating func start(from disk: Disk, _ context: inout Context<Self>) {}

  mutating func handle(_ request: InstanceMood, replyTo token: Token, _ context: inout Context<Self>) {
    mood = request
    context.reply(MannerNoted(), to: token)
  }

  mutating func receive(_ message: PageMessage, from sender: NodeID, _ context: inout Context<Self>) {
    guard case .fetch(let part, let user, let call) = message else { return }
    // Nobody knows what another service does.
    guard part.instances.contains(id) else { return context.send(.failure(call: call), to: sender) }
    count += 1
    work["work \(count)"] = Work(part: part, user: user, call: call, gateway: sender)
    let lags = context.random(in: 1...1_000) <= mood.lagPermille
    let milliseconds = lags ? mood.lagMilliseconds : context.random(in: mood.takesMilliseconds)
    context.setTimer(TimerName("work \(count)"), after: .milliseconds(milliseconds))
  }

  mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    guard let work = work.removeValue(forKey: timer.text) else { return }
    switch mood.outcome {
    case .isSilent: return
    case .fails: context.send(.failure(call: work.call), to: work.gateway)
    case .answers, .damages:
      // A number that nobody can guess.
      var piece = Piece("\(work.part) of \(work.user), no. \(context.random(in: 1...1 << 60))")
      if mood.outcome == .damages {
        piece = Piece(text: piece.text + "0", digest: piece.digest)
      } else {
        context.output(ServedPiece(part: work.part, user: work.user, text: piece.text))
      }
      context.send(.piece(piece, call: work.call), to: work.gateway)
    }
  }
}

/// What the judge tells an instance: how it is from now on.
public struct InstanceMood: WireValue, CustomStringConvertible {
  public enum Outcome: UInt8, Sendable, CaseIterable {
    case answers, fails, isSilent
    /// What it answers is damaged on the way.
    case damages
  }

  public var outcome: Outcome
  /// How long an answer takes.
  public var takesMilliseconds: ClosedRange<Int>
  /// Of a thousand answers so many take `lagMilliseconds` instead.
  public var lagPermille: Int
  public var lagMilliseconds: Int

  public init(
    _ outcome: Outcome = .answers, takesMilliseconds: ClosedRange<Int> = 10...40, lagPermille: Int = 0,
    lagMilliseconds: Int = 0
  ) {
    self.outcome = outcome
    self.takesMilliseconds = takesMilliseconds
    self.lagPermille = lagPermille
    self.lagMilliseconds = lagMilliseconds
  }

  public var description: String {
    let what =
      switch outcome {
      case .answers: "answer"
      case .fails: "fail"
      case .isSilent: "say nothing"
      case .damages: "be damaged on the way"
      }
    let lag = lagPermille > 0 ? "; \(lagPermille) of 1000 after \(lagMilliseconds) ms" : ""
    return "\(what), after \(takesMilliseconds.lowerBound) to \(takesMilliseconds.upperBound) ms\(lag)"
  }

  public func write(to writer: inout WireWriter) {
    writer.byte(0x2E)
    writer.byte(outcome.rawValue)
    for number in [takesMilliseconds.lowerBound, takesMilliseconds.upperBound, lagPermille, lagMilliseconds] {
      writer.integer(number)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    guard try reader.byte() == 0x2E else {
      throw .malformed(what: "an unknown request to an instance", offset: reader.offset)
    }
    guard let outcome = Outcome(rawValue: try reader.byte()) else {
      throw .malformed(what: "an unknown outcome", offset: reader.offset)
    }
    self.outcome = outcome
    let (shortest, longest) = (try reader.integer(), try reader.integer())
    takesMilliseconds = shortest...max(shortest, longest)
    lagPermille = try reader.integer()
    lagMilliseconds = try reader.integer()
  }
}

/// What an instance tells whoever watches it: it has answered this.
public struct ServedPiece: WireValue, CustomStringConvertible {
  public let part: PagePart
  public let user: String
  public let text: String

  public init(part: PagePart, user: String, text: String) {
    self.part = part
    self.user = user
    self.text = text
  }

  public var description: String { "answers \(text)" }

  public func write(to writer: inout WireWriter) {
    writer.byte(0x2F)
    writer.byte(part.rawValue)
    writer.text(user)
    writer.text(text)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    guard try reader.byte() == 0x2F else {
      throw .malformed(what: "unknown news of an instance", offset: reader.offset)
    }
    guard let part = PagePart(rawValue: try reader.byte()) else {
      throw .malformed(what: "an unknown part of a page", offset: reader.offset)
    }
    self.part = part
    user = try reader.text()
    text = try reader.text()
  }
}
