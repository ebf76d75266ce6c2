/// What the judge waits for. When it happens the world stops after the handler and before its effects, so that the judge
/// can strike at the moment that hurts.
public struct Watch: Hashable, Sendable, WireValue {
  public enum Event: UInt8, Sendable {
    /// The handler of a start, a message, a timer or a client's request.
    case started = 1
    case received = 2
    case timerFired = 3
    case requested = 4
    /// The handler changed what the node claims.
    case statusChanged = 5
    /// The handler asks for such an effect. A handler with several of them counts as often.
    case sent = 6
    case persisted = 7
    case replied = 8
    case output = 9
    case timerSet = 10
  }

  public var event: Event
  /// The node whose handler counts; any if nil.
  public var node: Int?
  /// The other end of a message sent or received; any if nil.
  public var peer: Int?
  /// All of these hold for the handler.
  public var conditions: [StatusCondition]
  /// Hits from this match on, counted from 1.
  public var occurrence: Int
  /// After so many hits the watch is spent.
  public var maximumHits: Int

  public init(
    _ event: Event, on node: Int? = nil, peer: Int? = nil, where conditions: [StatusCondition] = [],
    occurrence: Int = 1, maximumHits: Int = 1
  ) {
    self.event = event
    self.node = node
    self.peer = peer
    self.conditions = conditions
    self.occurrence = occurrence
    self.maximumHits = maximumHits
  }

  public func write(to writer: inout WireWriter) {
    writer.byte(event.rawValue)
    for number in [node ?? 0, peer ?? 0, occurrence, maximumHits] { writer.integer(number) }
    writer.unsigned(UInt64(conditions.count))
    for condition in conditions { condition.write(to: &writer) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    guard let event = Event(rawValue: try reader.byte()) else {
      throw .malformed(what: "a watch for an unknown event", offset: reader.offset)
    }
    self.init(event)
    let node = try reader.integer()
    let peer = try reader.integer()
    self.node = node == 0 ? nil : node
    self.peer = peer == 0 ? nil : peer
    occurrence = try reader.integer()
    maximumHits = try reader.integer()
    for _ in 0..<(try reader.count()) { conditions.append(try StatusCondition(from: &reader)) }
  }
}

/// A demand on one field of a status: as it is after the handler, or how the handler changed it.
public struct StatusCondition: Hashable, Sendable, WireValue {
  public enum Comparison: UInt8, Sendable {
    case equals = 1
    case differs = 2
    case atLeast = 3
    case atMost = 4
    /// It equals the value now and did not before.
    case became = 5
    /// It is at least the value now and was less before.
    case roseTo = 6
    /// It is not what it was before; the value does not matter.
    case changed = 7
  }

  /// The field's position in `NodeStatus.fields`.
  public var field: Int
  public var comparison: Comparison
  public var value: Int

  public init(field: Int, _ comparison: Comparison, _ value: Int = 0) {
    self.field = field
    self.comparison = comparison
    self.value = value
  }

  func holds(before: SIMD8<Int64>, after: SIMD8<Int64>) -> Bool {
    let old = Int(before[field])
    let new = Int(after[field])
    return switch comparison {
    case .equals: new == value
    case .differs: new != value
    case .atLeast: new >= value
    case .atMost: new <= value
    case .became: new == value && old != value
    case .roseTo: new >= value && old < value
    case .changed: new != old
    }
  }

  public func write(to writer: inout WireWriter) {
    writer.byte(UInt8(field))
    writer.byte(comparison.rawValue)
    writer.integer(value)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    let field = try reader.byte()
    guard field < 8, let comparison = Comparison(rawValue: try reader.byte()) else {
      throw .malformed(what: "an unknown condition on a status", offset: reader.offset)
    }
    self.init(field: Int(field), comparison, try reader.integer())
  }
}

/// Why the world stopped, and what the handler wants: its effects, none of which has taken place yet.
public struct WatchHit: Hashable, Sendable, WireValue {
  public struct Match: Hashable, Sendable {
    /// The number that the judge gave the watch.
    public let watch: Int
    /// The position of the effect that the watch was for, or nil if it was for something else.
    public let effect: Int?
  }

  public let node: Int
  public let matches: [Match]
  public let effects: [EffectKind]

  init(node: Int, matches: [Match], effects: [EffectKind]) {
    self.node = node
    self.matches = matches
    self.effects = effects
  }

  public func write(to writer: inout WireWriter) {
    writer.integer(node)
    writer.unsigned(UInt64(matches.count))
    for match in matches {
      writer.integer(match.watch)
      writer.integer(match.effect ?? -1)
    }
    writer.unsigned(UInt64(effects.count))
    for effect in effects { effect.write(to: &writer) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    node = try reader.integer()
    var matches: [Match] = []
    for _ in 0..<(try reader.count()) {
      let watch = try reader.integer()
      let effect = try reader.integer()
      matches.append(Match(watch: watch, effect: effect < 0 ? nil : effect))
    }
    var effects: [EffectKind] = []
    for _ in 0..<(try reader.count()) { effects.append(try EffectKind(from: &reader)) }
    self.matches = matches
    self.effects = effects
  }
}

/// One effect, without its payload.
public enum EffectKind: Hashable, Sendable, WireValue {
  case send(to: Int, kind: String)
  case setTimer(String)
  case cancelTimer(String)
  case persist(key: String)
  case reply(client: Int, operation: Int)
  case output

  public func write(to writer: inout WireWriter) {
    switch self {
    case .send(let receiver, let kind):
      writer.byte(1)
      writer.integer(receiver)
      writer.text(kind)
    case .setTimer(let name):
      writer.byte(2)
      writer.text(name)
    case .cancelTimer(let name):
      writer.byte(3)
      writer.text(name)
    case .persist(let key):
      writer.byte(4)
      writer.text(key)
    case .reply(let client, let operation):
      writer.byte(5)
      writer.integer(client)
      writer.integer(operation)
    case .output: writer.byte(6)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 1: self = .send(to: try reader.integer(), kind: try reader.text())
    case 2: self = .setTimer(try reader.text())
    case 3: self = .cancelTimer(try reader.text())
    case 4: self = .persist(key: try reader.text())
    case 5: self = .reply(client: try reader.integer(), operation: try reader.integer())
    case 6: self = .output
    default: throw .malformed(what: "an unknown kind of effect", offset: reader.offset)
    }
  }
}
