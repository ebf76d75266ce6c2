/// A set of small numbers.
protocol SlotSet: Equatable, Sendable {
  init()
  func contains(_ slot: Int32) -> Bool
  mutating func insert(_ slot: Int32)
  mutating func remove(_ slot: Int32)
  func isSubset(of other: Self) -> Bool
  /// Mixes the members into `hash`.
  func mix(into hash: inout UInt64)
}

/// A set in one word, which suffices for almost every history.
struct OneWord: SlotSet {
  static let size = 64

  private var bits: UInt64 = 0

  func contains(_ slot: Int32) -> Bool { bits & (1 &<< UInt64(slot)) != 0 }

  mutating func insert(_ slot: Int32) { bits |= 1 &<< UInt64(slot) }

  mutating func remove(_ slot: Int32) { bits &= ~(1 &<< UInt64(slot)) }

  func isSubset(of other: OneWord) -> Bool { bits & ~other.bits == 0 }

  func mix(into hash: inout UInt64) { mixed(bits, into: &hash) }
}

/// A set of any size.
struct ManyWords: SlotSet {

  // The last word is never 0, so that equal sets have equal words.
  private var words: [UInt64] = []

  func contains(_ slot: Int32) -> Bool {
    let word = Int(slot / 64)
    return word < words.count && words[word] & (1 &<< UInt64(slot % 64)) != 0
  }

  mutating func insert(_ slot: Int32) {
    let word = Int(slot / 64)
    while words.count <= word { words.append(0) }
    words[word] |= 1 &<< UInt64(slot % 64)
  }

  mutating func remove(_ slot: Int32) {
    guard contains(slot) else { return }
    words[Int(slot / 64)] &= ~(1 &<< UInt64(slot % 64))
    while words.last == 0 { words.removeLast() }
  }

  func isSubset(of other: ManyWords) -> Bool {
    guard words.count <= other.words.count else { return false }
    for (word, bits) in words.enumerated() where bits & ~other.words[word] != 0 { return false }
    return true
  }

  func mix(into hash: inout UInt64) {
    for bits in words { mixed(bits, into: &hash) }
  }
}

/// Mixes `bits` into `hash`, so that its upper bits depend on them all.
@inline(__always)
func mixed(_ bits: UInt64, into hash: inout UInt64) {
  hash = (hash ^ bits) &* 0x9E37_79B9_7F4A_7C15
  hash ^= hash >> 29
}
