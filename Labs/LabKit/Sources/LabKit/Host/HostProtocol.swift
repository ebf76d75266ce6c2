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
public let hostProtocolVersion = 2

/// A message as bytes: what a world knows of it when its nodes run in processes of their own.
public struct EncodedMessage: NodeMessage {
  public let kind: String
  public let bytes: [UInt8]
}

/// A node in a process of its own: every handler is one exchange of frames.
final class RemoteNodeBox: NodeBox<EncodedMessage> {
  private let node: Int
  private let exchange: ([UInt8]) throws -> [UInt8]
  private var claimed = SIMD8<Int64>.zero
  override var status: SIMD8<Int64> { claimed }

  init(node: Int, exchange: @escaping ([UInt8]) throws -> [UInt8]) {
    self.node = node
    self.exchange = exchange
  }

  override func perform(_ event: NodeEvent<EncodedMessage>, _ environment: HandlerEnvironment) throws
    -> HandlerResult<EncodedMessage>
  {
    var writer = WireWriter()
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
    case .message(let message, let sender):
      writer.byte(2)
      writer.integer(sender.number)
      writer.raw(message.bytes)
    case .timer(let name):
      writer.byte(3)
      writer.text(name.text)
    case .request(let body, let token):
      writer.byte(4)
      writer.integer(token.client)
      writer.integer(token.operation)
      writer.raw(body)
    }
    let result = try HandlerResult(frame: exchange(writer.bytes))
    try ClaimCheck.check(result.claims, of: node, &claimed)
    return result
  }
}

extension HandlerResult<EncodedMessage> {
  init(frame: [UInt8]) throws(WireError) {
    self.init()
    var reader = WireReader(frame)
    guard try reader.byte() == HostAnswer.result.rawValue else {
      throw .malformed(what: "an answer that is no result", offset: 0)
    }
    for _ in 0..<(try reader.count()) {
      messages.append(EncodedMessage(kind: try reader.text(), bytes: Array(try reader.raw())))
    }
    for _ in 0..<(try reader.count()) {
      switch try reader.byte() {
      case 1:
        let message = try reader.integer()
        guard messages.indices.contains(message) else {
          throw .malformed(what: "a send of message \(message)", offset: reader.offset)
        }
        effects.append(.send(message: message, to: NodeID(try reader.integer())))
      case 2: effects.append(.setTimer(TimerName(try reader.text()), delayMicroseconds: try reader.integer()))
      case 3: effects.append(.cancelTimer(TimerName(try reader.text())))
      case 4: effects.append(.persist(key: try reader.text(), value: .encoded(Array(try reader.raw()))))
      case 5:
        let token = Token(client: try reader.integer(), operation: try reader.integer())
        replies.append((Array(try reader.raw()), token))
        effects.append(.reply(replies.count - 1))
      case 6:
        outputs.append(Array(try reader.raw()))
        effects.append(.output(outputs.count - 1))
      default: throw .malformed(what: "an unknown effect", offset: reader.offset)
      }
    }
    claims = Array(try reader.raw())
  }
}

/// Claims come from a process that nobody trusts: they may hold its own node's statuses and logs, and nothing else.
enum ClaimCheck {
  /// Checks claims of `node` and brings its status up to date.
  static func check(_ claims: [UInt8], of node: Int, _ status: inout SIMD8<Int64>) throws(WireError) {
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
  /// A world whose nodes run in processes of their own. `exchange` hands a frame to a node's process (nodes are counted
  /// from 1) and returns its answer.
  public convenience init(
    apart configuration: WorldConfiguration, exchange: @escaping (Int, [UInt8]) throws -> [UInt8]
  ) {
    self.init(configuration) { id, _ in RemoteNodeBox(node: id.number) { try exchange(id.number, $0) } }
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
  /// The result as a frame, each message encoded once however many nodes it goes to.
  func frame() throws -> [UInt8] {
    var writer = WireWriter()
    writer.byte(HostAnswer.result.rawValue)
    writer.unsigned(UInt64(messages.count))
    for message in messages {
      writer.text(message.kind)
      writer.raw(try WireCodec.encode(message))
    }
    writer.unsigned(UInt64(effects.count))
    for effect in effects {
      switch effect {
      case .send(let message, let receiver):
        writer.byte(1)
        writer.integer(message)
        writer.integer(receiver.number)
      case .setTimer(let name, let delay):
        writer.byte(2)
        writer.text(name.text)
        writer.integer(delay)
      case .cancelTimer(let name):
        writer.byte(3)
        writer.text(name.text)
      case .persist(let key, let value):
        writer.byte(4)
        writer.text(key)
        writer.raw(try value.bytes())
      case .reply(let position):
        writer.byte(5)
        writer.integer(replies[position].token.client)
        writer.integer(replies[position].token.operation)
        writer.raw(replies[position].body)
      case .output(let position):
        writer.byte(6)
        writer.raw(outputs[position])
      }
    }
    writer.raw(claims)
    return writer.bytes
  }
}
