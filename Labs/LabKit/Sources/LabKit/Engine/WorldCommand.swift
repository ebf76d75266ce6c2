/// How one directed link treats messages.
public struct LinkProfile: Hashable, Sendable {
  /// Ordinary one-way delay.
  public var delayMicroseconds: ClosedRange<Int>
  public var lossPartsPerMillion: Int
  public var duplicationPartsPerMillion: Int
  /// How many messages in a million take up to `tailMicroseconds` instead.
  public var tailPartsPerMillion: Int
  public var tailMicroseconds: Int

  public init(
    delayMicroseconds: ClosedRange<Int> = 1_000...10_000, lossPartsPerMillion: Int = 0,
    duplicationPartsPerMillion: Int = 0, tailPartsPerMillion: Int = 0, tailMicroseconds: Int = 0
  ) {
    self.delayMicroseconds = delayMicroseconds
    self.lossPartsPerMillion = lossPartsPerMillion
    self.duplicationPartsPerMillion = duplicationPartsPerMillion
    self.tailPartsPerMillion = tailPartsPerMillion
    self.tailMicroseconds = tailMicroseconds
  }
}

/// One message of a run: the `number`-th that went over a link.
public struct LinkMessage: Hashable, Comparable, Sendable, Codable {
  public let from: Int
  public let to: Int
  public let number: Int

  public init(from: Int, to: Int, number: Int) {
    self.from = from
    self.to = to
    self.number = number
  }

  public static func < (left: LinkMessage, right: LinkMessage) -> Bool {
    (left.from, left.to, left.number) < (right.from, right.to, right.number)
  }
}

/// Something that a branch of a run lets happen at once, in place of what came next.
public enum Turn: Hashable, Sendable, Codable {
  /// A message that is under way arrives; of one that was doubled, the copy that would be first.
  case deliver(LinkMessage)
  /// A timer that a node has set runs out.
  case ring(node: Int, timer: String)
}

/// What the judge tells a world to do. Nodes are counted from 1.
public enum WorldCommand: Hashable, Sendable, WireValue {
  case boot(node: Int)
  /// The process is gone at once: its volatile state is lost, what it persisted stays.
  case crash(node: Int)
  /// Crashes the node at its `handler`-th handler from now that persists something, after `fraction` millionths of that
  /// handler's effects have taken place.
  case crashBetweenEffects(node: Int, handler: Int, fraction: Int)
  case pause(node: Int)
  case resume(node: Int)
  case setLink(from: Int, to: Int, LinkProfile)
  case cut(from: Int, to: Int, Bool)
  /// The node's clocks: its timers run `driftPartsPerMillion` fast, its wall clock is off by an offset.
  case setClock(node: Int, driftPartsPerMillion: Int, wallOffsetMicroseconds: Int)
  /// A client's request reaches the node at a time.
  case request(node: Int, client: Int, operation: Int, atMicroseconds: Int, body: [UInt8])
  /// Stops the world when something happens. The judge gives each watch a number of its own.
  case watch(Int, Watch)
  case unwatch(Int)
  /// Lets the next `count` effects of the handler for which the world stopped take place. What remains takes place when
  /// the world advances, unless the node is crashed before.
  case applyFirst(count: Int)
  /// Whether the trace tells the encoded size of every message sent from now on. It costs an encoding each.
  case weighMessages(Bool)
  /// Tells in the trace how many bytes the values on each node's disk have, encoded.
  case weighDisks
  /// From now on every message but these is treated as on an ordinary link, whatever its link is like. Cut links stay cut.
  case keepOrdinary(except: [LinkMessage])
  /// Whether the trace tells, before each effect from now on, the line of code that asked for it.
  case noteSources(Bool)
  /// Lets something happen as soon as so many handlers have run. What is not under way by then, or not set, does not.
  case turn(afterHandler: Int, Turn)

  public func write(to writer: inout WireWriter) {
    func put(_ tag: UInt8, _ numbers: Int...) {
      writer.byte(tag)
      for number in numbers { writer.integer(number) }
    }
    switch self {
    case .boot(let node): put(1, node)
    case .crash(let node): put(2, node)
    case .crashBetweenEffects(let node, let handler, let fraction): put(3, node, handler, fraction)
    case .pause(let node): put(4, node)
    case .resume(let node): put(5, node)
    case .setLink(let from, let to, let link):
      put(
        6, from, to, link.delayMicroseconds.lowerBound, link.delayMicroseconds.upperBound,
        link.lossPartsPerMillion, link.duplicationPartsPerMillion, link.tailPartsPerMillion,
        link.tailMicroseconds)
    case .cut(let from, let to, let isCut): put(7, from, to, isCut ? 1 : 0)
    case .setClock(let node, let drift, let offset): put(8, node, drift, offset)
    case .request(let node, let client, let operation, let time, let body):
      put(9, node, client, operation, time)
      writer.raw(body)
    case .watch(let number, let watch):
      put(10, number)
      watch.write(to: &writer)
    case .unwatch(let number): put(11, number)
    case .applyFirst(let count): put(12, count)
    case .weighMessages(let weighs): put(13, weighs ? 1 : 0)
    case .keepOrdinary(let exceptions):
      put(14)
      writer.unsigned(UInt64(exceptions.count))
      for message in exceptions {
        for number in [message.from, message.to, message.number] { writer.integer(number) }
      }
    case .noteSources(let notes): put(15, notes ? 1 : 0)
    case .weighDisks: put(18)
    case .turn(let handler, .deliver(let message)): put(16, handler, message.from, message.to, message.number)
    case .turn(let handler, .ring(let node, let timer)):
      put(17, handler, node)
      writer.text(timer)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    let tag = try reader.byte()
    switch tag {
    case 1: self = .boot(node: try reader.integer())
    case 2: self = .crash(node: try reader.integer())
    case 3:
      self = .crashBetweenEffects(
        node: try reader.integer(), handler: try reader.integer(), fraction: try reader.integer())
    case 4: self = .pause(node: try reader.integer())
    case 5: self = .resume(node: try reader.integer())
    case 6:
      let from = try reader.integer()
      let to = try reader.integer()
      let low = try reader.integer()
      let high = try reader.integer()
      guard low >= 0, low <= high else {
        throw .malformed(what: "an empty delay range", offset: reader.offset)
      }
      self = .setLink(
        from: from, to: to,
        LinkProfile(
          delayMicroseconds: low...high, lossPartsPerMillion: try reader.integer(),
          duplicationPartsPerMillion: try reader.integer(), tailPartsPerMillion: try reader.integer(),
          tailMicroseconds: try reader.integer()))
    case 7:
      self = .cut(from: try reader.integer(), to: try reader.integer(), try reader.integer() != 0)
    case 8:
      self = .setClock(
        node: try reader.integer(), driftPartsPerMillion: try reader.integer(),
        wallOffsetMicroseconds: try reader.integer())
    case 9:
      self = .request(
        node: try reader.integer(), client: try reader.integer(), operation: try reader.integer(),
        atMicroseconds: try reader.integer(), body: Array(try reader.raw()))
    case 10: self = .watch(try reader.integer(), try Watch(from: &reader))
    case 11: self = .unwatch(try reader.integer())
    case 12: self = .applyFirst(count: try reader.integer())
    case 13: self = .weighMessages(try reader.integer() != 0)
    case 14:
      var exceptions: [LinkMessage] = []
      for _ in 0..<(try reader.count()) {
        exceptions.append(
          LinkMessage(
            from: try reader.integer(), to: try reader.integer(), number: try reader.integer()))
      }
      self = .keepOrdinary(except: exceptions)
    case 15: self = .noteSources(try reader.integer() != 0)
    case 18: self = .weighDisks
    case 16:
      self = .turn(
        afterHandler: try reader.integer(),
        .deliver(
          LinkMessage(
            from: try reader.integer(), to: try reader.integer(), number: try reader.integer())))
    case 17:
      self = .turn(
        afterHandler: try reader.integer(),
        .ring(node: try reader.integer(), timer: try reader.text()))
    default: throw .malformed(what: "an unknown world command \(tag)", offset: reader.offset)
    }
  }
}

/// What a world is made of before anything runs.
public struct WorldConfiguration: Hashable, Sendable, WireValue {
  public var seed: UInt64
  public var nodes: Int
  /// How many nodes are told that they are the members: the first ones after those that the course provides. The others may
  /// be added later.
  public var firstMembers: Int
  /// Which of the program's nodes runs here, by the name under which it was registered.
  public var program: String

  /// How many nodes, the first ones of all, the course provides.
  public var givenNodes: Int { GivenNodes.beside(program).count }

  /// - Parameter firstMembers: all nodes that the course does not provide, if nil.
  public init(seed: UInt64, nodes: Int, firstMembers: Int? = nil, program: String) {
    self.seed = seed
    self.nodes = nodes
    self.firstMembers = firstMembers ?? nodes - GivenNodes.beside(program).count
    self.program = program
  }

  var members: [NodeID] { (1...firstMembers).map { NodeID(givenNodes + $0) } }

  public func write(to writer: inout WireWriter) {
    writer.unsigned(seed)
    writer.integer(nodes)
    writer.integer(firstMembers)
    writer.text(program)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    seed = try reader.unsigned()
    nodes = try reader.integer()
    firstMembers = try reader.integer()
    program = try reader.text()
    guard (1...64).contains(nodes) else {
      throw .malformed(what: "a world of \(nodes) nodes (1 to 64 are possible)", offset: reader.offset)
    }
    guard firstMembers >= 1, firstMembers <= nodes - givenNodes else {
      throw .malformed(
        what: "\(firstMembers) first members of \(nodes - givenNodes) nodes", offset: reader.offset)
    }
  }
}

/// Why a world stopped advancing.
public enum AdvanceEnd: UInt8, Sendable {
  /// The time asked for has come.
  case time = 0
  /// A client got a reply, and the judge had asked to hear of it.
  case reply = 1
  /// Handlers kept sending without time passing, or too much is under way.
  case messageStorm = 2
  /// A watch hit: the handler has returned, and its effects wait for the judge.
  case watch = 3
}
