import Checkers

/// A quantity that a scenario measures in a run and keeps within a bound: messages, a latency.
public struct BoundedQuantity: Sendable, Equatable {
  public enum Bound: Sendable, Equatable {
    case atMost(Int)
    case atLeast(Int)
  }

  /// What was measured, with its unit: "messages a second on three idle nodes".
  public let quantity: String
  public let value: Int
  public let bound: Bound

  public var isWithinBound: Bool {
    switch bound {
    case .atMost(let most): value <= most
    case .atLeast(let least): value >= least
    }
  }

  /// Whichever of the two is nearer to the bound, or further past it.
  public func worse(_ other: BoundedQuantity) -> BoundedQuantity {
    if case .atLeast = bound { return other.value < value ? other : self }
    return other.value > value ? other : self
  }
}

extension Trial {
  /// Notes a measurement for `lab verify --margins`, and throws if it is out of bounds.
  public func measure(_ quantity: String, _ value: Int, _ bound: BoundedQuantity.Bound, property: String)
    throws
  {
    let measurement = BoundedQuantity(quantity: quantity, value: value, bound: bound)
    measurements.append(measurement)
    guard !measurement.isWithinBound else { return }
    let allowed =
      switch bound {
      case .atMost(let most): "at most \(most)"
      case .atLeast(let least): "at least \(least)"
      }
    throw Violation(
      property: property, section: "contract",
      evidence: "\(value) \(quantity); the contract asks for \(allowed)",
      kind: property.hasPrefix("No progress") ? .progress : .budget)
  }
}

extension [BoundedQuantity] {
  /// The worst of each quantity.
  public var worst: [BoundedQuantity] {
    var worst: [String: BoundedQuantity] = [:]
    for measurement in self {
      worst[measurement.quantity] = worst[measurement.quantity].map { $0.worse(measurement) } ?? measurement
    }
    return worst.values.sorted { $0.quantity < $1.quantity }
  }
}
