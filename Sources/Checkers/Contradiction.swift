/// The part of a history that no order can explain, for a report to draw. Operations are named by their identifiers.
public struct Contradiction: Sendable, Hashable, Codable {
  /// An operation as a report shows it.
  public struct Operation: Sendable, Hashable, Codable, Identifiable {
    public var id: Int
    public var client: Int
    /// When it was called, and when its client had the answer or gave up, in microseconds.
    public var callMicroseconds: Int
    public var returnMicroseconds: Int?
    /// What was asked for and answered: `put("x", "1") → done`.
    public var words: String
    /// The state after it in the order found, if it is part of that.
    public var stateAfter: String?

    public init(
      id: Int, client: Int, callMicroseconds: Int, returnMicroseconds: Int?, words: String,
      stateAfter: String? = nil
    ) {
      self.id = id
      self.client = client
      self.callMicroseconds = callMicroseconds
      self.returnMicroseconds = returnMicroseconds
      self.words = words
      self.stateAfter = stateAfter
    }
  }

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
  /// All that are named above, in the order of their calls.
  public var operations: [Operation]

  public init(
    key: String?, returned: [Int], order: [Int], culprit: Int, open: [Int], operations: [Operation] = []
  ) {
    self.key = key
    self.returned = returned
    self.order = order
    self.culprit = culprit
    self.open = open
    self.operations = operations
  }
}
