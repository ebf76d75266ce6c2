/// Finds the step that wrote a value to a key, given that no value is written to a key twice.
///
/// Open addressing over flat arrays: a dictionary keyed by pairs takes several times as long.
struct WriteTable: Sendable {
  private struct Write {
    var value: Int
    var key: Int32
    /// The step's number, or -1 if the place is free.
    var step: Int32
  }

  private var places: [Write]
  private let mask: Int

  /// A table for up to `capacity` writes.
  init(capacity: Int) {
    var size = 16
    while size < 2 * capacity { size *= 2 }
    places = Array(repeating: Write(value: 0, key: 0, step: -1), count: size)
    mask = size - 1
  }

  private func place(_ key: Int32, _ value: Int) -> Int {
    var hash = UInt64(truncatingIfNeeded: value) &* 0x9E37_79B9_7F4A_7C15
    hash = (hash ^ (hash >> 32) ^ UInt64(truncatingIfNeeded: key)) &* 0xD6E8_FEB8_6659_FD93
    var place = Int(truncatingIfNeeded: hash >> 32) & mask
    while places[place].step >= 0 && (places[place].key != key || places[place].value != value) {
      place = (place + 1) & mask
    }
    return place
  }

  /// The step that wrote `value` to `key`.
  subscript(key: Int32, value: Int) -> Int? {
    let step = places[place(key, value)].step
    return step < 0 ? nil : Int(step)
  }

  /// Notes that `step` wrote `value` to `key`, or returns the step that did before.
  mutating func insert(_ step: Int, key: Int32, value: Int) -> Int? {
    let place = place(key, value)
    if places[place].step >= 0 { return Int(places[place].step) }
    places[place] = Write(value: value, key: key, step: Int32(step))
    return nil
  }
}
