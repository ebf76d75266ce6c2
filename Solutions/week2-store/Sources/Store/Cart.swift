import LabKit

/// A shopping cart: the set of what is in it.
///
/// The union of two carts loses nothing that was added. Its price is known: what one client has removed comes back from a
/// version that another wrote meanwhile (Dynamo, 4.4).
public struct Cart: ShoppingCart {
  public private(set) var items: Set<String> = []

  public init() {}

  public mutating func add(_ item: String) { items.insert(item) }
  public mutating func remove(_ item: String) { items.remove(item) }
  public mutating func merge(_ other: Cart) { items.formUnion(other.items) }
}
