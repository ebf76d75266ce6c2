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
  let makeWorld: (WorldConfiguration) -> any HostedWorld
  let makeNode: (NodeID, [NodeID]) -> any HostedNode

  public init<N: Node>(_ name: String, _ type: N.Type) {
    self.name = name
    makeWorld = { configuration in
      World<N.Message>(configuration) { id, members in LocalNodeBox<N>(id: id, members: members) }
    }
    makeNode = { id, members in LocalHostedNode(LocalNodeBox<N>(id: id, members: members)) }
  }
}

/// A world whose message type is erased.
protocol HostedWorld: AnyObject {
  var now: Int { get }
  var calls: Int { get }
  var willCall: ((Int, Int) -> Void)? { get set }
  var flush: (([UInt8]) throws -> Void)? { get set }
  func perform(_ command: WorldCommand) throws
  var hit: WatchHit? { get }
  func advance(until time: Int, stopsOnReply: Bool) throws -> AdvanceEnd
  func takeTrace() -> [UInt8]
}

extension World: HostedWorld {}

/// A node whose types are erased, for a process that holds one node.
protocol HostedNode {
  func answer(_ reader: inout WireReader) throws -> [UInt8]
}

private struct LocalHostedNode<N: Node>: HostedNode {
  let box: LocalNodeBox<N>

  init(_ box: LocalNodeBox<N>) { self.box = box }

  func answer(_ reader: inout WireReader) throws -> [UInt8] {
    let environment = HandlerEnvironment(
      uptimeMicroseconds: try reader.integer(), wallMicroseconds: try reader.integer(),
      randomSeed: try reader.unsigned())
    let event: NodeEvent<N.Message>
    switch try reader.byte() {
    case 1:
      var disk = Disk()
      for _ in 0..<(try reader.count()) {
        let key = try reader.text()
        disk.set(.encoded(Array(try reader.raw())), under: key)
      }
      event = .start(disk)
    case 2:
      let sender = NodeID(try reader.integer())
      event = .message(try WireCodec.decode(N.Message.self, from: Array(try reader.raw())), from: sender)
    case 3: event = .timer(TimerName(try reader.text()))
    case 4:
      let token = Token(client: try reader.integer(), operation: try reader.integer())
      event = .request(Array(try reader.raw()), token)
    default: throw WireError.malformed(what: "an unknown event", offset: reader.offset)
    }
    return try box.perform(event, environment).frame()
  }
}

/// The main function of a student's program: it serves a world, or one node, to `lab` over a pipe.
public enum NodeHost {
  public static func run(_ programs: NodeProgram...) -> Never {
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
    Pipe.writeFrame(hello.bytes)
    var server = Server(programs: programs)
    while let frame = Pipe.readFrame() {
      do {
        if let answer = try server.answer(frame) { Pipe.writeFrame(answer) }
      } catch {
        var trouble = WireWriter()
        trouble.byte(HostAnswer.trouble.rawValue)
        trouble.text("\(error)")
        Pipe.writeFrame(trouble.bytes)
      }
    }
    exit(0)
  }
}

private struct Server {
  let programs: [NodeProgram]
  let note = HostNote()
  var world: (any HostedWorld)?
  var node: (any HostedNode)?
  var nodeNumber = 0
  var calls = 0

  init(programs: [NodeProgram]) { self.programs = programs }

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
      let note = note
      world.willCall = { note.willCall(node: $0, call: $1) }
      world.flush = { Pipe.writeFrame(Self.batch($0, isLast: false, .time, world)) }
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
      let members = (1...configuration.nodes).map { NodeID($0) }
      nodeNumber = try reader.integer()
      node = try program(configuration.program).makeNode(NodeID(nodeNumber), members)
      return nil
    case .event:
      guard let node else { throw WireError.malformed(what: "no node", offset: 0) }
      calls += 1
      note.willCall(node: nodeNumber, call: calls)
      return try node.answer(&reader)
    case nil: throw WireError.malformed(what: "an unknown request", offset: 0)
    }
  }

  private static func batch(_ trace: [UInt8], isLast: Bool, _ reason: AdvanceEnd, _ world: any HostedWorld)
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
