/// How a handler acts on the world. It exists for the time of one handler; what it is asked for happens after the
/// handler has returned, in the same order.
public struct Context<N: Node>: ~Copyable {
  /// This node.
  public let id: NodeID
  @usableFromInline let uptimeMicroseconds: Int
  @usableFromInline let wallMicroseconds: Int
  @usableFromInline var random: RandomStream
  @usableFromInline let names: NameTable
  /// What the handler asked for, in order.
  @usableFromInline var effects: [Effect]
  /// Where the handler asked for each effect, if `notesSources`.
  @usableFromInline var sources: [EffectSource] = []
  @usableFromInline let notesSources: Bool
  @usableFromInline var messages: [N.Message]
  @usableFromInline var values: [StoredValue]
  @usableFromInline var outputs: [N.Output] = []
  @usableFromInline var replies: [(reply: N.Reply, token: Token)] = []

  /// The arrays are empty and may have room in them.
  @inlinable init(
    id: NodeID, _ environment: HandlerEnvironment, names: NameTable, effects: [Effect],
    messages: [N.Message], values: [StoredValue]
  ) {
    self.id = id
    uptimeMicroseconds = environment.uptimeMicroseconds
    wallMicroseconds = environment.wallMicroseconds
    random = RandomStream(seed: environment.randomSeed)
    notesSources = environment.notesSources
    self.names = names
    self.effects = effects
    self.messages = messages
    self.values = values
  }

  /// Time since this process started, by its own monotonic clock. Timers follow this clock.
  public var uptime: Duration { .microseconds(uptimeMicroseconds) }
  /// The node's wall clock: time since 1970. It may be wrong, and it may jump.
  public var wall: Duration { .microseconds(wallMicroseconds) }

  // Every effect is told where in the student's code it was asked for, so that a failing run can be shown beside its lines.
  @inlinable mutating func ask(_ effect: Effect, _ file: StaticString, _ line: Int) {
    effects.append(effect)
    if notesSources { sources.append(EffectSource(file: file, line: line)) }
  }

  /// Sends a message. It may arrive late, twice, out of order or never.
  @inlinable public mutating func send(
    _ message: N.Message, to receiver: NodeID, file: StaticString = #fileID, line: Int = #line
  ) {
    messages.append(message)
    ask(
      .send(message: Int32(messages.count - 1), to: Int32(truncatingIfNeeded: receiver.number)), file, line)
  }

  /// Sends one message to several nodes.
  @inlinable public mutating func send(
    _ message: N.Message, to receivers: some Sequence<NodeID>, file: StaticString = #fileID,
    line: Int = #line
  ) {
    messages.append(message)
    let position = Int32(messages.count - 1)
    for receiver in receivers {
      ask(.send(message: position, to: Int32(truncatingIfNeeded: receiver.number)), file, line)
    }
  }

  /// Lets a timer run out after a time on the node's monotonic clock. A timer of this name that still runs is moved.
  @inlinable public mutating func setTimer(
    _ name: TimerName, after delay: Duration, file: StaticString = #fileID, line: Int = #line
  ) {
    ask(
      .setTimer(names.number(of: name.text), delayMicroseconds: max(0, wholeMicroseconds(of: delay))),
      file, line)
  }

  /// Stops a timer. Its `timerFired` will not come, unless it is set again.
  @inlinable public mutating func cancelTimer(
    _ name: TimerName, file: StaticString = #fileID, line: Int = #line
  ) {
    ask(.cancelTimer(names.number(of: name.text)), file, line)
  }

  /// Replaces the durable value under `key`, atomically, before the next effect takes place.
  @inlinable public mutating func persist<Value: Codable & Sendable>(
    _ value: Value, under key: String, file: StaticString = #fileID, line: Int = #line
  ) {
    values.append(.live(value))
    ask(.persist(key: names.number(of: key), value: Int32(values.count - 1)), file, line)
  }

  /// Answers a client.
  @inlinable public mutating func reply(
    _ reply: N.Reply, to token: Token, file: StaticString = #fileID, line: Int = #line
  ) {
    replies.append((reply, token))
    ask(.reply(Int32(replies.count - 1)), file, line)
  }

  /// Announces something to whoever watches this node.
  @inlinable public mutating func output(
    _ output: N.Output, file: StaticString = #fileID, line: Int = #line
  ) {
    outputs.append(output)
    ask(.output(Int32(outputs.count - 1)), file, line)
  }

  /// A number of `range`, each as likely. The node's only source of chance.
  @inlinable public mutating func random(in range: ClosedRange<Int>) -> Int { random.next(in: range) }

  /// Runs a handler of a part, another node that this one is made of.
  ///
  /// The part's messages, timers and persisted values become this node's, in their order; `translate` wraps a message.
  /// Its outputs and replies are returned: what becomes of them is for this node to say.
  @inlinable public mutating func run<Part: Node>(
    _ part: inout Part, translating translate: (Part.Message) -> N.Message,
    _ handler: (inout Part, inout Context<Part>) -> Void
  ) -> PartResult<Part> {
    var inner = Context<Part>(
      id: id,
      HandlerEnvironment(
        uptimeMicroseconds: uptimeMicroseconds, wallMicroseconds: wallMicroseconds, randomSeed: random.next(),
        notesSources: notesSources),
      names: names, effects: [], messages: [], values: [])
    handler(&part, &inner)
    let (firstMessage, firstValue) = (Int32(messages.count), Int32(values.count))
    for message in inner.messages { messages.append(translate(message)) }
    values.append(contentsOf: inner.values)
    for (position, effect) in inner.effects.enumerated() {
      switch effect {
      case .send(let message, let receiver):
        effects.append(.send(message: firstMessage + message, to: receiver))
      case .persist(let key, let value): effects.append(.persist(key: key, value: firstValue + value))
      case .setTimer, .cancelTimer: effects.append(effect)
      case .reply, .output: continue
      }
      if notesSources { sources.append(inner.sources[position]) }
    }
    return PartResult(outputs: inner.outputs, replies: inner.replies)
  }
}

/// A time in whole microseconds, rounded towards zero.
@usableFromInline func wholeMicroseconds(of duration: Duration) -> Int {
  // Ordinary times fit a word, and its division is many times faster than that of 128 bits.
  if let attoseconds = UInt64(exactly: duration.attoseconds) { return Int(attoseconds / 1_000_000_000_000) }
  let parts = duration.components
  return Int(parts.seconds) &* 1_000_000 &+ Int(parts.attoseconds / 1_000_000_000_000)
}

/// What a part's handler announced and answered.
public struct PartResult<Part: Node>: Sendable {
  public let outputs: [Part.Output]
  public let replies: [(reply: Part.Reply, token: Token)]

  @usableFromInline init(outputs: [Part.Output], replies: [(reply: Part.Reply, token: Token)]) {
    self.outputs = outputs
    self.replies = replies
  }
}
