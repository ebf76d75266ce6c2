/// What producers and consumers of one topic did, and what they were told. Times are microseconds.
public struct TopicHistory: Sendable {
  /// A record that somebody wanted to be appended. Values are unlike each other.
  public struct Append: Sendable {
    public var key: String
    public var value: String
    public var call: Int
    /// Where it was put and when that was said, if it was said.
    public var acknowledged: (partition: Int, offset: Int, time: Int)?

    public init(key: String, value: String, call: Int) {
      self.key = key
      self.value = value
      self.call = call
    }
  }

  /// A record as it was found.
  public struct Found: Sendable, Hashable {
    public var offset: Int
    public var key: String
    public var value: String

    public init(offset: Int, key: String, value: String) {
      self.offset = offset
      self.key = key
      self.value = value
    }
  }

  /// A poll that was answered.
  public struct Poll: Sendable {
    public var partition: Int
    public var from: Int
    public var limit: Int
    public var call: Int
    public var time: Int
    public var found: [Found]
    /// Where to go on, by the word of the log.
    public var next: Int

    public init(
      partition: Int, from: Int, limit: Int, call: Int, time: Int, found: [Found], next: Int
    ) {
      self.partition = partition
      self.from = from
      self.limit = limit
      self.call = call
      self.time = time
      self.found = found
      self.next = next
    }
  }

  /// A wish that only the last records of a partition be kept.
  public struct Retention: Sendable {
    public var partition: Int
    public var last: Int
    public var call: Int
    /// From which offset on records are left, and when that was said, if it was said.
    public var answered: (from: Int, time: Int)?

    public init(partition: Int, last: Int, call: Int) {
      self.partition = partition
      self.last = last
      self.call = call
    }
  }

  public var appends: [Append] = []
  public var polls: [Poll] = []
  public var retentions: [Retention] = []

  public init() {}

  /// Where records of a partition lie, as far as it has been said, in order.
  func knownOffsets(of partition: Int) -> [Int] {
    let acknowledged = appends.compactMap(\.acknowledged).filter { $0.partition == partition }.map(\.offset)
    let found = polls.filter { $0.partition == partition }.flatMap(\.found).map(\.offset)
    return Set(acknowledged + found).sorted()
  }
}
