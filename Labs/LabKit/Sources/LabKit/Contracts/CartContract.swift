/// The contract of stage 2D's cart: what clients make of siblings.

/// A shopping cart as a value. Clients change it, and where they read several versions of it, they merge them
/// (DeCandia and others, "Dynamo", 2007, 4.4).
///
/// Merging is commutative, associative and idempotent, and loses no item that was added. An item that was removed may come
/// back only out of a version that is concurrent with the removal.
public protocol ShoppingCart: Hashable, Codable, Sendable {
  /// An empty cart.
  init()
  /// What is in it.
  var items: Set<String> { get }
  mutating func add(_ item: String)
  mutating func remove(_ item: String)
  /// Takes in what another version of the cart holds.
  mutating func merge(_ other: Self)
}

/// What the judge asks of the node that holds versions of a cart. Version 0 is the empty cart.
public enum CartRequest: WireValue {
  /// Merge these versions, in this order; add and remove these items; and keep what comes of it as the next version.
  case change([Int], add: [String], remove: [String])

  public func write(to writer: inout WireWriter) {
    guard case .change(let versions, let added, let removed) = self else { return }
    writer.byte(0x50)
    writer.unsigned(UInt64(versions.count))
    for version in versions { writer.integer(version) }
    for items in [added, removed] {
      writer.unsigned(UInt64(items.count))
      for item in items { writer.text(item) }
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    guard try reader.byte() == 0x50 else {
      throw .malformed(what: "an unknown request to a cart", offset: reader.offset)
    }
    var versions: [Int] = []
    for _ in 0..<(try reader.count()) { versions.append(try reader.integer()) }
    self = .change(versions, add: try reader.texts(), remove: try reader.texts())
  }
}

/// The version that came of it: its number, and what is in it, sorted.
public struct CartReply: WireValue {
  public let version: Int
  public let items: [String]

  public init(version: Int, items: [String]) {
    self.version = version
    self.items = items
  }

  public func write(to writer: inout WireWriter) {
    writer.integer(version)
    writer.unsigned(UInt64(items.count))
    for item in items { writer.text(item) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    self.init(version: try reader.integer(), items: try reader.texts())
  }
}

/// A node that holds the versions of a cart. Each is kept as a store would keep it, in bytes.
public struct CartProbe<Cart: ShoppingCart>: Node {
  public typealias Message = NoMessage
  public typealias Request = CartRequest
  public typealias Reply = CartReply
  public typealias Output = NoOutput
  public typealias Status = NoStatus

  private var versions: [[UInt8]] = []

  public init(id: NodeID, members: [NodeID]) {}

  public var status: NoStatus { NoStatus() }

  public mutating func start(from disk: Disk, _ context: inout Context<Self>) { keep(Cart()) }
  public mutating func receive(_ message: NoMessage, from sender: NodeID, _ context: inout Context<Self>) {}
  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {}

  public mutating func handle(
    _ request: CartRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    guard case .change(let parents, let added, let removed) = request,
      var cart = parents.first.map(version)
    else { return }
    for parent in parents.dropFirst() { cart.merge(version(parent)) }
    for item in added { cart.add(item) }
    for item in removed { cart.remove(item) }
    keep(cart)
    context.reply(CartReply(version: versions.count - 1, items: cart.items.sorted()), to: token)
  }

  private mutating func keep(_ cart: Cart) {
    do { versions.append(try WireCodec.encode(cart)) } catch {
      fatalError("the cart could not be encoded: \(error)")
    }
  }

  private func version(_ number: Int) -> Cart {
    do { return try WireCodec.decode(Cart.self, from: versions[number]) } catch {
      fatalError("the cart could not be decoded from what it was encoded as: \(error)")
    }
  }
}

extension WireReader {
  fileprivate mutating func texts() throws(WireError) -> [String] {
    var texts: [String] = []
    for _ in 0..<(try count()) { texts.append(try text()) }
    return texts
  }
}
