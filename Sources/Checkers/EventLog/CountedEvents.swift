/// Whether the totals of a consumer are what its events come to, each counted once, however often and in whichever order they
/// were delivered (Helland, "Life beyond Distributed Transactions", CIDR 2007, section 4).
public struct CountedEvents: Sendable {
  /// An order, by all the events that tell of it.
  public struct Order: Sendable {
    public var id: String
    /// The total that it counts for, and by how much.
    public var name: String
    public var amount: Int
    /// Whether it was taken back, so that it counts for nothing.
    public var isOver: Bool

    public init(id: String, name: String, amount: Int, isOver: Bool) {
      self.id = id
      self.name = name
      self.amount = amount
      self.isOver = isOver
    }
  }

  public init() {}

  public func check(_ orders: [Order], totals: [String: Int]) -> Verdict {
    var expected: [String: Int] = [:]
    for order in orders { expected[order.name, default: 0] += order.isOver ? 0 : order.amount }
    for name in Set(expected.keys).union(totals.keys).sorted() {
      let (total, right) = (totals[name] ?? 0, expected[name] ?? 0)
      guard total != right else { continue }
      let reason = guess(total - right, orders.filter { $0.name == name })
      return .violated(
        Violation(
          property: "Every event counts once", section: "Helland 2007, 4",
          evidence: "The total of \(name) is \(total), and the events come to \(right)\(reason ?? "")."))
    }
    return .holds
  }

  /// What one mistake would come to this difference.
  private func guess(_ difference: Int, _ orders: [Order]) -> String? {
    for order in orders where abs(difference) == abs(order.amount) {
      let isMore = (difference > 0) == (order.amount > 0)
      return switch (isMore, order.isOver) {
      case (true, false): ": as if \(order.id) had been counted twice"
      case (false, false): ": as if \(order.id) had never come"
      case (true, true): ": as if \(order.id) had not been taken back, or came again after that"
      case (false, true): ": as if \(order.id) had been taken back twice"
      }
    }
    return nil
  }
}
