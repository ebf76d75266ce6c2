/// A node's name in its cluster: `n1`, `n2`, … (numbers start at 1).
public struct NodeID: Hashable, Comparable, Codable, Sendable, CustomStringConvertible,
  ExpressibleByIntegerLiteral
{
  public var number: Int

  @inlinable public init(_ number: Int) { self.number = number }
  @inlinable public init(integerLiteral value: Int) { number = value }

  @inlinable public static func < (left: NodeID, right: NodeID) -> Bool { left.number < right.number }

  public var description: String { "n\(number)" }

  public init(from decoder: any Decoder) throws {
    number = try decoder.singleValueContainer().decode(Int.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(number)
  }
}
