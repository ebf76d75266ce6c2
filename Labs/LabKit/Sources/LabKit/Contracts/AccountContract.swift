/// The contract of stage 3E: accounts that are their events (Vernon, "Implementing Domain-Driven Design", 2013, appendix A;
/// Young, "CQRS Documents", 2010).

/// What somebody wants of an account.
public enum AccountCommand: WireValue, CustomStringConvertible {
  case deposit(cents: Int)
  /// An account is never below 0.
  case withdraw(cents: Int)

  public var description: String {
    switch self {
    case .deposit(let cents): "deposit \(cents)"
    case .withdraw(let cents): "withdraw \(cents)"
    }
  }

  public func write(to writer: inout WireWriter) {
    switch self {
    case .deposit(let cents):
      writer.byte(0)
      writer.integer(cents)
    case .withdraw(let cents):
      writer.byte(1)
      writer.integer(cents)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0: self = .deposit(cents: try reader.integer())
    case 1: self = .withdraw(cents: try reader.integer())
    default: throw .malformed(what: "an unknown command to an account", offset: reader.offset)
    }
  }
}

/// What has happened to an account, as it is written down. What is written is never changed: who reads it has to understand
/// all schemas there ever were.
public struct EventRecord: WireValue, Codable, CustomStringConvertible {
  /// Schema 1: `kind` is "changed", `amount` whole dollars, below 0 for a withdrawal, and `command` is empty.
  /// Schema 2, in which all is written now: `kind` is "deposited" or "withdrawn", `amount` cents, above 0.
  public let schema: Int
  public let kind: String
  public let amount: Int
  /// The id of the command that it comes from.
  public let command: String

  public init(schema: Int = 2, kind: String, amount: Int, command: String) {
    self.schema = schema
    self.kind = kind
    self.amount = amount
    self.command = command
  }

  public var description: String { "\(kind) \(amount)" + (schema == 2 ? "" : ", of schema \(schema)") }

  public func write(to writer: inout WireWriter) {
    writer.integer(schema)
    writer.text(kind)
    writer.integer(amount)
    writer.text(command)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    self.init(
      schema: try reader.integer(), kind: try reader.text(), amount: try reader.integer(),
      command: try reader.text())
  }
}

/// An event in the store.
public struct StoredEvent: WireValue, Codable, CustomStringConvertible {
  public let account: String
  /// The account's events are numbered from 1, without gaps.
  public let version: Int
  /// All events of the store are numbered from 1, without gaps.
  public let position: Int
  public let record: EventRecord

  public init(account: String, version: Int, position: Int, record: EventRecord) {
    self.account = account
    self.version = version
    self.position = position
    self.record = record
  }

  public var description: String { "\(account)/\(version): \(record)" }

  public func write(to writer: inout WireWriter) {
    writer.text(account)
    writer.integer(version)
    writer.integer(position)
    record.write(to: &writer)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    self.init(
      account: try reader.text(), version: try reader.integer(), position: try reader.integer(),
      record: try EventRecord(from: &reader))
  }
}

/// What is asked of the event store, by message.
public enum StoreQuestion: WireValue, Codable, CustomStringConvertible {
  /// Writes an event of an account. With an expected version, only if that is the account's version now: the number of its
  /// events.
  case append(account: String, expectedVersion: Int?, EventRecord)
  /// The events of an account after a version, `StoreQuestion.pageSize` at most.
  case read(account: String, afterVersion: Int)
  /// The events of all accounts after a position, `StoreQuestion.pageSize` at most.
  case readAll(afterPosition: Int)

  public static let pageSize = 50

  public var description: String {
    switch self {
    case .append(let account, let version, let record):
      "\(record) to \(account)" + (version.map { " after \($0)" } ?? "")
    case .read(let account, let version): "\(account) after \(version)"
    case .readAll(let position): "all after \(position)"
    }
  }

  public func write(to writer: inout WireWriter) {
    switch self {
    case .append(let account, let version, let record):
      writer.byte(0)
      writer.text(account)
      writer.integer(version ?? -1)
      record.write(to: &writer)
    case .read(let account, let version):
      writer.byte(1)
      writer.text(account)
      writer.integer(version)
    case .readAll(let position):
      writer.byte(2)
      writer.integer(position)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0:
      let account = try reader.text()
      let version = try reader.integer()
      self = .append(
        account: account, expectedVersion: version < 0 ? nil : version, try EventRecord(from: &reader))
    case 1: self = .read(account: try reader.text(), afterVersion: try reader.integer())
    case 2: self = .readAll(afterPosition: try reader.integer())
    default: throw .malformed(what: "an unknown question to a store", offset: reader.offset)
    }
  }
}

/// What the event store answers, by message.
public enum StoreAnswer: WireValue, Codable, CustomStringConvertible {
  /// The event is written.
  case appended(StoredEvent)
  /// The account has another version than was expected, this one. Nothing is written.
  case conflict(version: Int)
  /// In their order. None, if there is nothing after.
  case events([StoredEvent])

  public var description: String {
    switch self {
    case .appended(let event): "\(event)"
    case .conflict(let version): "version is \(version)"
    case .events(let events):
      events.isEmpty
        ? "none" : events.count == 1 ? "\(events[0])" : "\(events[0]), and \(events.count - 1) more"
    }
  }

  public func write(to writer: inout WireWriter) {
    switch self {
    case .appended(let event):
      writer.byte(0)
      event.write(to: &writer)
    case .conflict(let version):
      writer.byte(1)
      writer.integer(version)
    case .events(let events):
      writer.byte(2)
      writer.unsigned(UInt64(events.count))
      for event in events { event.write(to: &writer) }
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0: self = .appended(try StoredEvent(from: &reader))
    case 1: self = .conflict(version: try reader.integer())
    case 2:
      var events: [StoredEvent] = []
      for _ in 0..<(try reader.count()) { events.append(try StoredEvent(from: &reader)) }
      self = .events(events)
    default: throw .malformed(what: "an unknown answer of a store", offset: reader.offset)
    }
  }
}

/// A letter to an account's owner: so much was withdrawn.
public struct Letter: WireValue, Codable, CustomStringConvertible {
  /// One letter of an id goes out, however often the post is asked.
  public let id: String
  public let account: String
  /// The version that the withdrawal gave the account.
  public let version: Int

  public init(id: String, account: String, version: Int) {
    self.id = id
    self.account = account
    self.version = version
  }

  /// Whoever withdraws so many cents or more at once gets a letter. Letters for events of schema 1 went out when they were
  /// written.
  public static let leastCents = 10_000

  public var description: String { "letter for \(account)/\(version)" }

  public func write(to writer: inout WireWriter) {
    writer.text(id)
    writer.text(account)
    writer.integer(version)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    self.init(id: try reader.text(), account: try reader.text(), version: try reader.integer())
  }
}

/// What clients ask of the accounts service, any node of it.
public enum AccountRequest: WireValue {
  /// Do this. The id is the command's own: who gets no answer sends it again, to this node or another, and it is done once.
  case command(AccountCommand, account: String, id: String)
  /// How much is in an account? By a state that holds at least this version of it: who has written reads what it wrote.
  case balance(account: String, atLeastVersion: Int)
  /// How much is in all accounts together?
  case total
  /// Throw what the queries are answered from away, and make it anew from all events.
  case rebuild

  public func write(to writer: inout WireWriter) {
    switch self {
    case .command(let command, let account, let id):
      writer.byte(0xF0)
      command.write(to: &writer)
      writer.text(account)
      writer.text(id)
    case .balance(let account, let version):
      writer.byte(0xF1)
      writer.text(account)
      writer.integer(version)
    case .total: writer.byte(0xF2)
    case .rebuild: writer.byte(0xF3)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0xF0:
      self = .command(
        try AccountCommand(from: &reader), account: try reader.text(), id: try reader.text())
    case 0xF1: self = .balance(account: try reader.text(), atLeastVersion: try reader.integer())
    case 0xF2: self = .total
    case 0xF3: self = .rebuild
    default: throw .malformed(what: "an unknown request to accounts", offset: reader.offset)
    }
  }
}

/// What the accounts service answers.
public enum AccountReply: WireValue {
  /// To a command: its event is in the store, now or before, and gave the account this version.
  case done(version: Int)
  /// To a withdrawal: there is less in the account. Nothing is written.
  case insufficient
  /// To a balance. An account without events holds 0, at version 0.
  case balance(cents: Int, version: Int)
  /// To a total: what all events up to this position come to.
  case total(cents: Int, position: Int)
  /// To a rebuild, at once.
  case rebuilding

  public func write(to writer: inout WireWriter) {
    switch self {
    case .done(let version):
      writer.byte(0xF8)
      writer.integer(version)
    case .insufficient: writer.byte(0xF9)
    case .balance(let cents, let version):
      writer.byte(0xFA)
      writer.integer(cents)
      writer.integer(version)
    case .total(let cents, let position):
      writer.byte(0xFB)
      writer.integer(cents)
      writer.integer(position)
    case .rebuilding: writer.byte(0xFC)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0xF8: self = .done(version: try reader.integer())
    case 0xF9: self = .insufficient
    case 0xFA: self = .balance(cents: try reader.integer(), version: try reader.integer())
    case 0xFB: self = .total(cents: try reader.integer(), position: try reader.integer())
    case 0xFC: self = .rebuilding
    default: throw .malformed(what: "an unknown answer of accounts", offset: reader.offset)
    }
  }
}

/// What a node of the accounts service claims about itself. Nothing is judged by it: it is shown in pictures.
public struct AccountStatus: NodeStatus {
  /// Up to which position its queries are answered.
  public var position: Int
  /// How many commands it is at.
  public var commands: Int
  /// How many letters the post has not acknowledged.
  public var letters: Int

  public init(position: Int, commands: Int = 0, letters: Int = 0) {
    self.position = position
    self.commands = commands
    self.letters = letters
  }

  public static var fieldNames: [String] { ["position", "commands", "letters"] }
  public var fields: SIMD8<Int64> { [Int64(position), Int64(commands), Int64(letters), 0, 0, 0, 0, 0] }
}

/// A node of the accounts service.
public protocol AccountNode: Node
where
  Message == ServiceMessage, Request == AccountRequest, Reply == AccountReply, Output == NoOutput,
  Status == AccountStatus
{}

/// What the suite of stage 3E keeps to, and the handout prints.
public enum AccountBounds {
  /// Where there is no fault, a request is answered within this time.
  public static let answerMilliseconds = 1_000
  /// Where there is no fault, a query is answered by all events that are older than this.
  public static let freshMilliseconds = 1_000
  /// Where there is no fault, a rebuild has read all events that there were, from the first, within this time.
  public static let rebuildMilliseconds = 2_000
  /// So long after the last fault, every command is answered and every letter is out.
  public static let settleMilliseconds = 15_000
  /// After a restart, a node asks the store for no more than this many events, of an account or of all, that it was given
  /// before.
  public static let mostReadAgain = 100
}
