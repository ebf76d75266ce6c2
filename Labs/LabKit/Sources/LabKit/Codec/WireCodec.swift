/// A positional binary codec for any `Codable` value: fields in the order in which they are encoded, without names.
///
/// An enum case is named by its text. Sets and dictionaries are written in the order of their encoded bytes, so that
/// equal values have equal bytes. A type that writes `encode(to:)` itself must read in the order in which it wrote.
public enum WireCodec {
  public static func encode(_ value: some Encodable) throws -> [UInt8] {
    let sink = WireSink()
    try WireEncoder(sink: sink).write(value)
    return sink.writer.bytes
  }

  /// The same bytes, found sooner if `memory` holds those of an earlier value that was much the same.
  public static func encode(_ value: some Encodable, remembering memory: WireMemory) throws -> [UInt8] {
    memory.begin()
    let sink = WireSink()
    sink.memory = memory
    try WireEncoder(sink: sink).write(value)
    return sink.writer.bytes
  }

  public static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
    let source = WireSource(WireReader(bytes))
    let value = try WireDecoder(source: source).read(type)
    guard source.reader.isAtEnd else {
      throw WireError.malformed(what: "bytes after the end of a \(Value.self)", offset: source.reader.offset)
    }
    return value
  }
}

/// A container whose order is not part of its value.
private protocol Unordered {
  func encodeSorted(into encoder: WireEncoder) throws
  static func decodeSorted(from decoder: WireDecoder) throws -> Self
}

/// An optional is announced by a byte, wherever it stands.
private protocol OptionalValue {
  func encodeOptional(into encoder: WireEncoder) throws
  static func decodeOptional(from decoder: WireDecoder) throws -> Self
}

extension Optional: OptionalValue where Wrapped: Codable {
  fileprivate func encodeOptional(into encoder: WireEncoder) throws {
    let isPresent: UInt8 = if case .none = self { 0 } else { 1 }
    encoder.sink.writer.byte(isPresent)
    if let self { try encoder.write(self) }
  }

  fileprivate static func decodeOptional(from decoder: WireDecoder) throws -> Wrapped? {
    try decoder.source.reader.byte() == 0 ? nil : try decoder.read(Wrapped.self)
  }
}

/// An array, which needs no container of its own.
private protocol OrderedValue {
  func encodeElements(into encoder: WireEncoder) throws
}

extension Array: OrderedValue where Element: Encodable {
  fileprivate func encodeElements(into encoder: WireEncoder) throws {
    let sink = encoder.sink
    guard let memory = sink.memory else {
      for element in self { try encoder.writeElement(element) }
      sink.writer.byte(0)
      return
    }
    let known = memory.nextSequence(of: Element.self)
    let start = sink.writer.bytes.count
    known.keep(self, into: &sink.writer)
    // Sequences within elements are not counted, for their number may change.
    sink.memory = nil
    for position in known.ends.count..<count {
      try encoder.writeElement(self[position])
      known.ends.append(sink.writer.bytes.count - start)
    }
    sink.memory = memory
    known.bytes = sink.writer.bytes[start...]
    sink.writer.byte(0)
  }
}

extension Set: Unordered where Element: Codable {
  fileprivate func encodeSorted(into encoder: WireEncoder) throws {
    try encoder.writeSorted(try map { try WireCodec.encode($0) })
  }

  fileprivate static func decodeSorted(from decoder: WireDecoder) throws -> Set<Element> {
    let count = try decoder.source.reader.count()
    var set = Set<Element>(minimumCapacity: count)
    for _ in 0..<count { set.insert(try decoder.read(Element.self)) }
    return set
  }
}

extension Dictionary: Unordered where Key: Codable, Value: Codable {
  fileprivate func encodeSorted(into encoder: WireEncoder) throws {
    try encoder.writeSorted(try map { try WireCodec.encode($0.key) + WireCodec.encode($0.value) })
  }

  fileprivate static func decodeSorted(from decoder: WireDecoder) throws -> [Key: Value] {
    let count = try decoder.source.reader.count()
    var dictionary = [Key: Value](minimumCapacity: count)
    for _ in 0..<count {
      let key = try decoder.read(Key.self)
      dictionary[key] = try decoder.read(Value.self)
    }
    return dictionary
  }
}

/// How a type is written. To find out takes longer than to write a small value, so each call remembers its few types.
private enum TypeKind { case integer, bytes, command, optional, unordered, sequence, ordinary }

private struct TypeKinds {
  private var known: [(type: ObjectIdentifier, kind: TypeKind)] = []

  mutating func kind(of type: Any.Type) -> TypeKind {
    let identifier = ObjectIdentifier(type)
    for position in 0..<known.count where known[position].type == identifier { return known[position].kind }
    let kind: TypeKind =
      if type == Int.self {
        .integer
      } else if type == [UInt8].self {
        .bytes
      } else if type == Command.self {
        .command
      } else if type is any OptionalValue.Type {
        .optional
      } else if type is any Unordered.Type {
        .unordered
      } else if type is any OrderedValue.Type {
        .sequence
      } else {
        .ordinary
      }
    known.append((identifier, kind))
    return kind
  }
}

private final class WireSink {
  @exclusivity(unchecked) var writer = WireWriter()
  @exclusivity(unchecked) var kinds = TypeKinds()
  /// What is known of an earlier value, outside its sequences.
  @exclusivity(unchecked) var memory: WireMemory?
}

private final class WireSource {
  @exclusivity(unchecked) var reader: WireReader
  @exclusivity(unchecked) var kinds = TypeKinds()
  init(_ reader: WireReader) { self.reader = reader }
}

private struct WireEncoder: Encoder {
  let sink: WireSink
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func write<Value: Encodable>(_ value: Value) throws {
    switch sink.kinds.kind(of: Value.self) {
    case .integer: if let integer = value as? Int { sink.writer.integer(integer) }
    case .bytes: if let bytes = value as? [UInt8] { sink.writer.raw(bytes) }
    case .command:
      // Nothing is written as often: the same bytes as below, without containers.
      guard let command = value as? Command else { return }
      sink.writer.unsigned(command.id)
      sink.writer.raw(command.payload)
    case .optional: try (value as? any OptionalValue)?.encodeOptional(into: self)
    case .unordered: try (value as? any Unordered)?.encodeSorted(into: self)
    case .sequence: try (value as? any OrderedValue)?.encodeElements(into: self)
    case .ordinary: try value.encode(to: self)
    }
  }

  func writeElement<Element: Encodable>(_ element: Element) throws {
    sink.writer.byte(1)
    try write(element)
  }

  func writeSorted(_ elements: [[UInt8]]) throws {
    sink.writer.unsigned(UInt64(elements.count))
    for element in elements.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      sink.writer.bytes.append(contentsOf: element)
    }
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(KeyedWriter<Key>(encoder: self))
  }
  func unkeyedContainer() -> any UnkeyedEncodingContainer { SequenceWriter(encoder: self) }
  func singleValueContainer() -> any SingleValueEncodingContainer { ScalarWriter(encoder: self) }
}

private struct KeyedWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let encoder: WireEncoder
  var codingPath: [any CodingKey] { [] }

  func encodeNil(forKey key: Key) { encoder.sink.writer.byte(0) }
  func encode(_ value: Int, forKey key: Key) { encoder.sink.writer.integer(value) }
  func encode(_ value: Bool, forKey key: Key) { encoder.sink.writer.byte(value ? 1 : 0) }
  func encode(_ value: String, forKey key: Key) { encoder.sink.writer.text(value) }
  func encode(_ value: UInt64, forKey key: Key) { encoder.sink.writer.unsigned(value) }
  func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try encoder.write(value) }

  func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try optional(value) }
  func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try optional(value) }
  func encodeIfPresent(_ value: String?, forKey key: Key) throws { try optional(value) }
  func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try optional(value) }
  func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { try optional(value) }
  func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try optional(value) }
  func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { try optional(value) }
  func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { try optional(value) }
  func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { try optional(value) }
  func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { try optional(value) }
  func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { try optional(value) }
  func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { try optional(value) }
  func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { try optional(value) }
  func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try optional(value) }
  func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) throws { try optional(value) }

  private func optional<T: Encodable>(_ value: T?) throws {
    encoder.sink.writer.byte(value == nil ? 0 : 1)
    if let value { try encoder.write(value) }
  }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key)
    -> KeyedEncodingContainer<Nested>
  {
    encoder.sink.writer.text(key.stringValue)
    return encoder.container(keyedBy: type)
  }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { encoder.unkeyedContainer() }
  func superEncoder() -> any Encoder { encoder }
  func superEncoder(forKey key: Key) -> any Encoder { encoder }
}

/// A sequence ends with a zero byte; each element is announced by a one, for its length is not known beforehand.
private final class SequenceWriter: UnkeyedEncodingContainer {
  let encoder: WireEncoder
  var count = 0
  var codingPath: [any CodingKey] { [] }

  init(encoder: WireEncoder) { self.encoder = encoder }
  deinit { encoder.sink.writer.byte(0) }

  func encodeNil() {
    encoder.sink.writer.byte(1)
    encoder.sink.writer.byte(0)
    count += 1
  }
  func encode<T: Encodable>(_ value: T) throws {
    encoder.sink.writer.byte(1)
    try encoder.write(value)
    count += 1
  }
  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    encoder.sink.writer.byte(1)
    return encoder.container(keyedBy: type)
  }
  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    encoder.sink.writer.byte(1)
    return encoder.unkeyedContainer()
  }
  func superEncoder() -> any Encoder { encoder }
}

private struct ScalarWriter: SingleValueEncodingContainer {
  let encoder: WireEncoder
  var codingPath: [any CodingKey] { [] }

  func encodeNil() { encoder.sink.writer.byte(0) }
  func encode(_ value: Bool) { encoder.sink.writer.byte(value ? 1 : 0) }
  func encode(_ value: String) { encoder.sink.writer.text(value) }
  func encode(_ value: Double) { encoder.sink.writer.unsigned(value.bitPattern) }
  func encode(_ value: Float) { encoder.sink.writer.unsigned(UInt64(value.bitPattern)) }
  func encode(_ value: Int) { encoder.sink.writer.integer(value) }
  func encode(_ value: Int8) { encoder.sink.writer.integer(Int(value)) }
  func encode(_ value: Int16) { encoder.sink.writer.integer(Int(value)) }
  func encode(_ value: Int32) { encoder.sink.writer.integer(Int(value)) }
  func encode(_ value: Int64) { encoder.sink.writer.integer(Int(value)) }
  func encode(_ value: UInt) { encoder.sink.writer.unsigned(UInt64(value)) }
  func encode(_ value: UInt8) { encoder.sink.writer.byte(value) }
  func encode(_ value: UInt16) { encoder.sink.writer.unsigned(UInt64(value)) }
  func encode(_ value: UInt32) { encoder.sink.writer.unsigned(UInt64(value)) }
  func encode(_ value: UInt64) { encoder.sink.writer.unsigned(value) }
  func encode<T: Encodable>(_ value: T) throws { try encoder.write(value) }
}

private struct WireDecoder: Decoder {
  let source: WireSource
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func read<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let value: Any
    switch source.kinds.kind(of: type) {
    case .ordinary, .sequence: return try type.init(from: self)
    case .integer: value = try source.reader.integer()
    case .bytes: value = Array(try source.reader.raw())
    case .command:
      value = Command(id: try source.reader.unsigned(), payload: Array(try source.reader.raw()))
    case .optional: value = try (type as? any OptionalValue.Type)?.decodeOptional(from: self) as Any
    case .unordered: value = try (type as? any Unordered.Type)?.decodeSorted(from: self) as Any
    }
    guard let value = value as? Value else {
      throw WireError.malformed(what: "no \(Value.self)", offset: source.reader.offset)
    }
    return value
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(KeyedReader<Key>(decoder: self))
  }
  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { try SequenceReader(decoder: self) }
  func singleValueContainer() -> any SingleValueDecodingContainer { ScalarReader(decoder: self) }
}

private struct KeyedReader<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: WireDecoder
  var codingPath: [any CodingKey] { [] }

  /// Asked for by an enum's decoding alone: its case is the text that comes next.
  var allKeys: [Key] {
    var ahead = decoder.source.reader
    guard let name = try? ahead.text(), let key = Key(stringValue: name) else { return [] }
    return [key]
  }
  func contains(_ key: Key) -> Bool { true }
  func decodeNil(forKey key: Key) throws -> Bool { try decoder.source.reader.byte() == 0 }
  func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try decoder.source.reader.integer() }
  func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try decoder.source.reader.byte() != 0 }
  func decode(_ type: String.Type, forKey key: Key) throws -> String { try decoder.source.reader.text() }
  func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try decoder.source.reader.unsigned() }
  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try decoder.read(type) }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws
    -> KeyedDecodingContainer<Nested>
  {
    _ = try decoder.source.reader.text()
    return decoder.container(keyedBy: type)
  }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try decoder.unkeyedContainer()
  }
  func superDecoder() -> any Decoder { decoder }
  func superDecoder(forKey key: Key) -> any Decoder { decoder }
}

private struct SequenceReader: UnkeyedDecodingContainer {
  let decoder: WireDecoder
  var currentIndex = 0
  var isAtEnd = false
  var count: Int? { nil }
  var codingPath: [any CodingKey] { [] }

  init(decoder: WireDecoder) throws {
    self.decoder = decoder
    isAtEnd = try decoder.source.reader.byte() == 0
  }

  private mutating func advance() throws {
    currentIndex += 1
    isAtEnd = try decoder.source.reader.byte() == 0
  }
  mutating func decodeNil() throws -> Bool { false }
  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
    guard !isAtEnd else {
      throw WireError.malformed(what: "a sequence that is too short", offset: decoder.source.reader.offset)
    }
    let value = try decoder.read(type)
    try advance()
    return value
  }
  mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws
    -> KeyedDecodingContainer<Nested>
  {
    throw WireError.malformed(what: "nested containers in a sequence", offset: decoder.source.reader.offset)
  }
  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    throw WireError.malformed(what: "nested containers in a sequence", offset: decoder.source.reader.offset)
  }
  mutating func superDecoder() -> any Decoder { decoder }
}

private struct ScalarReader: SingleValueDecodingContainer {
  let decoder: WireDecoder
  var codingPath: [any CodingKey] { [] }

  private func signed<T: FixedWidthInteger>(_ type: T.Type) throws -> T {
    let value = try decoder.source.reader.integer()
    guard let narrowed = T(exactly: value) else {
      throw WireError.malformed(
        what: "\(value) does not fit a \(T.self)", offset: decoder.source.reader.offset)
    }
    return narrowed
  }
  private func unsigned<T: FixedWidthInteger>(_ type: T.Type) throws -> T {
    let value = try decoder.source.reader.unsigned()
    guard let narrowed = T(exactly: value) else {
      throw WireError.malformed(
        what: "\(value) does not fit a \(T.self)", offset: decoder.source.reader.offset)
    }
    return narrowed
  }
  /// Optionals at top level and in sequences: nil is a zero byte, anything else follows a one.
  func decodeNil() -> Bool {
    var ahead = decoder.source.reader
    guard let flag = try? ahead.byte(), flag == 0 else { return false }
    decoder.source.reader = ahead
    return true
  }
  func decode(_ type: Bool.Type) throws -> Bool { try decoder.source.reader.byte() != 0 }
  func decode(_ type: String.Type) throws -> String { try decoder.source.reader.text() }
  func decode(_ type: Double.Type) throws -> Double {
    Double(bitPattern: try decoder.source.reader.unsigned())
  }
  func decode(_ type: Float.Type) throws -> Float {
    Float(bitPattern: try unsigned(UInt32.self))
  }
  func decode(_ type: Int.Type) throws -> Int { try decoder.source.reader.integer() }
  func decode(_ type: Int8.Type) throws -> Int8 { try signed(type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try signed(type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try signed(type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try signed(type) }
  func decode(_ type: UInt.Type) throws -> UInt { try unsigned(type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try decoder.source.reader.byte() }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try unsigned(type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try unsigned(type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try unsigned(type) }
  func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoder.read(type) }
}
