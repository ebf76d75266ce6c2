/// Whether users paid for what they ordered, once an order, and were paid back for what was taken back: by the transfers that
/// were made outside, where nothing is undone by forgetting it.
public struct OrderPayments: Sendable {
  public struct Order: Sendable {
    public var id: String
    public var user: String
    public var cents: Int
    /// Whether it was taken back, so that it costs nothing in the end.
    public var isOver: Bool

    public init(id: String, user: String, cents: Int, isOver: Bool) {
      self.id = id
      self.user = user
      self.cents = cents
      self.isOver = isOver
    }
  }

  public struct Transfer: Sendable {
    public var id: String
    public var order: String
    public var user: String
    /// Paid back, if it is below 0.
    public var cents: Int

    public init(id: String, order: String, user: String, cents: Int) {
      self.id = id
      self.order = order
      self.user = user
      self.cents = cents
    }
  }

  public init() {}

  /// Judges transfers in the order in which they were made.
  ///
  /// - Parameter isComplete: whether all that is to be made has been; else only what is wrong for good is found.
  public func check(_ orders: [Order], _ transfers: [Transfer], isComplete: Bool) -> Verdict {
    var byID: [String: Order] = [:]
    for order in orders { byID[order.id] = order }
    var paid: [String: Int] = [:]
    for transfer in transfers {
      guard let order = byID[transfer.order] else {
        return violation(
          "What is charged was ordered",
          "The transfer \"\(transfer.id)\" is for \(transfer.order), which nobody ordered.")
      }
      guard order.user == transfer.user, abs(transfer.cents) == order.cents else {
        return violation(
          "What is charged was ordered",
          "\(order.id) costs \(order.user) \(order.cents) cents; the transfer \"\(transfer.id)\" moves \(transfer.cents) "
            + "cents of \(transfer.user).")
      }
      paid[order.id, default: 0] += transfer.cents
      var made: String {
        transfers.filter { $0.order == order.id }.map { "\"\($0.id)\" \($0.cents)" }.joined(separator: ", ")
      }
      guard paid[order.id] != 2 * order.cents else {
        return violation(
          "One charge an order",
          "\(order.user) has paid twice for \(order.id), \(order.cents) cents: \(made).")
      }
      guard paid[order.id] != -order.cents else {
        return violation(
          "A refund follows its charge",
          "\(order.user) was paid back for \(order.id) what was not paid, \(order.cents) cents: \(made).")
      }
      guard transfer.cents > 0 || order.isOver else {
        return violation(
          "What is charged was ordered",
          "\(order.user) was paid back for \(order.id), which was not taken back: \(made).")
      }
    }
    guard isComplete else { return .holds }
    for order in orders where paid[order.id] ?? 0 != (order.isOver ? 0 : order.cents) {
      return violation(
        "Every order is paid for, or paid back",
        order.isOver
          ? "\(order.id) was taken back, and \(order.user) was never paid back \(order.cents) cents."
          : "\(order.user) never paid for \(order.id), \(order.cents) cents.")
    }
    return .holds
  }

  private func violation(_ property: String, _ evidence: String) -> Verdict {
    .violated(Violation(property: property, section: "Helland 2007, 4", evidence: evidence))
  }
}
