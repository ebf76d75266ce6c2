/// The contract of stage 4B: a proxy that stands between clients and services, and keeps trouble from spreading (Nygard,
/// "Release It!", 2nd edition, 2018, chapter 5; Beyer and others, "Site Reliability Engineering", 2016, chapters 21 and 22).

/// A call on its way through proxies to a service.
public struct ProxyCall: WireValue, Codable, CustomStringConvertible {
  /// Whether it may be asked more than once.
  public enum Repetition: Hashable, Codable, Sendable {
    /// It only reads: as often as you like.
    case freely
    /// The service does it once under this key, however often it is asked.
    case withKey(String)
    /// Each time that it is asked the service does it again. Only what surely has not begun may be asked again.
    case never
  }

  public let question: String
  /// Who is to be asked, one after the other. The last one is the service; those before it are proxies.
  public let route: [NodeID]
  /// So much time is left for the answer when this arrives.
  public let timeLeft: Duration
  public let repetition: Repetition

  public init(question: String, route: [NodeID], timeLeft: Duration, repetition: Repetition) {
    self.question = question
    self.route = route
    self.timeLeft = timeLeft
    self.repetition = repetition
  }

  public var description: String {
    let milliseconds = wholeMicroseconds(of: timeLeft) / 1_000
    return switch repetition {
    case .freely: "\(question), \(milliseconds) ms left"
    case .withKey(let key): "\(question), \(milliseconds) ms left, key \(key)"
    case .never: "\(question), \(milliseconds) ms left, not to be repeated"
    }
  }

  public func write(to writer: inout WireWriter) {
    writer.text(question)
    writer.unsigned(UInt64(route.count))
    for node in route { writer.integer(node.number) }
    writer.integer(wholeMicroseconds(of: timeLeft))
    switch repetition {
    case .freely: writer.byte(0)
    case .withKey(let key):
      writer.byte(1)
      writer.text(key)
    case .never: writer.byte(2)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    question = try reader.text()
    var route: [NodeID] = []
    for _ in 0..<(try reader.count()) { route.append(NodeID(try reader.integer())) }
    self.route = route
    timeLeft = .microseconds(try reader.integer())
    switch try reader.byte() {
    case 0: repetition = .freely
    case 1: repetition = .withKey(try reader.text())
    case 2: repetition = .never
    default: throw .malformed(what: "an unknown repetition", offset: reader.offset)
    }
  }
}

/// How a proxy behaves.
public struct ProxySettings: WireValue, Codable {
  /// An attempt that is not answered within this time has failed. The service may have done it, or may do it yet.
  public var attemptMilliseconds: Int
  /// Before the first retry it waits for a random time between 0 and this; before each further one between 0 and twice as much
  /// as before.
  public var backoffMilliseconds: Int
  /// But never for longer than this.
  public var longestBackoffMilliseconds: Int
  /// So many retries the proxy has to spend at first, and never more than that.
  public var retryReserve: Int
  /// Each call that comes in earns so many hundredths of a retry.
  public var retryPercent: Int
  /// So many attempts may be under way at one node.
  public var permits: Int
  /// So many calls may wait for a permit of one node.
  public var places: Int

  public init(
    attemptMilliseconds: Int = 300, backoffMilliseconds: Int = 100, longestBackoffMilliseconds: Int = 2_000,
    retryReserve: Int = 10, retryPercent: Int = 20, permits: Int = 8, places: Int = 16
  ) {
    self.attemptMilliseconds = attemptMilliseconds
    self.backoffMilliseconds = backoffMilliseconds
    self.longestBackoffMilliseconds = longestBackoffMilliseconds
    self.retryReserve = retryReserve
    self.retryPercent = retryPercent
    self.permits = permits
    self.places = places
  }

  public func write(to writer: inout WireWriter) {
    for number in [
      attemptMilliseconds, backoffMilliseconds, longestBackoffMilliseconds, retryReserve, retryPercent,
      permits,
      places,
    ] { writer.integer(number) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    attemptMilliseconds = try reader.integer()
    backoffMilliseconds = try reader.integer()
    longestBackoffMilliseconds = try reader.integer()
    retryReserve = try reader.integer()
    retryPercent = try reader.integer()
    permits = try reader.integer()
    places = try reader.integer()
  }
}

/// What clients ask of a proxy.
public enum ProxyRequest: WireValue {
  /// From now on these settings hold. It comes before the first call. Without it they are `ProxySettings()`.
  case use(ProxySettings)
  /// Get an answer to this.
  case call(ProxyCall)

  public func write(to writer: inout WireWriter) {
    switch self {
    case .use(let settings):
      writer.byte(0x1C)
      settings.write(to: &writer)
    case .call(let call):
      writer.byte(0x1D)
      call.write(to: &writer)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0x1C: self = .use(try ProxySettings(from: &reader))
    case 0x1D: self = .call(try ProxyCall(from: &reader))
    default: throw .malformed(what: "an unknown request to a proxy", offset: reader.offset)
    }
  }
}

/// What a proxy answers.
public enum ProxyReply: WireValue, CustomStringConvertible {
  /// To settings, at once.
  case inUse
  /// The service answered this.
  case answered(String)
  /// The service said no.
  case refused
  /// No answer was to be had, or its time is over. The service may have done what it was asked.
  case givenUp
  /// At once: too many others wait already. Nobody was asked.
  case overloaded

  public var description: String {
    switch self {
    case .inUse: "in use"
    case .answered(let answer): "\"\(answer)\""
    case .refused: "refused"
    case .givenUp: "given up"
    case .overloaded: "overloaded"
    }
  }

  public func write(to writer: inout WireWriter) {
    switch self {
    case .inUse: writer.byte(0x28)
    case .answered(let answer):
      writer.byte(0x29)
      writer.text(answer)
    case .refused: writer.byte(0x2A)
    case .givenUp: writer.byte(0x2B)
    case .overloaded: writer.byte(0x2C)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0x28: self = .inUse
    case 0x29: self = .answered(try reader.text())
    case 0x2A: self = .refused
    case 0x2B: self = .givenUp
    case 0x2C: self = .overloaded
    default: throw .malformed(what: "an unknown answer of a proxy", offset: reader.offset)
    }
  }
}

/// What a proxy claims about itself. Nothing is judged by it: it is shown in pictures.
public struct ProxyStatus: NodeStatus {
  /// How many attempts are under way, and how many calls wait for a permit.
  public var underWay: Int
  public var waiting: Int
  /// How many retries it could afford.
  public var retries: Int

  public init(underWay: Int = 0, waiting: Int = 0, retries: Int = 0) {
    self.underWay = underWay
    self.waiting = waiting
    self.retries = retries
  }

  public static var fieldNames: [String] { ["underWay", "waiting", "retries"] }
  public var fields: SIMD8<Int64> { [Int64(underWay), Int64(waiting), Int64(retries), 0, 0, 0, 0, 0] }
}

/// A proxy.
public protocol ProxyNode: Node
where
  Message == CallMessage, Request == ProxyRequest, Reply == ProxyReply, Output == NoOutput,
  Status == ProxyStatus
{}

/// What the suite of stage 4B keeps to, and the handout prints.
public enum ProxyBounds {
  /// A client is answered no later than this after its time is over.
  public static let marginMilliseconds = 1
  /// In an outage a service is asked at most so many times for a hundred calls, through all proxies.
  public static let attemptsPercent = 130
  /// Where one attempt in ten fails, at least so many in a hundred are answered of the calls that a retry would help, or that
  /// need none.
  public static let answeredPercent = 98
  /// Where many calls fail at one instant, any 100 ms hold at most so many in a hundred of their first retries.
  public static let busiestPercent = 30
}
