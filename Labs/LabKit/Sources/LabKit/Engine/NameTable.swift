/// The names of a run (of messages, timers, keys) as numbers, so that a handler's effects are plain numbers.
@usableFromInline final class NameTable {
  @exclusivity(unchecked) private var texts: [String] = []

  @usableFromInline init() {}

  func text(_ number: Int32) -> String { texts[Int(number)] }

  /// A name's number; a new name gets the next one. Linear in the number of names, which are few.
  @usableFromInline func number(of name: String) -> Int32 {
    // Most names come back as the very value that was seen before. The table keeps its texts alive, so equal words are
    // equal texts; a text that looks different is compared in full.
    let words = Self.words(name)
    for index in 0..<texts.count where Self.words(texts[index]) == words { return Int32(index) }
    if let index = texts.firstIndex(of: name) { return Int32(index) }
    texts.append(name)
    return Int32(texts.count - 1)
  }

  @usableFromInline func timer(_ number: Int32) -> TimerName { TimerName(texts[Int(number)]) }

  private static func words(_ text: String) -> SIMD2<UInt64> { unsafeBitCast(text, to: SIMD2<UInt64>.self) }
}
