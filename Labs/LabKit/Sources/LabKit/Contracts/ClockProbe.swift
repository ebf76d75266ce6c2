/// A clock as a probe holds it, whatever kind it is of.
public protocol ProbedClock: Hashable, Sendable {
  associatedtype Stamp: Hashable, Codable, Sendable

  init(process: ProcessID)
  mutating func tick(wall: Int) -> Stamp
  mutating func receive(_ stamp: Stamp, wall: Int) -> Stamp

  /// The stamp's numbers, if it is made of a fixed number of them.
  static func numbers(of stamp: Stamp) -> [Int]
  static func order(of left: Stamp, to right: Stamp) -> CausalOrder
  /// The stamp of all that both know; the left one where stamps do not merge.
  static func merged(_ left: Stamp, _ right: Stamp) -> Stamp
}

extension ProbedClock {
  public static func merged(_ left: Stamp, _ right: Stamp) -> Stamp { left }
}

extension ProbedClock where Stamp: Comparable {
  public static func order(of left: Stamp, to right: Stamp) -> CausalOrder {
    left < right ? .before : right < left ? .after : .equal
  }
}

/// A message between probes: the stamp of its sending.
public struct StampedMessage<Stamp: Hashable & Codable & Sendable>: NodeMessage {
  let stamp: Stamp

  public var kind: String { "message" }
}

/// A node that holds a clock and does nothing but have it stamp events.
///
/// Nodes learn from each other only what their stamps say. The clock is in memory alone; what survives a crash is how often
/// the node has started.
public struct ClockProbe<Clock: ProbedClock>: Node {
  public typealias Message = StampedMessage<Clock.Stamp>
  public typealias Request = ClockRequest
  public typealias Reply = ClockReply
  public typealias Output = StampedEvent
  public typealias Status = NoStatus

  private var clock: Clock

  public init(id: NodeID, members: [NodeID]) { clock = Clock(process: ProcessID(node: id)) }

  public var status: NoStatus { NoStatus() }

  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    let boot = (disk.value(Int.self, under: "boot") ?? 0) + 1
    context.persist(boot, under: "boot")
    clock = Clock(process: ProcessID(node: context.id, boot: boot))
  }

  public mutating func receive(_ message: Message, from sender: NodeID, _ context: inout Context<Self>) {
    let wall = context.wallMilliseconds
    show(clock.receive(message.stamp, wall: wall), .arrival, wall, &context)
  }

  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {}

  public mutating func handle(
    _ request: ClockRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    let wall = context.wallMilliseconds
    switch request {
    case .step: show(clock.tick(wall: wall), .step, wall, &context)
    case .send(let receiver):
      let stamp = clock.tick(wall: wall)
      show(stamp, .send, wall, &context)
      context.send(Message(stamp: stamp), to: receiver)
    case .compare(let encoded):
      let stamps = encoded.map(Self.stamp)
      context.reply(
        .orders(stamps.flatMap { left in stamps.map { Clock.order(of: left, to: $0) } }), to: token)
    case .merge(let first, let second):
      let merged = Clock.merged(Self.stamp(first), Self.stamp(second))
      context.reply(.merged(Self.bytes(merged)), to: token)
    }
  }

  private func show(
    _ stamp: Clock.Stamp, _ kind: StampedEvent.Kind, _ wall: Int, _ context: inout Context<Self>
  ) {
    context.output(
      StampedEvent(kind: kind, wall: wall, numbers: Clock.numbers(of: stamp), stamp: Self.bytes(stamp)))
  }

  private static func bytes(_ stamp: Clock.Stamp) -> [UInt8] {
    do { return try WireCodec.encode(stamp) } catch {
      fatalError("the stamp \(stamp) cannot be sent: \(error)")
    }
  }

  private static func stamp(_ bytes: [UInt8]) -> Clock.Stamp {
    do { return try WireCodec.decode(Clock.Stamp.self, from: bytes) } catch {
      fatalError("a \(Clock.Stamp.self) that was sent cannot be read again: \(error)")
    }
  }
}

extension Context {
  /// The wall clock as the clocks of week 2 are handed it.
  fileprivate var wallMilliseconds: Int { wholeMicroseconds(of: wall) / 1_000 }
}

/// Nothing to claim.
public struct NoStatus: NodeStatus {
  public init() {}

  public static var fieldNames: [String] { [] }
  public var fields: SIMD8<Int64> { .zero }
}

// MARK: The three kinds

/// The probe of a Lamport clock.
public typealias LamportProbe<Clock: LamportClocking> = ClockProbe<ProbedLamportClock<Clock>>
/// The probe of a vector clock.
public typealias VectorProbe<Clock: VectorClocking> = ClockProbe<ProbedVectorClock<Clock>>
/// The probe of a hybrid logical clock.
public typealias HybridProbe<Clock: HybridClocking> = ClockProbe<ProbedHybridClock<Clock>>

/// A Lamport clock in a probe.
public struct ProbedLamportClock<Clock: LamportClocking>: ProbedClock {
  private var clock = Clock()

  public init(process: ProcessID) {}
  public mutating func tick(wall: Int) -> Int { clock.tick() }
  public mutating func receive(_ time: Int, wall: Int) -> Int { clock.receive(time) }
  public static func numbers(of time: Int) -> [Int] { [time] }
}

/// A vector clock in a probe.
public struct ProbedVectorClock<Clock: VectorClocking>: ProbedClock {
  private var clock = Clock()
  private let process: ProcessID

  public init(process: ProcessID) { self.process = process }

  public mutating func tick(wall: Int) -> Clock {
    clock.tick(at: process)
    return clock
  }

  public mutating func receive(_ stamp: Clock, wall: Int) -> Clock {
    clock.receive(stamp, at: process)
    return clock
  }

  public static func numbers(of stamp: Clock) -> [Int] { [] }
  public static func order(of left: Clock, to right: Clock) -> CausalOrder { left.compared(to: right) }

  public static func merged(_ left: Clock, _ right: Clock) -> Clock {
    var merged = left
    merged.merge(right)
    return merged
  }
}

/// A hybrid logical clock in a probe.
public struct ProbedHybridClock<Clock: HybridClocking>: ProbedClock {
  private var clock = Clock()

  public init(process: ProcessID) {}
  public mutating func tick(wall: Int) -> Clock.Timestamp { clock.tick(wall: wall) }

  public mutating func receive(_ stamp: Clock.Timestamp, wall: Int) -> Clock.Timestamp {
    clock.receive(stamp, wall: wall)
  }

  public static func numbers(of stamp: Clock.Timestamp) -> [Int] { [stamp.physical, stamp.counter] }
}
