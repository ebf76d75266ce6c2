/// How a handler acts on the world. It exists for the time of one handler; what it is asked for happens after the
/// handler has returned, in the same order.
public struct Context<N: Node>: ~Copyable {
  /// This node.
  public let id: NodeID
  /// Time since this process started, by its own monotonic clock. Timers follow this clock.
  public let uptime: Duration
  /// The node's wall clock: time since 1970. It may be wrong, and it may jump.
  public let wall: Duration

  @usableFromInline var random: RandomStream
  @usableFromInline var effects: Effects
  @usableFromInline var messages: [N.Message] = []
  @usableFromInline var outputs: [N.Output] = []
  @usableFromInline var replies: [(reply: N.Reply, token: Token)] = []

  @usableFromInline init(
    id: NodeID, uptimeMicroseconds: Int, wallMicroseconds: Int, randomSeed: UInt64
  ) {
    self.id = id
    uptime = .microseconds(uptimeMicroseconds)
    wall = .microseconds(wallMicroseconds)
    random = RandomStream(seed: randomSeed)
    effects = Effects()
  }

  /// Sends a message. It may arrive late, twice, out of order or never.
  public mutating func send(_ message: N.Message, to receiver: NodeID) {
    messages.append(message)
    effects.append(.send(message: messages.count - 1, to: receiver))
  }

  /// Sends one message to several nodes.
  public mutating func send(_ message: N.Message, to receivers: some Sequence<NodeID>) {
    messages.append(message)
    for receiver in receivers { effects.append(.send(message: messages.count - 1, to: receiver)) }
  }

  /// Lets a timer run out after a time on the node's monotonic clock. A timer of this name that still runs is moved.
  public mutating func setTimer(_ name: TimerName, after delay: Duration) {
    let parts = delay.components
    let microseconds = Int(parts.seconds) &* 1_000_000 &+ Int(parts.attoseconds / 1_000_000_000_000)
    effects.append(.setTimer(name, delayMicroseconds: max(0, microseconds)))
  }

  /// Stops a timer. Its `timerFired` will not come, unless it is set again.
  public mutating func cancelTimer(_ name: TimerName) { effects.append(.cancelTimer(name)) }

  /// Replaces the durable value under `key`, atomically, before the next effect takes place.
  public mutating func persist<Value: Codable & Sendable>(_ value: Value, under key: String) {
    effects.append(.persist(key: key, value: .live(value)))
  }

  /// Answers a client.
  public mutating func reply(_ reply: N.Reply, to token: Token) {
    replies.append((reply, token))
    effects.append(.reply(replies.count - 1))
  }

  /// Announces something to whoever watches this node.
  public mutating func output(_ output: N.Output) {
    outputs.append(output)
    effects.append(.output(outputs.count - 1))
  }

  /// A number of `range`, each as likely. The node's only source of chance.
  public mutating func random(in range: ClosedRange<Int>) -> Int { random.next(in: range) }

  /// Runs a handler of a part, another node that this one is made of.
  ///
  /// The part's messages, timers and persisted values become this node's, in their order; `translate` wraps a message.
  /// Its outputs and replies are returned: what becomes of them is for this node to say.
  public mutating func run<Part: Node>(
    _ part: inout Part, translating translate: (Part.Message) -> N.Message,
    _ handler: (inout Part, inout Context<Part>) -> Void
  ) -> PartResult<Part> {
    var inner = Context<Part>(
      id: id, uptime: uptime, wall: wall, randomSeed: random.next())
    handler(&part, &inner)
    for effect in inner.effects.list {
      switch effect {
      case .send(let message, let receiver):
        messages.append(translate(inner.messages[message]))
        effects.append(.send(message: messages.count - 1, to: receiver))
      case .reply, .output:
        break
      case .setTimer, .cancelTimer, .persist:
        effects.append(effect)
      }
    }
    return PartResult(outputs: inner.outputs, replies: inner.replies)
  }

  private init(id: NodeID, uptime: Duration, wall: Duration, randomSeed: UInt64) {
    self.id = id
    self.uptime = uptime
    self.wall = wall
    random = RandomStream(seed: randomSeed)
    effects = Effects()
  }
}

/// What a part's handler announced and answered.
public struct PartResult<Part: Node>: Sendable {
  public let outputs: [Part.Output]
  public let replies: [(reply: Part.Reply, token: Token)]
}

/// What a handler asked for, in order.
@usableFromInline struct Effects: Sendable {
  @usableFromInline var list: [Effect] = []
  @usableFromInline init() {}
  @usableFromInline mutating func append(_ effect: Effect) { list.append(effect) }
}

/// One thing that a handler asked for. Payloads stand in the context, by their position there.
@usableFromInline enum Effect: Sendable {
  case send(message: Int, to: NodeID)
  case setTimer(TimerName, delayMicroseconds: Int)
  case cancelTimer(TimerName)
  case persist(key: String, value: StoredValue)
  case reply(Int)
  case output(Int)
}
