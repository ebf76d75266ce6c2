/// Appends numbers and texts to a byte array in LabKit's wire format.
///
/// Integers are variable-length, seven bits a byte, lowest first; signed ones are zigzag-coded before that.
public struct WireWriter: Sendable {
  public var bytes: [UInt8] = []

  @inlinable public init() {}

  @inlinable public mutating func byte(_ value: UInt8) { bytes.append(value) }

  @inlinable public mutating func unsigned(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  @inlinable public mutating func integer(_ value: Int) {
    unsigned(UInt64(bitPattern: Int64((value << 1) ^ (value >> 63))))
  }

  @inlinable public mutating func raw(_ value: some Collection<UInt8>) {
    unsigned(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  @inlinable public mutating func text(_ value: String) {
    raw(value.utf8)
  }

  mutating func optional(_ text: String?) {
    byte(text == nil ? 0 : 1)
    if let text { self.text(text) }
  }
}

/// Why bytes could not be read.
public enum WireError: Error, Sendable, Equatable, CustomStringConvertible {
  case truncated(offset: Int)
  case malformed(what: String, offset: Int)

  public var description: String {
    switch self {
    case .truncated(let offset): "the data ends at byte \(offset), in the middle of a value"
    case .malformed(let what, let offset): "\(what) at byte \(offset)"
    }
  }
}

/// Reads what a `WireWriter` wrote. Every read is checked against the end.
public struct WireReader: Sendable {
  public let bytes: ArraySlice<UInt8>
  public var offset: Int

  @inlinable public init(_ bytes: [UInt8]) {
    self.bytes = bytes[...]
    offset = 0
  }

  @inlinable public init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    offset = bytes.startIndex
  }

  @inlinable public var isAtEnd: Bool { offset >= bytes.endIndex }

  @inlinable public mutating func byte() throws(WireError) -> UInt8 {
    guard offset < bytes.endIndex else { throw .truncated(offset: offset) }
    defer { offset += 1 }
    return bytes[offset]
  }

  @inlinable public mutating func unsigned() throws(WireError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let next = try byte()
      value |= UInt64(next & 0x7F) << shift
      if next < 0x80 { return value }
      shift += 7
      if shift > 63 { throw .malformed(what: "a number of more than 64 bits", offset: offset) }
    }
  }

  @inlinable public mutating func integer() throws(WireError) -> Int {
    let value = try unsigned()
    return Int(truncatingIfNeeded: value >> 1) ^ -Int(truncatingIfNeeded: value & 1)
  }

  /// A count of things that take at least a byte each, so that damaged data cannot ask for endless memory.
  @inlinable public mutating func count() throws(WireError) -> Int {
    let value = try unsigned()
    guard value <= UInt64(bytes.endIndex - offset) else {
      throw .malformed(what: "a count of \(value) with \(bytes.endIndex - offset) bytes left", offset: offset)
    }
    return Int(value)
  }

  @inlinable public mutating func raw() throws(WireError) -> ArraySlice<UInt8> {
    let count = try count()
    defer { offset += count }
    return bytes[offset..<(offset + count)]
  }

  @inlinable public mutating func text() throws(WireError) -> String {
    String(decoding: try raw(), as: UTF8.self)
  }

  mutating func optionalText() throws(WireError) -> String? {
    try byte() == 0 ? nil : try text()
  }
}

/// A type of the course that writes itself in LabKit's wire format.
public protocol WireValue: Hashable, Sendable {
  func write(to writer: inout WireWriter)
  init(from reader: inout WireReader) throws(WireError)
}

extension WireValue {
  public var wireBytes: [UInt8] {
    var writer = WireWriter()
    write(to: &writer)
    return writer.bytes
  }

  public init(wireBytes: [UInt8]) throws(WireError) {
    var reader = WireReader(wireBytes)
    try self.init(from: &reader)
    guard reader.isAtEnd else {
      throw .malformed(what: "bytes after the end of a \(Self.self)", offset: reader.offset)
    }
  }
}
