/// The name of one of a node's timers. A node has at most one timer of a name: setting it again moves it.
///
///     extension TimerName { static let election: TimerName = "election" }
public struct TimerName: Hashable, Codable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
  public let text: String

  @inlinable public init(_ text: String) { self.text = text }
  @inlinable public init(stringLiteral value: String) { text = value }

  public var description: String { text }
}
