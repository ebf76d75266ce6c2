/// The kinds of record in a trace. `PROTOCOL.md` beside the sources lists their fields.
public enum TraceTag: UInt8, Sendable {
  case started = 1
  case delivered = 2
  case timerFired = 3
  case requested = 4
  case sent = 5
  case timerSet = 6
  case timerCancelled = 7
  case persisted = 8
  case replied = 9
  case output = 10
  case status = 11
  case log = 12
  case crashed = 13
  case paused = 14
  case resumed = 15
  case name = 16
  case lost = 17
  case faultChanged = 18
  /// The effects of a handler that was stopped go on after another node's handler.
  case continued = 19
  /// How many bytes the message sent just before has.
  case weighed = 20
  /// Where the code asked for the effect that follows.
  case source = 21
  /// How many bytes the values on a node's disk have.
  case diskWeighed = 22
}

/// What became of a message when it was sent.
public enum SendFate: UInt8, Sendable {
  case ordinary = 0
  case lost = 1
  case duplicated = 2
}

/// One record of a trace, as a reader sees it.
public enum TraceRecord: Hashable, Sendable {
  case started(node: Int, boot: Int)
  case delivered(node: Int, from: Int, kind: String, number: Int)
  case timerFired(node: Int, timer: String)
  case requested(node: Int, client: Int, operation: Int)
  case sent(to: Int, kind: String, fate: UInt8)
  case timerSet(timer: String, delayMicroseconds: Int)
  case timerCancelled(timer: String)
  case persisted(key: String)
  case replied(node: Int, client: Int, operation: Int, isAccepted: Bool, body: [UInt8])
  case output(node: Int, body: [UInt8])
  case status(node: Int, fields: SIMD8<Int64>)
  /// The node's log keeps its entries below `first`, then holds exactly these.
  case log(node: Int, first: Int, marks: [EntryMark])
  /// `isCutShort`: between two effects of the handler before, which showed a state that it did not live to keep.
  case crashed(node: Int, isCutShort: Bool)
  case paused(node: Int)
  case resumed(node: Int)
  case lost(node: Int, from: Int, kind: String, number: Int)
  case faultChanged(command: [UInt8])
  /// The effects that follow are of this node's handler, which a watch had stopped.
  case continued(node: Int)
  case weighed(to: Int, bytes: Int)
  case diskWeighed(node: Int, bytes: Int)
  /// `file` is a module and a file's name, such as "Raft/Raft+Election.swift".
  case source(file: String, line: Int)
}

/// Writes the trace of one run.
@usableFromInline struct TraceWriter {
  @usableFromInline var wire = WireWriter()
  private let names: NameTable
  /// The numbers of names in the trace; -1 for one that it does not hold yet.
  private var numbers: [Int] = []
  private var count = 0
  private var lastTime = 0

  init(_ names: NameTable) { self.names = names }

  mutating func begin(_ tag: TraceTag, at time: Int) {
    wire.byte(tag.rawValue)
    wire.unsigned(UInt64(max(0, time - lastTime)))
    lastTime = max(time, lastTime)
  }

  mutating func append(_ tag: TraceTag) { wire.byte(tag.rawValue) }

  /// A name's number in the trace; a name that is new there is defined first.
  mutating func number(of name: Int32) -> Int {
    if Int(name) < numbers.count, numbers[Int(name)] >= 0 { return numbers[Int(name)] }
    while numbers.count <= Int(name) { numbers.append(-1) }
    numbers[Int(name)] = count
    count += 1
    wire.byte(TraceTag.name.rawValue)
    wire.text(names.text(name))
    return count - 1
  }

  mutating func take() -> [UInt8] {
    defer { wire.bytes.removeAll(keepingCapacity: true) }
    return wire.bytes
  }
}

/// Reads a trace, batch by batch: names, times and statuses carry over from one batch to the next.
public struct TraceReader: Sendable {
  private var names: [String] = []
  private var statuses: [SIMD8<Int64>] = Array(repeating: .zero, count: 65)
  public private(set) var timeMicroseconds = 0

  public init() {}

  /// Hands every record of a batch to `body`, in order. `timeMicroseconds` is that record's time.
  public mutating func read(
    _ batch: [UInt8], _ body: (_ timeMicroseconds: Int, _ record: TraceRecord) throws -> Void
  ) throws {
    var reader = WireReader(batch)
    while !reader.isAtEnd {
      if let record = try next(&reader) { try body(timeMicroseconds, record) }
    }
  }

  private func name(_ reader: inout WireReader) throws(WireError) -> String {
    let number = try reader.unsigned()
    guard number < UInt64(names.count) else {
      throw .malformed(what: "name \(number), which was never defined,", offset: reader.offset)
    }
    return names[Int(number)]
  }

  private func node(_ reader: inout WireReader) throws(WireError) -> Int {
    let node = try reader.byte()
    guard (1...64).contains(node) else { throw .malformed(what: "node \(node)", offset: reader.offset) }
    return Int(node)
  }

  private mutating func next(_ reader: inout WireReader) throws(WireError) -> TraceRecord? {
    let code = try reader.byte()
    guard let tag = TraceTag(rawValue: code) else {
      throw .malformed(what: "an unknown trace record \(code)", offset: reader.offset)
    }
    switch tag {
    case .started, .delivered, .timerFired, .requested, .crashed, .paused, .resumed, .lost, .faultChanged:
      let elapsed = try reader.unsigned()
      guard elapsed < 1 << 50 else { throw .malformed(what: "a time too far off", offset: reader.offset) }
      timeMicroseconds += Int(elapsed)
    default: break
    }
    switch tag {
    case .started:
      return .started(node: try node(&reader), boot: Int(truncatingIfNeeded: try reader.unsigned()))
    case .delivered:
      return .delivered(
        node: try node(&reader), from: try node(&reader), kind: try name(&reader),
        number: try reader.integer())
    case .lost:
      return .lost(
        node: try node(&reader), from: try node(&reader), kind: try name(&reader),
        number: try reader.integer())
    case .timerFired: return .timerFired(node: try node(&reader), timer: try name(&reader))
    case .requested:
      return .requested(
        node: try node(&reader), client: try reader.integer(), operation: try reader.integer())
    case .sent: return .sent(to: try node(&reader), kind: try name(&reader), fate: try reader.byte())
    case .timerSet: return .timerSet(timer: try name(&reader), delayMicroseconds: try reader.integer())
    case .timerCancelled: return .timerCancelled(timer: try name(&reader))
    case .persisted: return .persisted(key: try name(&reader))
    case .replied:
      return .replied(
        node: try node(&reader), client: try reader.integer(), operation: try reader.integer(),
        isAccepted: try reader.byte() != 0, body: Array(try reader.raw()))
    case .output: return .output(node: try node(&reader), body: Array(try reader.raw()))
    case .status:
      let node = try node(&reader)
      let mask = try reader.byte()
      for field in 0..<8 where mask & (1 << UInt8(field)) != 0 {
        statuses[node][field] = Int64(try reader.integer())
      }
      return .status(node: node, fields: statuses[node])
    case .log:
      let node = try node(&reader)
      let first = try reader.integer()
      let count = try reader.count()
      var marks: [EntryMark] = []
      marks.reserveCapacity(count)
      for _ in 0..<count {
        marks.append(EntryMark(term: try reader.integer(), digest: try reader.unsigned()))
      }
      return .log(node: node, first: first, marks: marks)
    case .crashed: return .crashed(node: try node(&reader), isCutShort: try reader.byte() != 0)
    case .paused: return .paused(node: try node(&reader))
    case .resumed: return .resumed(node: try node(&reader))
    case .faultChanged: return .faultChanged(command: Array(try reader.raw()))
    case .continued: return .continued(node: try node(&reader))
    case .weighed: return .weighed(to: try node(&reader), bytes: try reader.integer())
    case .diskWeighed: return .diskWeighed(node: try node(&reader), bytes: try reader.integer())
    case .source: return .source(file: try name(&reader), line: try reader.integer())
    case .name:
      names.append(try reader.text())
      return nil
    }
  }
}

/// A digest of a trace, the same however the trace was cut into batches.
public struct TraceDigest: Hashable, Sendable {
  public private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325
  private var word: UInt64 = 0
  private var count = 0

  public init() {}

  public mutating func add(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { bytes in
      var next = 0
      while next < bytes.count && count & 7 != 0 { add(bytes[next], &next) }
      while next + 8 <= bytes.count {
        word = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: next, as: UInt64.self))
        next += 8
        count += 8
        mix()
      }
      while next < bytes.count { add(bytes[next], &next) }
    }
  }

  private mutating func add(_ byte: UInt8, _ next: inout Int) {
    word = (word << 8) | UInt64(byte)
    next += 1
    count += 1
    if count & 7 == 0 { mix() }
  }

  public var final: UInt64 {
    var copy = self
    copy.word ^= UInt64(count) << 32
    copy.mix()
    return copy.value
  }

  private mutating func mix() {
    value = (value ^ word) &* 0x9E37_79B9_7F4A_7C15
    value ^= value >> 29
    word = 0
  }
}
