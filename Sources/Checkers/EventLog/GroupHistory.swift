/// What the members of one group of consumers did, and what they were told. Times are microseconds.
public struct GroupHistory: Sendable {
  /// A member that wanted to know its partitions, and was told.
  public struct Join: Sendable {
    public var member: String
    public var call: Int
    public var time: Int
    public var generation: Int
    public var partitions: [Int]

    public init(member: String, call: Int, time: Int, generation: Int, partitions: [Int]) {
      self.member = member
      self.call = call
      self.time = time
      self.generation = generation
      self.partitions = partitions
    }
  }

  public struct Commit: Sendable {
    public enum End: Sendable, Equatable {
      case committed
      /// The group's generation, by the word of the log.
      case refused(generation: Int)
      case unknown
    }

    public var member: String
    public var generation: Int
    public var offsets: [Int: Int]
    public var call: Int
    public var end = End.unknown
    public var time: Int?

    public init(member: String, generation: Int, offsets: [Int: Int], call: Int) {
      self.member = member
      self.generation = generation
      self.offsets = offsets
      self.call = call
    }
  }

  /// The group's offsets as somebody found them.
  public struct Fetch: Sendable {
    public var call: Int
    public var time: Int
    public var offsets: [Int: Int]

    public init(call: Int, time: Int, offsets: [Int: Int]) {
      self.call = call
      self.time = time
      self.offsets = offsets
    }
  }

  public var joins: [Join] = []
  public var commits: [Commit] = []
  public var fetches: [Fetch] = []

  public init() {}

  /// The highest offset of a partition that the group can have committed by a time: one whose outcome is unknown may have taken
  /// effect, and so may one that was refused when it was passed on for the second time.
  func mayHaveCommitted(_ partition: Int, by time: Int) -> Int {
    commits.filter { $0.call <= time }.compactMap { $0.offsets[partition] }.max() ?? 0
  }
}
