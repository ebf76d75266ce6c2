/// The part of a history that no order can explain, for a report to draw. Operations are named by their identifiers.
public struct Contradiction: Sendable, Equatable {
  /// The object's key in words, or nil if the history is of a single object.
  public var key: String?
  /// The operations that had returned before, in the order of their returns: they can be put in order, and make up the
  /// longest part of the history of which that is so.
  public var returned: [Int]
  /// An order that the model allows of the operations that had returned before and of those open ones that may come
  /// before too; empty if none was kept.
  public var order: [Int]
  /// The operation that no such order can be followed by.
  public var culprit: Int
  /// The operations that were open when the culprit returned.
  public var open: [Int]

  public init(key: String?, returned: [Int], order: [Int], culprit: Int, open: [Int]) {
    self.key = key
    self.returned = returned
    self.order = order
    self.culprit = culprit
    self.open = open
  }
}
