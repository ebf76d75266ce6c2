/// What happens to a node.
@usableFromInline enum NodeEvent {
  case start(Disk)
  /// Nobody else waits for the message if `isLast`.
  case message(slot: Int32, isLast: Bool, from: Int)
  case timer(Int32)
  case request([UInt8], Token)
}

/// The clocks and the chance of one handler.
@usableFromInline struct HandlerEnvironment {
  @usableFromInline var uptimeMicroseconds: Int
  @usableFromInline var wallMicroseconds: Int
  @usableFromInline var randomSeed: UInt64
  /// Whether the source line of each effect is wanted.
  @usableFromInline var notesSources: Bool

  @usableFromInline init(
    uptimeMicroseconds: Int, wallMicroseconds: Int, randomSeed: UInt64, notesSources: Bool = false
  ) {
    self.uptimeMicroseconds = uptimeMicroseconds
    self.wallMicroseconds = wallMicroseconds
    self.randomSeed = randomSeed
    self.notesSources = notesSources
  }
}

/// One thing that a handler asked for, in plain numbers. Names are those of the name table; payloads are told by their
/// position among the handler's messages, values, replies and outputs.
@usableFromInline enum Effect: Sendable {
  case send(message: Int32, to: Int32)
  case setTimer(Int32, delayMicroseconds: Int)
  case cancelTimer(Int32)
  case persist(key: Int32, value: Int32)
  case reply(Int32)
  case output(Int32)
}

/// Where a handler asked for an effect.
@usableFromInline struct EffectSource: Sendable {
  /// The module and the file's name, such as "Raft/Raft+Election.swift".
  @usableFromInline let file: StaticString
  @usableFromInline let line: Int

  @usableFromInline init(file: StaticString, line: Int) {
    self.file = file
    self.line = line
  }
}

/// What a handler asked for, and what the node claimed after it. Its arrays are used again from one handler to the next.
@usableFromInline struct HandlerResult {
  @usableFromInline var effects: [Effect] = []
  /// Where each effect was asked for; empty unless that is wanted.
  @usableFromInline var sources: [EffectSource] = []
  /// The slots of the messages.
  @usableFromInline var slots: [Int32] = []
  @usableFromInline var values: [StoredValue] = []
  @usableFromInline var outputs: [[UInt8]] = []
  @usableFromInline var replies: [(body: [UInt8], token: Token)] = []
  /// Changes of status and log, as trace records.
  @usableFromInline var claims = WireWriter()
  /// The node's whole status after the handler.
  @usableFromInline var status = SIMD8<Int64>.zero

  @usableFromInline init() {}

  mutating func removeAll() {
    effects.removeAll(keepingCapacity: true)
    claims.bytes.removeAll(keepingCapacity: true)
    if !sources.isEmpty { sources.removeAll(keepingCapacity: true) }
    if !slots.isEmpty { slots.removeAll(keepingCapacity: true) }
    if !values.isEmpty { values.removeAll(keepingCapacity: true) }
    if !outputs.isEmpty { outputs.removeAll(keepingCapacity: true) }
    if !replies.isEmpty { replies.removeAll(keepingCapacity: true) }
  }
}

/// A node whose type is erased: a world calls its handlers.
///
/// The handler is a closure and not an overridden method: where a generic class is known only by its base, its methods
/// run unspecialised, and a world runs at a third of its speed.
@usableFromInline struct NodeBox {
  /// What holds the node.
  @usableFromInline let owner: AnyObject
  /// Runs a handler. The result is empty before.
  @usableFromInline let perform: (NodeEvent, HandlerEnvironment, inout HandlerResult) throws -> Void

  @usableFromInline init(
    owner: AnyObject, perform: @escaping (NodeEvent, HandlerEnvironment, inout HandlerResult) throws -> Void
  ) {
    self.owner = owner
    self.perform = perform
  }
}
