/// What is known of pairs of a state and a kind.
struct CodeTable: Sendable {
  private var keys: [UInt64] = []
  private var values: [Int32] = []
  private var count = 0

  // No pair has this number, for neither part is negative.
  private static let vacant = UInt64.max

  subscript(state: Int32, kind: Int32) -> Int32? {
    get {
      if keys.isEmpty { return nil }
      let key = Self.key(state, kind)
      let place = place(of: key)
      return keys[place] == key ? values[place] : nil
    }
    set {
      guard let newValue else { return }
      if 2 * (count + 1) > keys.count { grow() }
      let key = Self.key(state, kind)
      let place = place(of: key)
      if keys[place] != key { count += 1 }
      keys[place] = key
      values[place] = newValue
    }
  }

  private static func key(_ state: Int32, _ kind: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: state)) << 32 | UInt64(UInt32(bitPattern: kind))
  }

  /// Where `key` is, or where it would be put.
  private func place(of key: UInt64) -> Int {
    let mask = keys.count - 1
    var hash: UInt64 = 0
    mixed(key, into: &hash)
    var place = Int(truncatingIfNeeded: hash >> 20) & mask
    while keys[place] != key && keys[place] != Self.vacant { place = (place + 1) & mask }
    return place
  }

  private mutating func grow() {
    let (oldKeys, oldValues) = (keys, values)
    keys = Array(repeating: Self.vacant, count: max(16, 2 * oldKeys.count))
    values = Array(repeating: 0, count: keys.count)
    for (key, value) in zip(oldKeys, oldValues) where key != Self.vacant {
      let place = place(of: key)
      keys[place] = key
      values[place] = value
    }
  }
}
