/// The names of a run (of messages, timers, keys) as numbers, so that a handler's effects are plain numbers.
@usableFromInline final class NameTable {
  @exclusivity(unchecked) private var texts: [String] = []
  /// The numbers of the names behind the first few.
  @exclusivity(unchecked) private var others: [String: Int32] = [:]
  private static let few = 32

  @usableFromInline init() {}

  func text(_ number: Int32) -> String { texts[Int(number)] }

  /// A name's number; a new name gets the next one.
  @usableFromInline func number(of name: String) -> Int32 {
    // Most names come back as the very value that was seen before. The table keeps its texts alive, so equal words are
    // equal texts; a text that looks different is compared in full.
    let words = Self.words(name)
    for index in 0..<min(texts.count, Self.few) where Self.words(texts[index]) == words {
      return Int32(index)
    }
    if let index = texts.prefix(Self.few).firstIndex(of: name) { return Int32(index) }
    if let number = others[name] { return number }
    texts.append(name)
    let number = Int32(texts.count - 1)
    if number >= Self.few { others[name] = number }
    return number
  }

  @usableFromInline func timer(_ number: Int32) -> TimerName { TimerName(texts[Int(number)]) }

  private static func words(_ text: String) -> SIMD2<UInt64> { unsafeBitCast(text, to: SIMD2<UInt64>.self) }
}
