/// What a run adds to the sum over all seeds of a scenario: counts, and how values are spread, each under a name.
public struct Tally: Sendable, Equatable {
  private var counts: [String: Int] = [:]
  private var spreads: [String: Spread] = [:]

  public init() {}

  /// Adds to a count.
  public mutating func add(_ name: String, _ count: Int = 1) { counts[name, default: 0] += count }

  /// Takes note of a value, which is not negative.
  public mutating func note(_ name: String, _ value: Int) { spreads[name, default: Spread()].add(value) }

  public mutating func merge(_ other: Tally) {
    counts.merge(other.counts) { $0 + $1 }
    spreads.merge(other.spreads) { $0.merged(with: $1) }
  }

  /// What was counted under this name.
  public func count(_ name: String) -> Int { counts[name] ?? 0 }

  /// How many of 10,000 of the whole the part is; nil if there is no whole.
  public func share(_ part: String, of whole: String) -> Int? {
    let whole = count(whole)
    return whole > 0 ? count(part) * 10_000 / whole : nil
  }

  /// The value that `permille` in a thousand do not exceed, to a 64th of itself and never too low; nil if there are none.
  public func percentile(_ name: String, permille: Int) -> Int? { spreads[name]?.percentile(permille) }
}

/// How values are spread: how many fall into each of some buckets, which are narrow where values are small (the idea of
/// HdrHistogram). Adding and merging take time by the number of buckets, not of values.
private struct Spread: Sendable, Equatable {
  /// By bucket: values below 128 have one each, and every further doubling has 64.
  private var counts: [Int: Int] = [:]
  private var total = 0

  mutating func add(_ value: Int) {
    counts[Self.bucket(of: max(0, value)), default: 0] += 1
    total += 1
  }

  func merged(with other: Spread) -> Spread {
    var sum = self
    sum.counts.merge(other.counts) { $0 + $1 }
    sum.total += other.total
    return sum
  }

  func percentile(_ permille: Int) -> Int? {
    var rest = (total * permille + 999) / 1_000
    for (bucket, count) in counts.sorted(by: { $0.key < $1.key }) {
      rest -= count
      if rest <= 0 { return Self.greatestValue(in: bucket) }
    }
    return nil
  }

  private static func bucket(of value: Int) -> Int {
    guard value >= 128 else { return value }
    let shift = (Int.bitWidth - value.leadingZeroBitCount) - 7
    return shift * 64 + (value >> shift)
  }

  private static func greatestValue(in bucket: Int) -> Int {
    guard bucket >= 128 else { return bucket }
    let shift = bucket / 64 - 1
    return ((bucket - shift * 64 + 1) << shift) - 1
  }
}
