/// The contract of stage 1E: a linearizable key-value service on top of Raft.

/// What can be done with a key.
public enum KeyValueOperation: WireValue, Codable {
  case get(String)
  case put(String, String)
  /// Adds to the end of the value; an absent value counts as empty.
  case append(String, String)
  case delete(String)
  /// Sets the value if it is the expected one, where nil stands for absent.
  case compareAndSet(String, expected: String?, new: String)

  public func write(to writer: inout WireWriter) {
    switch self {
    case .get(let key):
      writer.byte(1)
      writer.text(key)
    case .put(let key, let value):
      writer.byte(2)
      writer.text(key)
      writer.text(value)
    case .append(let key, let suffix):
      writer.byte(3)
      writer.text(key)
      writer.text(suffix)
    case .delete(let key):
      writer.byte(4)
      writer.text(key)
    case .compareAndSet(let key, let expected, let new):
      writer.byte(5)
      writer.text(key)
      writer.optional(expected)
      writer.text(new)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 1: self = .get(try reader.text())
    case 2: self = .put(try reader.text(), try reader.text())
    case 3: self = .append(try reader.text(), try reader.text())
    case 4: self = .delete(try reader.text())
    case 5:
      self = .compareAndSet(
        try reader.text(), expected: try reader.optionalText(), new: try reader.text())
    default: throw .malformed(what: "an unknown operation", offset: reader.offset)
    }
  }
}

/// What a client asks of the service.
///
/// A client keeps one operation of its session open at a time. It may send the same request again, to the same node or to
/// another: the operation must take effect once.
public struct KeyValueRequest: WireValue, Codable {
  /// The client's session.
  public let session: UInt64
  /// Counts the operations of the session, from 1.
  public let sequence: Int
  public let operation: KeyValueOperation

  public init(session: UInt64, sequence: Int, operation: KeyValueOperation) {
    self.session = session
    self.sequence = sequence
    self.operation = operation
  }

  /// The request as a command for the replicated log.
  public var command: Command {
    Command(id: Mixing.combine(session, UInt64(bitPattern: Int64(sequence))), payload: wireBytes)
  }

  /// The request that a command holds, or nil if it holds none.
  public init?(_ command: Command) {
    guard let request = try? KeyValueRequest(wireBytes: command.payload) else { return nil }
    self = request
  }

  public func write(to writer: inout WireWriter) {
    writer.unsigned(session)
    writer.integer(sequence)
    operation.write(to: &writer)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    session = try reader.unsigned()
    sequence = try reader.integer()
    operation = try KeyValueOperation(from: &reader)
  }
}

/// What the service answers.
public enum KeyValueReply: WireValue, Codable {
  /// To a get: the value, or nil if there is none.
  case value(String?)
  /// To a put, an append and a delete.
  case done
  /// To a comparison: whether the new value was set.
  case swapped(Bool)
  /// This node did not take the request in; perhaps that one will.
  case notLeader(hint: NodeID?)
  /// This node took the request in and cannot tell any more what becomes of it: it may take effect or not.
  case unknown
  /// The session has gone on to a later operation: nobody waits for this one.
  case stale

  public func write(to writer: inout WireWriter) {
    switch self {
    case .value(let value):
      writer.byte(1)
      writer.optional(value)
    case .done: writer.byte(2)
    case .swapped(let swapped):
      writer.byte(3)
      writer.byte(swapped ? 1 : 0)
    case .notLeader(let hint):
      writer.byte(4)
      writer.integer(hint?.number ?? 0)
    case .unknown: writer.byte(5)
    case .stale: writer.byte(6)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 1: self = .value(try reader.optionalText())
    case 2: self = .done
    case 3: self = .swapped(try reader.byte() != 0)
    case 4:
      let hint = try reader.integer()
      self = .notLeader(hint: hint == 0 ? nil : NodeID(hint))
    case 5: self = .unknown
    case 6: self = .stale
    default: throw .malformed(what: "an unknown reply", offset: reader.offset)
    }
  }
}

/// The store that the service replicates: what each key holds.
public struct KeyValueStore: Hashable, Codable, Sendable {
  private var values: [String: String] = [:]

  public init() {}

  /// What a key holds, or nil.
  public func value(of key: String) -> String? { values[key] }

  /// Carries out an operation, and says what its client is to be told.
  public mutating func apply(_ operation: KeyValueOperation) -> KeyValueReply {
    switch operation {
    case .get(let key): return .value(values[key])
    case .put(let key, let value): values[key] = value
    case .append(let key, let suffix): values[key, default: ""] += suffix
    case .delete(let key): values[key] = nil
    case .compareAndSet(let key, let expected, let new):
      guard values[key] == expected else { return .swapped(false) }
      values[key] = new
      return .swapped(true)
    }
    return .done
  }
}

/// A node of the key-value service: a Raft node is a part of it, and it shows that part's status, log and outputs.
public protocol KeyValueNode: Node
where Request == KeyValueRequest, Reply == KeyValueReply, Output == RaftOutput, Status == RaftStatus {}

/// What the suite of stage 1E keeps to, and the handout prints.
public enum KeyValueBounds {
  /// Where every link takes 10 ms, half of all writes are answered within this time.
  public static let medianWriteMilliseconds = 120
  /// There, four clients have this many operations a second answered.
  public static let leastOperationsASecond = 20
  /// How unevenly clocks may run: a timer takes that much longer or less.
  public static let clockDriftPartsPerMillion = 300_000
}
