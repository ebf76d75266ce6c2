/// Finds the step that wrote a value to a key, given that no value is written to a key twice.
///
/// Open addressing over flat arrays: a dictionary keyed by pairs takes several times as long.
struct WriteTable: Sendable {
  private var keys: [Int32]
  private var values: [Int]
  private var steps: [Int32]
  private let mask: Int

  /// A table for up to `capacity` writes.
  init(capacity: Int) {
    var size = 16
    while size < 2 * capacity { size *= 2 }
    keys = Array(repeating: 0, count: size)
    values = Array(repeating: 0, count: size)
    steps = Array(repeating: -1, count: size)
    mask = size - 1
  }

  private func slot(_ key: Int32, _ value: Int) -> Int {
    var hash = UInt64(truncatingIfNeeded: value) &* 0x9E37_79B9_7F4A_7C15
    hash = (hash ^ (hash >> 32) ^ UInt64(truncatingIfNeeded: key)) &* 0xD6E8_FEB8_6659_FD93
    var slot = Int(truncatingIfNeeded: hash >> 32) & mask
    while steps[slot] >= 0 && (keys[slot] != key || values[slot] != value) { slot = (slot + 1) & mask }
    return slot
  }

  /// The step that wrote `value` to `key`.
  subscript(key: Int32, value: Int) -> Int? {
    let step = steps[slot(key, value)]
    return step < 0 ? nil : Int(step)
  }

  /// Notes that `step` wrote `value` to `key`, or returns the step that did before.
  mutating func insert(_ step: Int, key: Int32, value: Int) -> Int? {
    let slot = slot(key, value)
    if steps[slot] >= 0 { return Int(steps[slot]) }
    keys[slot] = key
    values[slot] = value
    steps[slot] = Int32(step)
    return nil
  }
}
