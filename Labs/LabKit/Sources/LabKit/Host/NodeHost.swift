#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A node type that a program offers to `lab`, under a name.
public struct NodeProgram {
  let name: String
  let makeWorld: (WorldConfiguration) -> WorldCore
  @usableFromInline let makeNode: (NodeID, [NodeID]) -> HostedNode

  @inlinable public init<N: Node>(_ name: String, _ type: N.Type) {
    self.init(name) { N(id: $0, members: $1) }
  }

  /// Offers nodes that are made in a way of their own. `make` is called before every start of a node.
  @inlinable public init<N: Node>(_ name: String, make: @escaping @Sendable (NodeID, [NodeID]) -> N) {
    self.init(
      name,
      makeWorld: { World<N.Message>($0, make: make).core },
      makeNode: { id, members in
        let messages = MessageStore<N.Message>()
        let names = NameTable()
        let node = LocalNode(id: id, members: members, messages: messages, names: names, make: make)
        return HostedNode(box: node.box, messages: messages, names: names)
      })
  }

  @usableFromInline init(
    _ name: String, makeWorld: @escaping (WorldConfiguration) -> WorldCore,
    makeNode: @escaping (NodeID, [NodeID]) -> HostedNode
  ) {
    self.name = name
    self.makeWorld = makeWorld
    self.makeNode = makeNode
  }
}

/// A node alone in its process: events come and results go as frames.
@usableFromInline final class HostedNode {
  private let box: NodeBox
  private let messages: MessageSlots
  private let names: NameTable
  private var result = HandlerResult()
  private var persisted: [Int32: WireMemory] = [:]

  @usableFromInline init(box: NodeBox, messages: MessageSlots, names: NameTable) {
    self.box = box
    self.messages = messages
    self.names = names
  }

  func answer(_ reader: inout WireReader) throws -> [UInt8] {
    let environment = HandlerEnvironment(
      uptimeMicroseconds: try reader.integer(), wallMicroseconds: try reader.integer(),
      randomSeed: try reader.unsigned())
    let event: NodeEvent
    switch try reader.byte() {
    case 1:
      var disk = Disk()
      for _ in 0..<(try reader.count()) {
        let key = try reader.text()
        disk.set(.encoded(Array(try reader.raw())), under: key)
      }
      event = .start(disk)
    case 2:
      let sender = try reader.integer()
      let slot = try messages.store(encoded: Array(try reader.raw()), names)
      messages.retain(slot)
      event = .message(slot: slot, isLast: messages.consume(slot), from: sender)
    case 3: event = .timer(names.number(of: try reader.text()))
    case 4:
      let token = Token(client: try reader.integer(), operation: try reader.integer())
      event = .request(Array(try reader.raw()), token)
    default: throw WireError.malformed(what: "an unknown event", offset: reader.offset)
    }
    try box.perform(event, environment, &result)
    defer {
      for slot in result.slots { messages.releaseIfUnused(slot) }
      result.removeAll()
    }
    return try result.frame(messages, names, &persisted)
  }
}

/// The main function of a student's program: it serves a world, or one node, to `lab` over a pipe. Where `LAB_REPLAY` names
/// a file with a recorded run, it carries that out instead.
public enum NodeHost {
  public static func run(_ programs: NodeProgram...) -> Never {
    if let file = getenv("LAB_REPLAY") { RecordedRun.perform(file: String(cString: file), programs) }
    guard getenv("LAB_HOSTED") != nil else {
      print("This program is run by lab. Type: lab test")
      exit(0)
    }
    HostSignal.dieWithParent()
    var hello = WireWriter()
    hello.byte(HostAnswer.hello.rawValue)
    hello.integer(hostProtocolVersion)
    hello.unsigned(UInt64(programs.count))
    for program in programs { hello.text(program.name) }
    PipeOutput.writeFrame(hello.bytes)
    var server = Server(programs: programs)
    var input = PipeInput(descriptor: PipeInput.fromLab)
    while let frame = input.readFrame() {
      do {
        if let answer = try server.answer(frame) { PipeOutput.writeFrame(answer) }
      } catch {
        var trouble = WireWriter()
        trouble.byte(HostAnswer.trouble.rawValue)
        trouble.text("\(error)")
        PipeOutput.writeFrame(trouble.bytes)
      }
    }
    exit(0)
  }
}

/// Carries out what `lab` asks for.
struct Server {
  let programs: [NodeProgram]
  /// Nil in a recorded run, which nobody watches.
  private let note: HostNote?
  private let stopsBeforeHandler: Int
  var world: WorldCore?
  var node: HostedNode?
  var nodeNumber = 0
  var calls = 0

  init(programs: [NodeProgram]) {
    self.programs = programs
    note = HostNote()
    stopsBeforeHandler = 0
  }

  /// For a recorded run, in which no answer is wanted.
  init(programs: [NodeProgram], stopsBeforeHandler: Int) {
    self.programs = programs
    note = nil
    self.stopsBeforeHandler = stopsBeforeHandler
  }

  func program(_ name: String) throws -> NodeProgram {
    guard let program = programs.first(where: { $0.name == name }) else {
      throw WireError.malformed(what: "this program has no node named \"\(name)\"", offset: 0)
    }
    return program
  }

  mutating func answer(_ frame: [UInt8]) throws -> [UInt8]? {
    var reader = WireReader(frame)
    switch HostRequest(rawValue: try reader.byte()) {
    case .makeWorld:
      let configuration = try WorldConfiguration(from: &reader)
      let world = try program(configuration.program).makeWorld(configuration)
      if let note {
        world.willCall = { note.willCall(node: $0, call: $1) }
        world.flush = { PipeOutput.writeFrame(Self.batch($0, isLast: false, .time, world)) }
      } else {
        let stop = stopsBeforeHandler
        world.willCall = { [unowned world] node, call in
          if call == stop { labBreak(node: node, handler: call, timeMicroseconds: world.now) }
        }
        world.flush = { _ in }
      }
      self.world?.willCall = nil
      self.world?.flush = nil
      self.world = world
      return nil
    case .run:
      guard let world else { throw WireError.malformed(what: "no world", offset: 0) }
      for _ in 0..<(try reader.count()) { try world.perform(try WorldCommand(from: &reader)) }
      let time = try reader.integer()
      let stopsOnReply = try reader.byte() != 0
      let reason = try world.advance(until: time, stopsOnReply: stopsOnReply)
      return Self.batch(world.takeTrace(), isLast: true, reason, world)
    case .makeNode:
      let configuration = try WorldConfiguration(from: &reader)
      nodeNumber = try reader.integer()
      node = try program(configuration.program).makeNode(NodeID(nodeNumber), configuration.members)
      return nil
    case .event:
      guard let node else { throw WireError.malformed(what: "no node", offset: 0) }
      calls += 1
      note?.willCall(node: nodeNumber, call: calls)
      return try node.answer(&reader)
    case nil: throw WireError.malformed(what: "an unknown request", offset: 0)
    }
  }

  private static func batch(_ trace: [UInt8], isLast: Bool, _ reason: AdvanceEnd, _ world: WorldCore)
    -> [UInt8]
  {
    var writer = WireWriter()
    writer.bytes.reserveCapacity(trace.count + 32)
    writer.byte(HostAnswer.batch.rawValue)
    writer.byte(isLast ? 1 : 0)
    writer.byte(reason.rawValue)
    writer.integer(world.now)
    writer.integer(world.calls)
    writer.raw(trace)
    if isLast, reason == .watch, let hit = world.hit { hit.write(to: &writer) }
    return writer.bytes
  }
}
