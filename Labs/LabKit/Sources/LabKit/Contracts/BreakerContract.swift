/// The contract of stage 4A: a circuit breaker before each service that is called (Nygard, "Release It!", 2nd edition, 2018,
/// chapter 5).

/// How a circuit breaker behaves: what varies from one library to another.
public struct BreakerSettings: WireValue, Codable {
  /// Which outcomes open a closed breaker. The one that reaches the limit opens it, at once.
  public enum Limit: Hashable, Codable, Sendable {
    /// So many failures, and no success between them.
    case inARow(Int)
    /// At least so many in a hundred of the last `window` outcomes; not before there are `least` outcomes since it closed.
    case share(percent: Int, window: Int, least: Int)
  }

  public var limit: Limit
  /// So long an open breaker rejects every call. After that it is half-open.
  public var openMilliseconds: Int
  /// So many probes must succeed, one after the other, before a half-open breaker closes.
  public var probes: Int
  /// A call that is not answered within this time has failed.
  public var timeoutMilliseconds: Int
  /// A call that took longer than this counts as a failure. Its client is told what the service said.
  public var slowMilliseconds: Int

  public init(
    limit: Limit = .inARow(5), openMilliseconds: Int = 60_000, probes: Int = 1,
    timeoutMilliseconds: Int = 1_000, slowMilliseconds: Int = 1_000
  ) {
    self.limit = limit
    self.openMilliseconds = openMilliseconds
    self.probes = probes
    self.timeoutMilliseconds = timeoutMilliseconds
    self.slowMilliseconds = slowMilliseconds
  }

  public func write(to writer: inout WireWriter) {
    switch limit {
    case .inARow(let failures):
      writer.byte(0)
      writer.integer(failures)
    case .share(let percent, let window, let least):
      writer.byte(1)
      for number in [percent, window, least] { writer.integer(number) }
    }
    for number in [openMilliseconds, probes, timeoutMilliseconds, slowMilliseconds] { writer.integer(number) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0: limit = .inARow(try reader.integer())
    case 1:
      limit = .share(
        percent: try reader.integer(), window: try reader.integer(), least: try reader.integer())
    default: throw .malformed(what: "an unknown limit of a breaker", offset: reader.offset)
    }
    openMilliseconds = try reader.integer()
    probes = try reader.integer()
    timeoutMilliseconds = try reader.integer()
    slowMilliseconds = try reader.integer()
  }
}

/// What clients ask of the caller.
public enum CallerRequest: WireValue {
  /// From now on these settings hold for the breakers of all services, each as if nothing had been called yet: how calls end
  /// that are under way counts for nothing any more, and their timeouts stay as they were. Without this request it is
  /// `BreakerSettings()`.
  case use(BreakerSettings)
  /// Ask a service this.
  case call(service: NodeID, question: String)

  public func write(to writer: inout WireWriter) {
    switch self {
    case .use(let settings):
      writer.byte(0x10)
      settings.write(to: &writer)
    case .call(let service, let question):
      writer.byte(0x11)
      writer.integer(service.number)
      writer.text(question)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0x10: self = .use(try BreakerSettings(from: &reader))
    case 0x11:
      self = .call(service: NodeID(try reader.integer()), question: try reader.text())
    default: throw .malformed(what: "an unknown request to a caller", offset: reader.offset)
    }
  }
}

/// What the caller answers.
public enum CallerReply: WireValue, CustomStringConvertible {
  /// To settings, at once.
  case inUse
  /// The service answered this.
  case answered(String)
  /// The service said no.
  case refused
  /// The service failed.
  case failed
  /// The service did not answer in time.
  case timedOut
  /// At once: the breaker let nothing through, and nobody was asked.
  case rejected

  public var description: String {
    switch self {
    case .inUse: "in use"
    case .answered(let answer): "\"\(answer)\""
    case .refused: "refused"
    case .failed: "failed"
    case .timedOut: "timed out"
    case .rejected: "rejected"
    }
  }

  public func write(to writer: inout WireWriter) {
    switch self {
    case .inUse: writer.byte(0x12)
    case .answered(let answer):
      writer.byte(0x13)
      writer.text(answer)
    case .refused: writer.byte(0x14)
    case .failed: writer.byte(0x15)
    case .timedOut: writer.byte(0x16)
    case .rejected: writer.byte(0x17)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0x12: self = .inUse
    case 0x13: self = .answered(try reader.text())
    case 0x14: self = .refused
    case 0x15: self = .failed
    case 0x16: self = .timedOut
    case 0x17: self = .rejected
    default: throw .malformed(what: "an unknown answer of a caller", offset: reader.offset)
    }
  }
}

/// What the caller claims about itself. Nothing is judged by it: it is shown in pictures.
public struct CallerStatus: NodeStatus {
  /// How many breakers are open or half-open.
  public var open: Int
  public var halfOpen: Int
  /// How many calls are under way.
  public var calls: Int

  public init(open: Int = 0, halfOpen: Int = 0, calls: Int = 0) {
    self.open = open
    self.halfOpen = halfOpen
    self.calls = calls
  }

  public static var fieldNames: [String] { ["open", "halfOpen", "calls"] }
  public var fields: SIMD8<Int64> { [Int64(open), Int64(halfOpen), Int64(calls), 0, 0, 0, 0, 0] }
}

/// Whoever calls services, through a breaker for each.
public protocol CallerNode: Node
where
  Message == CallMessage, Request == CallerRequest, Reply == CallerReply, Output == NoOutput,
  Status == CallerStatus
{}

/// What the suite of stage 4A keeps to, and the handout prints.
public enum BreakerBounds {
  /// The suite asks nothing so close to the moment at which an open breaker becomes half-open. On ordinary links no service
  /// answers so close to a call's timeout or its limit of slowness. A client may be told so much late.
  public static let marginMilliseconds = 1
}
