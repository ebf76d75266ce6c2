/// The contract of stage 4C: a gateway that joins a page from three services, and keeps its promise while a monkey breaks them
/// (Nygard, "Release It!", 2nd edition, 2018, chapter 5; Dean and Barroso, "The Tail at Scale", 2013).

/// A part of a page, and the service that has it.
public enum PagePart: UInt8, Hashable, Codable, Sendable, CaseIterable, CustomStringConvertible {
  case user, orders, payments

  /// The nodes that know it, one as good as the other.
  public var instances: [NodeID] {
    switch self {
    case .user: [1, 2]
    case .orders: [3, 4]
    case .payments: [5, 6]
    }
  }

  public var description: String {
    switch self {
    case .user: "user"
    case .orders: "orders"
    case .payments: "payments"
    }
  }
}

/// What an instance answers: a text, and the digest by which damage on the way is seen.
public struct Piece: Hashable, Codable, Sendable, CustomStringConvertible {
  public let text: String
  public let digest: UInt64

  /// An intact piece.
  public init(_ text: String) {
    self.text = text
    digest = stableHash(text)
  }

  /// A piece as it came.
  public init(text: String, digest: UInt64) {
    self.text = text
    self.digest = digest
  }

  /// Whether the text is what was sent.
  public var isIntact: Bool { digest == stableHash(text) }

  public var description: String { isIntact ? text : "\(text), damaged" }
}

/// What a gateway and the instances of services send to each other.
public enum PageMessage: NodeMessage {
  /// To an instance: what do you have of this user? The number is the gateway's own, and comes back with what the instance says.
  case fetch(PagePart, user: String, call: Int)
  /// From an instance: this.
  case piece(Piece, call: Int)
  /// Something is wrong with the instance.
  case failure(call: Int)

  public var kind: String {
    switch self {
    case .fetch: "fetch"
    case .piece: "piece"
    case .failure: "failure"
    }
  }

  public var detail: String {
    switch self {
    case .fetch(let part, let user, _): "\(part) of \(user)"
    case .piece(let piece, _): "\(piece)"
    case .failure: ""
    }
  }
}

/// What a client asks of the gateway: the page of a user.
public struct PageRequest: WireValue, CustomStringConvertible {
  public let user: String

  public init(user: String) { self.user = user }

  public var description: String { "page of \(user)" }

  public func write(to writer: inout WireWriter) {
    writer.byte(0x1F)
    writer.text(user)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    guard try reader.byte() == 0x1F else {
      throw .malformed(what: "an unknown request to a gateway", offset: reader.offset)
    }
    user = try reader.text()
  }
}

/// A part of a page as the client gets it.
public enum Section: Hashable, Codable, Sendable, CustomStringConvertible {
  /// What an instance has answered to a call that was made for this page: its text.
  case fresh(String)
  /// What an instance answered once, to an earlier request for this user. The client is told that it may be out of date.
  case kept(String)
  /// There is nothing to show.
  case missing

  public var description: String {
    switch self {
    case .fresh(let text): text
    case .kept(let text): "\(text) (kept)"
    case .missing: "nothing"
    }
  }
}

/// What the gateway answers: every part of the page.
public struct Page: WireValue, CustomStringConvertible {
  public var user: Section
  public var orders: Section
  public var payments: Section

  public init(user: Section = .missing, orders: Section = .missing, payments: Section = .missing) {
    self.user = user
    self.orders = orders
    self.payments = payments
  }

  public subscript(part: PagePart) -> Section {
    get {
      switch part {
      case .user: user
      case .orders: orders
      case .payments: payments
      }
    }
    set {
      switch part {
      case .user: user = newValue
      case .orders: orders = newValue
      case .payments: payments = newValue
      }
    }
  }

  public var description: String {
    PagePart.allCases.map { "\($0): \(self[$0])" }.joined(separator: ", ")
  }

  public func write(to writer: inout WireWriter) {
    writer.byte(0x2D)
    for part in PagePart.allCases {
      switch self[part] {
      case .fresh(let text):
        writer.byte(0)
        writer.text(text)
      case .kept(let text):
        writer.byte(1)
        writer.text(text)
      case .missing: writer.byte(2)
      }
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    guard try reader.byte() == 0x2D else {
      throw .malformed(what: "an unknown answer of a gateway", offset: reader.offset)
    }
    self.init()
    for part in PagePart.allCases {
      switch try reader.byte() {
      case 0: self[part] = .fresh(try reader.text())
      case 1: self[part] = .kept(try reader.text())
      case 2: self[part] = .missing
      default: throw .malformed(what: "an unknown section of a page", offset: reader.offset)
      }
    }
  }
}

/// What a gateway claims about itself. Nothing is judged by it: it is shown in pictures.
public struct GatewayStatus: NodeStatus {
  /// How many pages are not answered yet, and how many instances are not asked for now.
  public var pages: Int
  public var resting: Int
  /// How many pieces are kept.
  public var kept: Int

  public init(pages: Int = 0, resting: Int = 0, kept: Int = 0) {
    self.pages = pages
    self.resting = resting
    self.kept = kept
  }

  public static var fieldNames: [String] { ["pages", "resting", "kept"] }
  public var fields: SIMD8<Int64> { [Int64(pages), Int64(resting), Int64(kept), 0, 0, 0, 0, 0] }
}

/// A gateway.
public protocol GatewayNode: Node
where
  Message == PageMessage, Request == PageRequest, Reply == Page, Output == NoOutput, Status == GatewayStatus
{}

/// What the suite of stage 4C keeps to, and the handout prints.
public enum GatewayBounds {
  /// A page is answered no later than this after it was asked for.
  public static let limitMilliseconds = 500
  /// A kept piece is shown for so long after it was answered, and no longer.
  public static let keptSeconds = 60
  /// An instance may be left alone for so long at a time, and no longer: then the next page that needs it tries it.
  public static let restMilliseconds = 2_000
  /// An instance that is well has answered within this time, but for the few answers of 4C.promise that take longer. The way there
  /// and back comes on top.
  public static let wellMilliseconds = 60
  /// Where one instance of each service is in trouble, now this one and now the other, so many sections in a hundred of a whole run
  /// are fresh at least.
  public static let freshPercent = 95
}
