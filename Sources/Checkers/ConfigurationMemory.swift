/// How far a search is, which open operations are placed, and the state after them.
struct Configuration<Slots: SlotSet>: Sendable {
  var position: Int32 = 0
  var state: Int32
  /// Operations that are known to have happened.
  var placed = Slots()
  /// Operations that may have happened, of which this order makes use.
  var used = Slots()
  /// Which configuration in memory this one was made from by placing `choice`, or -1.
  var origin: Int32 = -1
  var choice: Int32 = -1
  /// The next configuration in the same bucket of the memory, or -1.
  var next: Int32 = -1
}

/// The configurations that a search has been in, each with the way there.
///
/// Of two that differ only in the optional operations they made use of, the one with fewer leaves more ways open, and
/// takes the other's place.
struct ConfigurationMemory<Slots: SlotSet>: Sendable {
  private(set) var configurations: [Configuration<Slots>] = []
  private var buckets: [Int32] = []

  /// Remembers a configuration and answers where, or nil if the search has been here, or where more ways were open.
  mutating func insert(_ new: Configuration<Slots>) -> Int32? {
    if configurations.count >= buckets.count { grow() }
    let bucket = bucket(of: new)
    var place = buckets[bucket]
    while place >= 0 {
      let known = configurations[Int(place)]
      if known.position == new.position, known.state == new.state, known.placed == new.placed {
        if known.used.isSubset(of: new.used) { return nil }
        if new.used.isSubset(of: known.used) {
          configurations[Int(place)] = new
          configurations[Int(place)].next = known.next
          return place
        }
      }
      place = known.next
    }
    place = Int32(configurations.count)
    configurations.append(new)
    configurations[Int(place)].next = buckets[bucket]
    buckets[bucket] = place
    return place
  }

  private func bucket(of configuration: Configuration<Slots>) -> Int {
    var hash: UInt64 = 0
    let position = UInt64(UInt32(bitPattern: configuration.position))
    mixed(position << 32 | UInt64(UInt32(bitPattern: configuration.state)), into: &hash)
    configuration.placed.mix(into: &hash)
    hash ^= hash >> 32
    return Int(truncatingIfNeeded: hash) & (buckets.count - 1)
  }

  private mutating func grow() {
    buckets = Array(repeating: -1, count: max(16, 2 * buckets.count))
    for place in configurations.indices {
      let bucket = bucket(of: configurations[place])
      configurations[place].next = buckets[bucket]
      buckets[bucket] = Int32(place)
    }
  }
}
