/// What `lab` asks of a hosted process. The first byte of a frame.
public enum HostRequest: UInt8, Sendable {
  case makeWorld = 1
  case run = 2
  case makeNode = 10
  case event = 11
}

/// What a hosted process answers. The first byte of a frame.
public enum HostAnswer: UInt8, Sendable {
  case hello = 1
  case batch = 2
  case trouble = 3
  case result = 11
  case notImplemented = 250
}

/// The version of the frames between `lab` and a hosted process. It rises with every change.
public let hostProtocolVersion = 7

/// A message as bytes: what a world knows of it when its nodes run in processes of their own.
public struct EncodedMessage: NodeMessage {
  public let kind: String
  public let bytes: [UInt8]
}

/// A node in a process of its own: every handler is one exchange of frames.
final class RemoteNode {
  private let messages: MessageStore<EncodedMessage>
  private let names: NameTable
  private let exchange: ([UInt8]) throws -> [UInt8]
  private var writer = WireWriter()
  private var recorder: ClaimRecorder

  init(
    node: Int, messages: MessageStore<EncodedMessage>, names: NameTable,
    exchange: @escaping ([UInt8]) throws -> [UInt8]
  ) {
    self.messages = messages
    self.names = names
    self.exchange = exchange
    recorder = ClaimRecorder(node: node)
  }

  var box: NodeBox { NodeBox(owner: self) { try self.perform($0, $1, &$2) } }

  private func perform(
    _ event: NodeEvent, _ environment: HandlerEnvironment, _ result: inout HandlerResult
  ) throws {
    writer.bytes.removeAll(keepingCapacity: true)
    writer.byte(HostRequest.event.rawValue)
    writer.integer(environment.uptimeMicroseconds)
    writer.integer(environment.wallMicroseconds)
    writer.unsigned(environment.randomSeed)
    switch event {
    case .start(let disk):
      writer.byte(1)
      writer.unsigned(UInt64(disk.values.count))
      for (key, value) in disk.values {
        writer.text(key)
        writer.raw(try value.bytes())
      }
    case .message(let slot, let isLast, let sender):
      writer.byte(2)
      writer.integer(sender)
      writer.raw(messages.message(slot, isLast: isLast).bytes)
    case .timer(let name):
      writer.byte(3)
      writer.text(names.text(name))
    case .request(let body, let token):
      writer.byte(4)
      writer.integer(token.client)
      writer.integer(token.operation)
      writer.raw(body)
    }
    try read(exchange(writer.bytes), into: &result)
    try recorder.note(result.claims.bytes)
    result.status = recorder.status
  }

  private func read(_ frame: [UInt8], into result: inout HandlerResult) throws {
    var reader = WireReader(frame)
    guard try reader.byte() == HostAnswer.result.rawValue else {
      throw WireError.malformed(what: "an answer that is no result", offset: 0)
    }
    for _ in 0..<(try reader.count()) {
      let message = EncodedMessage(kind: try reader.text(), bytes: Array(try reader.raw()))
      result.slots.append(messages.store(message, names))
    }
    for _ in 0..<(try reader.count()) {
      switch try reader.byte() {
      case 1:
        let message = try reader.integer()
        guard result.slots.indices.contains(message) else {
          throw WireError.malformed(what: "a send of message \(message)", offset: reader.offset)
        }
        result.effects.append(
          .send(message: Int32(message), to: Int32(truncatingIfNeeded: try reader.integer())))
      case 2:
        let name = names.number(of: try reader.text())
        result.effects.append(.setTimer(name, delayMicroseconds: try reader.integer()))
      case 3: result.effects.append(.cancelTimer(names.number(of: try reader.text())))
      case 4:
        let key = names.number(of: try reader.text())
        result.values.append(.encoded(Array(try reader.raw())))
        result.effects.append(.persist(key: key, value: Int32(result.values.count - 1)))
      case 5:
        let token = Token(client: try reader.integer(), operation: try reader.integer())
        result.replies.append((Array(try reader.raw()), token))
        result.effects.append(.reply(Int32(result.replies.count - 1)))
      case 6:
        result.outputs.append(Array(try reader.raw()))
        result.effects.append(.output(Int32(result.outputs.count - 1)))
      default: throw WireError.malformed(what: "an unknown effect", offset: reader.offset)
      }
    }
    result.claims.bytes.append(contentsOf: try reader.raw())
  }
}

extension ClaimRecorder {
  /// Checks claims that come from a process that nobody trusts, and brings the status up to date: they may hold its own
  /// node's statuses and logs, and nothing else.
  mutating func note(_ claims: [UInt8]) throws(WireError) {
    var reader = WireReader(claims)
    while !reader.isAtEnd {
      let tag = try reader.byte()
      let claimant = try reader.byte()
      guard Int(claimant) == node else {
        throw .malformed(what: "n\(node) makes a claim for node \(claimant)", offset: reader.offset)
      }
      switch tag {
      case TraceTag.log.rawValue:
        _ = try reader.integer()
        for _ in 0..<(try reader.count()) {
          _ = try reader.integer()
          _ = try reader.unsigned()
        }
      case TraceTag.status.rawValue:
        let mask = try reader.byte()
        for field in 0..<8 where mask & (1 << UInt8(field)) != 0 {
          status[field] = Int64(try reader.integer())
        }
      default: throw .malformed(what: "a claim of kind \(tag)", offset: reader.offset)
      }
    }
  }
}

extension World where Message == EncodedMessage {
  /// A world whose nodes run in processes of their own, but for those that the course provides. `exchange` hands a frame to a node's process (nodes are counted
  /// from 1) and returns its answer.
  public convenience init(
    apart configuration: WorldConfiguration, exchange: @escaping (Int, [UInt8]) throws -> [UInt8]
  ) {
    let messages = MessageStore<EncodedMessage>()
    let names = NameTable()
    let given = GivenNodes.beside(configuration.program)
    self.init(
      core: WorldCore(configuration, messages: messages, names: names) { id, members in
        guard given.indices.contains(id.number - 1) else {
          return RemoteNode(node: id.number, messages: messages, names: names) {
            try exchange(id.number, $0)
          }.box
        }
        // What the course provides is here, behind the same frames.
        let node = given[id.number - 1].hosted(id, members)
        return RemoteNode(node: id.number, messages: messages, names: names) { frame in
          var reader = WireReader(frame)
          _ = try reader.byte()
          return try node.answer(&reader)
        }.box
      })
  }

  /// The frame that makes a node's process ready for a run.
  public static func frameToMakeNode(_ id: Int, _ configuration: WorldConfiguration) -> [UInt8] {
    var writer = WireWriter()
    writer.byte(HostRequest.makeNode.rawValue)
    configuration.write(to: &writer)
    writer.integer(id)
    return writer.bytes
  }
}

extension HandlerResult {
  /// The result as a frame, each message encoded once however many nodes it goes to. `persisted` holds, by key, what was
  /// encoded before.
  func frame(_ messages: MessageSlots, _ names: NameTable, _ persisted: inout [Int32: WireMemory]) throws
    -> [UInt8]
  {
    var writer = WireWriter()
    writer.byte(HostAnswer.result.rawValue)
    writer.unsigned(UInt64(slots.count))
    for slot in slots {
      writer.text(names.text(messages.kind(slot)))
      writer.raw(try messages.encoded(slot))
    }
    writer.unsigned(UInt64(effects.count))
    for effect in effects {
      switch effect {
      case .send(let message, let receiver):
        writer.byte(1)
        writer.integer(Int(message))
        writer.integer(Int(receiver))
      case .setTimer(let name, let delay):
        writer.byte(2)
        writer.text(names.text(name))
        writer.integer(delay)
      case .cancelTimer(let name):
        writer.byte(3)
        writer.text(names.text(name))
      case .persist(let key, let value):
        writer.byte(4)
        writer.text(names.text(key))
        let memory = persisted[key] ?? WireMemory()
        persisted[key] = memory
        writer.raw(try values[Int(value)].bytes(remembering: memory))
      case .reply(let position):
        writer.byte(5)
        writer.integer(replies[Int(position)].token.client)
        writer.integer(replies[Int(position)].token.operation)
        writer.raw(replies[Int(position)].body)
      case .output(let position):
        writer.byte(6)
        writer.raw(outputs[Int(position)])
      }
    }
    writer.raw(claims.bytes)
    return writer.bytes
  }
}
