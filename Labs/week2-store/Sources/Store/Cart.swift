import LabKit

/// A shopping cart (stage 2D). Clients read it, change it and write it; where they read siblings, they merge them first.
public struct Cart: ShoppingCart {
  public init() {}

  /// What is in it.
  public var items: Set<String> { notImplemented() }

  public mutating func add(_ item: String) { notImplemented() }
  public mutating func remove(_ item: String) { notImplemented() }

  /// Takes in what another version of the cart holds.
  public mutating func merge(_ other: Cart) { notImplemented() }
}
