/// Who sends letters to the owners of accounts: a node that the course provides in stage 3E. One letter of an id goes out,
/// however often it is asked for; what it has acknowledged is on its disk. It tells whoever watches what it was asked.
struct PostOffice: Node {
  typealias Message = ServiceMessage
  typealias Request = NoOutput
  typealias Reply = NoOutput
  typealias Output = PostNews
  typealias Status = NoStatus

  private var sent: [String: Letter] = [:]

  init(id: NodeID, members: [NodeID]) {}

  var status: NoStatus { NoStatus() }

  mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    sent = disk.value([String: Letter].self, under: "sent") ?? [:]
  }

  mutating func receive(_ message: ServiceMessage, from sender: NodeID, _ context: inout Context<Self>) {
    guard case .post(let letter) = message else { return }
    let isNew = sent[letter.id] == nil
    if isNew {
      sent[letter.id] = letter
      context.persist(sent, under: "sent")
    }
    context.output(PostNews(letter, isNew: isNew, by: sender))
    context.send(.posted(id: letter.id), to: sender)
  }

  mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {}

  mutating func handle(_ request: NoOutput, replyTo token: Token, _ context: inout Context<Self>) {}
}

/// What the post tells whoever watches.
public struct PostNews: WireValue, CustomStringConvertible {
  public let letter: Letter
  /// It goes out. Otherwise one of its id has gone out before.
  public let isNew: Bool
  /// Who asked for it.
  public let sender: NodeID

  public init(_ letter: Letter, isNew: Bool, by sender: NodeID) {
    self.letter = letter
    self.isNew = isNew
    self.sender = sender
  }

  public var description: String {
    isNew ? "\(letter) goes out" : "\(letter) is asked for again, by \(sender)"
  }

  public func write(to writer: inout WireWriter) {
    writer.byte(0xEC)
    letter.write(to: &writer)
    writer.byte(isNew ? 1 : 0)
    writer.integer(sender.number)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    guard try reader.byte() == 0xEC else {
      throw .malformed(what: "an unknown announcement of the post", offset: reader.offset)
    }
    letter = try Letter(from: &reader)
    isNew = try reader.byte() != 0
    sender = NodeID(try reader.integer())
  }
}
