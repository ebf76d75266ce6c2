/// A stream of random numbers that depends on its seed alone, the same on every machine.
///
/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). Ranges are reduced by multiplication, without the standard
/// library's algorithms, which may change between releases.
public struct RandomStream: Hashable, Sendable {
  @usableFromInline var state: UInt64

  @inlinable public init(seed: UInt64) { state = seed }

  @inlinable public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Mixing.finalize(state)
  }

  /// A number of `range`, each as likely.
  @inlinable public mutating func next(in range: ClosedRange<Int>) -> Int {
    Mixing.reduce(next(), to: range)
  }

  /// True with a probability of `partsPerMillion` in a million.
  @inlinable public mutating func chance(partsPerMillion: Int) -> Bool {
    next(in: 0...999_999) < partsPerMillion
  }

  /// An element of a collection that is not empty.
  @inlinable public mutating func element<Elements: RandomAccessCollection>(of elements: Elements)
    -> Elements.Element
  {
    elements[elements.index(elements.startIndex, offsetBy: next(in: 0...(elements.count - 1)))]
  }

  /// The elements in random order (Fisher and Yates).
  @inlinable public mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
    var shuffled = elements
    guard shuffled.count > 1 else { return shuffled }
    for index in stride(from: shuffled.count - 1, to: 0, by: -1) {
      shuffled.swapAt(index, next(in: 0...index))
    }
    return shuffled
  }
}

/// Mixing functions with fixed results, for keyed choices and digests.
public enum Mixing {
  @inlinable public static func finalize(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  @inlinable public static func combine(_ left: UInt64, _ right: UInt64) -> UInt64 {
    finalize(left ^ (right &* 0x9E37_79B9_7F4A_7C15 &+ 0x7F4A_7C15_9E37_79B9))
  }

  @inlinable public static func reduce(_ value: UInt64, to range: ClosedRange<Int>) -> Int {
    let width = UInt64(bitPattern: Int64(range.upperBound &- range.lowerBound)) &+ 1
    if width == 0 { return Int(truncatingIfNeeded: value) }
    return range.lowerBound &+ Int(truncatingIfNeeded: value.multipliedFullWidth(by: width).high)
  }
}

/// A digest that is the same in every process and on every machine, unlike `hashValue`.
public func stableHash(_ bytes: some Sequence<UInt8>) -> UInt64 {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
  return Mixing.finalize(hash)
}

/// A digest that is the same in every process and on every machine, unlike `hashValue`.
public func stableHash(_ text: String) -> UInt64 { stableHash(text.utf8) }

/// A digest of a value by its encoding: equal values have equal ones, in every process.
public func stableHash(of value: some Encodable) -> UInt64 {
  do { return stableHash(try WireCodec.encode(value)) } catch {
    fatalError("the value could not be encoded: \(error)")
  }
}
