import Foundation

/// An object file that could not be read.
public struct ObjectFileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file.
  public var file: String
  /// What is wrong with it.
  public var reason: String

  public var description: String { "\(file) is no object file that lab can read: \(reason)" }
}

/// The symbols that an ELF object file uses and does not define.
enum UndefinedSymbols {
  /// Reads the symbol table of a 64-bit little-endian ELF file. A file without one uses nothing.
  static func names(inObjectAt file: URL) throws(ObjectFileError) -> [String] {
    let data: [UInt8]
    do {
      data = [UInt8](try Data(contentsOf: file))
    } catch {
      throw ObjectFileError(file: file.path, reason: error.localizedDescription)
    }
    var reader = Reader(bytes: data)
    let names = reader.undefinedNames()
    if let reason = reader.trouble { throw ObjectFileError(file: file.path, reason: reason) }
    return names
  }

  /// Reads within bounds: a damaged file gives a `trouble`, never a trap.
  private struct Reader {
    let bytes: [UInt8]
    private(set) var trouble: String?

    init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func number(at offset: Int, bytes count: Int) -> Int {
      guard offset >= 0, offset <= bytes.count - count else {
        trouble = "it ends too early"
        return 0
      }
      var value: UInt64 = 0
      for index in (0..<count).reversed() { value = value << 8 | UInt64(bytes[offset + index]) }
      guard let number = Int(exactly: value) else {
        trouble = "it holds an offset that is too large"
        return 0
      }
      return number
    }

    private func text(at offset: Int) -> String {
      guard bytes.indices.contains(offset) else { return "" }
      return String(decoding: bytes[offset...].prefix { $0 != 0 }, as: UTF8.self)
    }

    mutating func undefinedNames() -> [String] {
      guard bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]), bytes.count >= 64 else {
        trouble = "it is not in the ELF format"
        return []
      }
      guard bytes[4] == 2, bytes[5] == 1 else {
        trouble = "it is not 64-bit and little-endian"
        return []
      }
      let sectionsOffset = number(at: 0x28, bytes: 8)
      guard sectionsOffset != 0 else { return [] }
      let sectionSize = number(at: 0x3a, bytes: 2)
      var sectionCount = number(at: 0x3c, bytes: 2)
      // With very many sections the number is in the first one instead.
      if sectionCount == 0 { sectionCount = number(at: sectionsOffset + 0x20, bytes: 8) }
      guard sectionSize >= 64, sectionCount <= bytes.count / 64 else {
        trouble = "its sections do not fit into it"
        return []
      }
      var names: Set<String> = []
      for section in 0..<sectionCount where trouble == nil {
        let header = sectionsOffset + section * sectionSize
        let symbolTable = 2
        guard number(at: header + 4, bytes: 4) == symbolTable else { continue }
        let offset = number(at: header + 0x18, bytes: 8)
        let size = number(at: header + 0x20, bytes: 8)
        let textSection = number(at: header + 0x28, bytes: 4)
        guard textSection < sectionCount, size <= bytes.count else {
          trouble = "its symbol table does not fit into it"
          break
        }
        let textOffset = number(at: sectionsOffset + textSection * sectionSize + 0x18, bytes: 8)
        for symbol in stride(from: offset, to: offset + size - 23, by: 24) {
          let isDefined = number(at: symbol + 6, bytes: 2) != 0
          let name = number(at: symbol, bytes: 4)
          if !isDefined, name != 0, textOffset <= bytes.count { names.insert(text(at: textOffset + name)) }
        }
      }
      return names.sorted()
    }
  }
}
