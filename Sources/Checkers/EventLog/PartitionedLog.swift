/// Whether a topic was a log in partitions: each record has one place for ever, places follow the order of appends, the
/// records of a key lie together, and who reads on from where it is told skips nothing (Kreps, Narkhede and Rao, "Kafka",
/// NetDB 2011).
///
/// A record may lie in its partition more than once: a log that asks again within appends at least once. Checking takes
/// O((n + m) log n) for n records and m records found.
public struct PartitionedLog: Sendable {
  /// How many of a hundred records may lie in their partition more than once.
  public var mostRepeatsPercent: Int

  public init(mostRepeatsPercent: Int = 100) { self.mostRepeatsPercent = mostRepeatsPercent }

  /// Judges a topic.
  ///
  /// - Parameters:
  ///   - name: the topic's name, for the evidence.
  ///   - groups: those that consume the topic. What they have yet to read, no retention takes away.
  public func check(_ history: TopicHistory, named name: String, groups: [GroupHistory] = []) -> Verdict {
    do {
      var places = Places(name: name, history.appends)
      try places.acknowledge(history.appends)
      for poll in history.polls { try places.find(poll) }
      try places.requireOrder(of: history.appends)
      try places.requireFewRepeats(percent: mostRepeatsPercent)
      for poll in history.polls {
        try places.requireNothingSkipped(
          in: poll, removedBefore: Self.removable(history.retentions, groups, poll.partition, by: poll.time))
      }
      return .holds
    } catch { return .violated(error) }
  }

  /// Up to which offset records of a partition may be gone at a time. A retention that was asked for may take effect at any
  /// time after, and more than once.
  private static func removable(
    _ retentions: [TopicHistory.Retention], _ groups: [GroupHistory], _ partition: Int, by time: Int
  ) -> Int {
    guard let first = retentions.filter({ $0.partition == partition }).map(\.call).min(), first <= time else {
      return 0
    }
    return groups.filter { $0.joins.contains { $0.time < first } }
      .map { $0.mayHaveCommitted(partition, by: time) }.min() ?? .max
  }
}

/// Where the records of a topic lie, as far as it has been said.
private struct Places {
  private struct Place: Hashable, Comparable {
    let partition: Int
    let offset: Int

    static func < (left: Place, right: Place) -> Bool {
      (left.partition, left.offset) < (right.partition, right.offset)
    }
  }

  private struct Record {
    let key: String
    let value: String
    /// Since when somebody has been told that it is there.
    var knownSince: Int
  }

  private let name: String
  private let keys: [String: String]
  private var records: [Place: Record] = [:]
  private var partitionOfKey: [String: Int] = [:]
  private var firstPlace: [String: Place] = [:]
  /// For each partition the offsets that are known, in order.
  private lazy var offsets: [Int: [Int]] = Dictionary(grouping: records.keys, by: \.partition)
    .mapValues { $0.map(\.offset).sorted() }

  init(name: String, _ appends: [TopicHistory.Append]) {
    self.name = name
    keys = Dictionary(appends.map { ($0.value, $0.key) }) { first, _ in first }
  }

  private func words(_ place: Place) -> String { "offset \(place.offset) of \(name)/\(place.partition)" }

  mutating func acknowledge(_ appends: [TopicHistory.Append]) throws(Violation) {
    for append in appends {
      guard let said = append.acknowledged else { continue }
      try put(append.key, append.value, Place(partition: said.partition, offset: said.offset), at: said.time)
    }
  }

  mutating func find(_ poll: TopicHistory.Poll) throws(Violation) {
    var last: Int?
    for found in poll.found {
      let place = Place(partition: poll.partition, offset: found.offset)
      guard found.offset >= poll.from, found.offset > last ?? .min else {
        throw Violation(
          property: "A poll goes forward", section: "Kafka, 3.1",
          evidence: "A poll of \(name)/\(poll.partition) from \(poll.from) on returned \(words(place))"
            + (last.map { " after offset \($0)." } ?? "."))
      }
      last = found.offset
      guard keys[found.value] == found.key else {
        throw Violation(
          property: "Nothing is invented", section: "contract",
          evidence: "\(words(place)) holds \(found.value) of \(found.key), which nobody appended.")
      }
      try put(found.key, found.value, place, at: poll.time)
    }
    guard poll.found.count <= poll.limit, poll.next > last ?? .min, poll.next >= poll.from else {
      throw Violation(
        property: "A poll goes forward", section: "Kafka, 3.1",
        evidence:
          "A poll of \(name)/\(poll.partition) from \(poll.from) on, of \(poll.limit) records at most, returned "
          + "\(poll.found.count)\(last.map { ", the last at offset \($0)," } ?? "") and says to go on at \(poll.next)."
      )
    }
  }

  private mutating func put(_ key: String, _ value: String, _ place: Place, at time: Int) throws(Violation) {
    if let other = records[place], other.value != value {
      throw Violation(
        property: "One record an offset", section: "Kafka, 3.1",
        evidence: "\(words(place)) is that of \(other.value), and that of \(value).")
    }
    if let partition = partitionOfKey[key], partition != place.partition {
      throw Violation(
        property: "A key stays in its partition", section: "Kafka, 3.1",
        evidence: "\(key) has records in \(name)/\(partition), and \(value) in \(name)/\(place.partition).")
    }
    partitionOfKey[key] = place.partition
    firstPlace[value] = min(firstPlace[value] ?? place, place)
    records[place, default: Record(key: key, value: value, knownSince: time)].knownSince = min(
      records[place]?.knownSince ?? time, time)
  }

  /// A log that asks again within appends at least once; it does not do so without need.
  func requireFewRepeats(percent: Int) throws(Violation) {
    let places = Dictionary(grouping: records.keys) { records[$0]?.value ?? "" }.filter { $0.value.count > 1 }
    guard 100 * places.count > percent * firstPlace.count,
      let (value, twice) = places.min(by: { $0.value.min() ?? $0.value[0] < $1.value.min() ?? $1.value[0] })
    else { return }
    throw Violation(
      property: "An append is one record", section: "contract",
      evidence: "Without a fault, \(places.count) of "
        + "\(firstPlace.count) records lie in \(name) more than once, among them \(value), at "
        + "\(twice.sorted().map(words).joined(separator: " and at ")).",
      kind: .budget)
  }

  /// Whoever appends after an acknowledgement comes behind what was acknowledged.
  func requireOrder(of appends: [TopicHistory.Append]) throws(Violation) {
    /// Of each partition the highest offset acknowledged so far.
    var highest: [Int: (offset: Int, value: String)] = [:]
    let acknowledged = appends.compactMap { append in
      append.acknowledged.map {
        (append, place: Place(partition: $0.partition, offset: $0.offset), time: $0.time)
      }
    }.sorted { $0.time < $1.time }
    var next = 0
    for append in appends.sorted(by: { $0.call < $1.call }) {
      while next < acknowledged.count, acknowledged[next].time < append.call {
        let (earlier, place, _) = acknowledged[next]
        if place.offset > highest[place.partition]?.offset ?? .min {
          highest[place.partition] = (place.offset, earlier.value)
        }
        next += 1
      }
      guard let first = firstPlace[append.value], let before = highest[first.partition],
        before.offset > first.offset
      else { continue }
      throw Violation(
        property: "Offsets rise", section: "Kafka, 3.1",
        evidence:
          "\(append.value) was appended after \(before.value) had been acknowledged at offset \(before.offset) of "
          + "\(name)/\(first.partition), and lies before it, at offset \(first.offset).")
    }
  }

  /// What lies between where a poll began and where it says to go on was returned, and what was there before the poll is not
  /// beyond it, unless it is full.
  mutating func requireNothingSkipped(
    in poll: TopicHistory.Poll, removedBefore removed: Int
  ) throws(Violation) {
    let known = offsets[poll.partition] ?? []
    var returned = poll.found.map(\.offset)[...]
    for offset in known[known.firstIndex(notBelow: max(poll.from, removed))...] {
      while let first = returned.first, first < offset { returned = returned.dropFirst() }
      if returned.first == offset { continue }
      let place = Place(partition: poll.partition, offset: offset)
      guard let record = records[place] else { continue }
      if offset < poll.next {
        throw Violation(
          property: "No record is skipped", section: "Kafka, 3.1",
          evidence:
            "A poll of \(name)/\(poll.partition) from \(poll.from) on says to go on at \(poll.next), and did not return "
            + "\(record.value) at offset \(offset).")
      }
      if poll.found.count < poll.limit, record.knownSince < poll.call {
        throw Violation(
          property: "Acknowledged records are found", section: "Kafka, 3.1",
          evidence:
            "\(record.value) was acknowledged or seen at \(words(place)), and a later poll from \(poll.from) on "
            + "ends at \(poll.next).")
      }
    }
  }
}

extension [Int] {
  /// The position of the first element, of a sorted array, that is at least `bound`.
  fileprivate func firstIndex(notBelow bound: Int) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < bound { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
