import LabKit

/// All that the order service keeps on its disk, as one value: a change and the event that tells of it are there together
/// or not at all.
struct OrderLedger: Hashable, Codable {
  /// A key is the user's own.
  struct Name: Hashable, Codable {
    let user: String
    let key: String
  }

  /// An event that the log has not acknowledged yet.
  struct Unpublished: Hashable, Codable {
    /// Rises from event to event, and is used once: an answer that comes late fits no other event.
    let number: Int
    let key: String
    let value: String
  }

  private(set) var orders: [String: PlacedOrder] = [:]
  private var ids: [Name: String] = [:]
  /// In the order of the changes.
  private(set) var outbox: [Unpublished] = []
  private var events = 0

  func order(of name: Name) -> PlacedOrder? { ids[name].flatMap { orders[$0] } }

  mutating func place(_ order: Order, as name: Name, cents: Int) -> PlacedOrder {
    let placed = PlacedOrder(
      id: "o\(orders.count + 1)", user: name.user, key: name.key, order: order, cents: cents)
    orders[placed.id] = placed
    ids[name] = placed.id
    announce(.placed(placed))
    return placed
  }

  /// Nothing changes if the order is cancelled already.
  mutating func cancel(_ id: String) {
    guard orders[id]?.isCancelled == false else { return }
    orders[id]?.isCancelled = true
    announce(.cancelled(id: id))
  }

  private mutating func announce(_ event: OrderEvent) {
    events += 1
    outbox.append(Unpublished(number: events, key: event.key, value: event.value))
  }

  /// The log has an event.
  mutating func published(_ number: Int) { outbox.removeAll { $0.number == number } }
}
