import LabKit

/// A world as its judge sees it: commands in, trace out.
public protocol SimulatedWorld: AnyObject {
  /// Carries out the commands, then lets time pass. `consume` is handed the trace, batch by batch.
  func run(
    _ commands: [WorldCommand], until timeMicroseconds: Int, stopsOnReply: Bool,
    consume: ([UInt8]) throws -> Void
  ) throws -> Advance
}

/// How far a world advanced, and why it stopped.
public struct Advance: Sendable {
  public let reason: AdvanceEnd
  public let nowMicroseconds: Int
  /// How many handlers have run since the beginning.
  public let calls: Int
  /// What the world stopped for, if it stopped for a watch.
  public let hit: WatchHit?

  public init(reason: AdvanceEnd, nowMicroseconds: Int, calls: Int, hit: WatchHit?) {
    self.reason = reason
    self.nowMicroseconds = nowMicroseconds
    self.calls = calls
    self.hit = hit
  }
}

/// What a student's program did instead of answering.
public struct ProgramTrouble: Error, Sendable {
  public let outcome: Outcome
  public let message: String
}

/// The engine beside the student's code, in the student's process.
public final class TogetherWorld: SimulatedWorld {
  private let process: HostedProcess
  /// All that was sent to the program, if it is kept: the run can be carried out again from it, without a judge.
  public private(set) var framesSent: [[UInt8]]?

  public init(
    _ process: HostedProcess, _ configuration: WorldConfiguration, keepsFrames: Bool = false
  ) throws {
    self.process = process
    framesSent = keepsFrames ? [] : nil
    var writer = WireWriter()
    writer.byte(HostRequest.makeWorld.rawValue)
    configuration.write(to: &writer)
    try send(writer.bytes)
  }

  private func send(_ frame: [UInt8]) throws {
    framesSent?.append(frame)
    try process.send(frame)
  }

  public func run(
    _ commands: [WorldCommand], until timeMicroseconds: Int, stopsOnReply: Bool,
    consume: ([UInt8]) throws -> Void
  ) throws -> Advance {
    var writer = WireWriter()
    writer.byte(HostRequest.run.rawValue)
    writer.unsigned(UInt64(commands.count))
    for command in commands { command.write(to: &writer) }
    writer.integer(timeMicroseconds)
    writer.byte(stopsOnReply ? 1 : 0)
    try send(writer.bytes)
    while true {
      let frame = try process.receive()
      var reader = WireReader(frame)
      guard try reader.byte() == HostAnswer.batch.rawValue else {
        throw ProgramTrouble(
          outcome: .exited, message: "the program answered with something that is no batch")
      }
      let isLast = try reader.byte() == 1
      let reason = AdvanceEnd(rawValue: try reader.byte()) ?? .time
      let now = try reader.integer()
      let calls = try reader.integer()
      try consume(Array(try reader.raw()))
      guard isLast else { continue }
      let hit = reason == .watch ? try WatchHit(from: &reader) : nil
      return Advance(reason: reason, nowMicroseconds: now, calls: calls, hit: hit)
    }
  }
}

/// The engine in this process, each of the student's nodes in a process of its own.
public final class ApartWorld: SimulatedWorld {
  private let world: World<EncodedMessage>

  /// `processes` holds one program for each node that the course does not provide.
  public init(_ processes: [HostedProcess], _ configuration: WorldConfiguration) throws {
    let given = configuration.givenNodes
    for (offset, process) in processes.prefix(configuration.nodes - given).enumerated() {
      try process.send(World<EncodedMessage>.frameToMakeNode(given + offset + 1, configuration))
    }
    world = World(apart: configuration) { node, frame in
      try processes[node - given - 1].send(frame)
      return try processes[node - given - 1].receive()
    }
  }

  public func run(
    _ commands: [WorldCommand], until timeMicroseconds: Int, stopsOnReply: Bool,
    consume: ([UInt8]) throws -> Void
  ) throws -> Advance {
    for command in commands { try world.perform(command) }
    let reason = try withoutActuallyEscaping(consume) { consume in
      world.flush = consume
      defer { world.flush = nil }
      do {
        return try world.advance(until: timeMicroseconds, stopsOnReply: stopsOnReply)
      } catch {
        // What led to a node's bad end is known here, unlike in a program that is gone.
        try consume(world.takeTrace())
        throw error
      }
    }
    try consume(world.takeTrace())
    return Advance(reason: reason, nowMicroseconds: world.now, calls: world.calls, hit: world.hit)
  }
}
