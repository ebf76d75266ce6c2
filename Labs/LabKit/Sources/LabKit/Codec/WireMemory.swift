/// The sequences of the value that was encoded last, with their bytes. A log that has grown by an entry is encoded in the
/// time that the entry takes.
public final class WireMemory {
  private var sequences: [AnyObject] = []
  private var next = 0

  public init() {}

  func begin() { next = 0 }

  func nextSequence<Element>(of type: Element.Type) -> KnownSequence<Element> {
    defer { next += 1 }
    if next < sequences.count, let known = sequences[next] as? KnownSequence<Element> { return known }
    let known = KnownSequence<Element>()
    sequences.removeSubrange(next...)
    sequences.append(known)
    return known
  }
}

/// A sequence as it was encoded last.
final class KnownSequence<Element> {
  private var elements: [Element] = []
  /// Where each element's bytes end.
  var ends: [Int] = []
  var bytes: ArraySlice<UInt8> = []

  /// Writes the bytes of the first elements that are the same as before, and forgets the others.
  ///
  /// They are the same if they are so bit by bit: what they point to lives as long as they do, and nobody changes in
  /// place what two values share. `==` would not do, for a type may call equal what is encoded differently.
  func keep(_ newElements: [Element], into writer: inout WireWriter) {
    let common = elements.withUnsafeBytes { old in
      newElements.withUnsafeBytes { new in
        let shorter = min(old.count, new.count)
        var same = 0
        while same + 8 <= shorter,
          old.loadUnaligned(fromByteOffset: same, as: UInt64.self)
            == new.loadUnaligned(fromByteOffset: same, as: UInt64.self)
        { same += 8 }
        while same < shorter, old[same] == new[same] { same += 1 }
        return same / MemoryLayout<Element>.stride
      }
    }
    elements = newElements
    ends.removeSubrange(min(common, ends.count)...)
    if let end = ends.last { writer.bytes.append(contentsOf: bytes.prefix(end)) }
  }
}
