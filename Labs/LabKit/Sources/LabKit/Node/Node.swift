/// A node of a distributed system, written as a value.
///
/// A node holds its state in stored properties. Its handlers change that state and act on the world through the
/// `Context` alone. A node has no clock, no file, no socket and no random source of its own: one seed gives one run.
///
/// Handlers run one at a time and finish at once. Effects take place in the order in which the handler asked for them,
/// after it has returned; a crash may fall between any two of them.
public protocol Node: Hashable, Sendable {
  /// What nodes send to each other. The type is yours.
  associatedtype Message: NodeMessage
  /// What clients ask of a node.
  associatedtype Request: WireValue
  /// What a node answers to a client.
  associatedtype Reply: WireValue
  /// What a node announces to whoever watches it.
  associatedtype Output: WireValue
  /// What a node claims about itself after every handler.
  associatedtype Status: NodeStatus

  /// Makes the node as it is before its first start. `members` holds every node of the cluster, `id` included; a node
  /// that may be added later (week 1, stage 1F) finds those that the cluster begins with, and not itself.
  init(id: NodeID, members: [NodeID])

  /// The process has started, for the first time or after a crash. `disk` holds what was persisted before.
  mutating func start(from disk: Disk, _ context: inout Context<Self>)

  /// A message has arrived.
  mutating func receive(_ message: Message, from sender: NodeID, _ context: inout Context<Self>)

  /// A timer that this node set has run out.
  mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>)

  /// A client asks for something. Answer with `context.reply`, now or in a later handler.
  mutating func handle(_ request: Request, replyTo token: Token, _ context: inout Context<Self>)

  /// What the node claims about itself. Read after every handler.
  var status: Status { get }

  /// The indices of the log entries that the node still holds; empty for a node without a log.
  var heldEntries: Range<Int> { get }

  /// Term and digest of a log entry that the node still holds, or nil.
  func entry(at index: Int) -> EntryMark?
}

extension Node {
  public var heldEntries: Range<Int> { 1..<1 }
  public func entry(at index: Int) -> EntryMark? { nil }
}

/// What nodes send to each other.
public protocol NodeMessage: Hashable, Codable, Sendable {
  /// A word for this kind of message, shown in traces and pictures. Verdicts never depend on it.
  var kind: String { get }
  /// What it says, in a few words, which pictures show behind the kind; empty if that goes without saying.
  var detail: String { get }
}

extension NodeMessage {
  public var detail: String { "" }

  /// The kind, and what the message says behind it.
  @inlinable var words: String {
    let detail = detail
    return detail.isEmpty ? kind : "\(kind) (\(detail))"
  }
}

/// A node's claim about itself: up to eight numbers with names.
public protocol NodeStatus: Hashable, Sendable {
  /// One name a field, in the order of `fields`.
  static var fieldNames: [String] { get }
  /// The fields' values; unused ones are zero.
  var fields: SIMD8<Int64> { get }
}

/// Term and digest of one log entry: enough to compare two logs.
public struct EntryMark: Hashable, Sendable {
  public var term: Int
  public var digest: UInt64

  @inlinable public init(term: Int, digest: UInt64) {
    self.term = term
    self.digest = digest
  }
}

/// Stops the process and tells `lab` which function the student has not written yet.
public func notImplemented(
  _ function: StaticString = #function, file: StaticString = #fileID, line: UInt = #line
) -> Never {
  HostSignal.reportNotImplemented(function: "\(function)", file: "\(file)", line: Int(line))
}
