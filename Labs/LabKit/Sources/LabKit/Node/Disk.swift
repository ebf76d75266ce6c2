/// What a node has persisted and finds again when it starts.
public struct Disk: Sendable {
  @usableFromInline var values: [(key: String, value: StoredValue)] = []

  /// An empty disk, as on a first start.
  @inlinable public init() {}

  /// The value last persisted under `key`, or nil if there is none.
  ///
  /// Stops the process if what is there is not a `Value`: a node that persisted one type and reads another is wrong.
  public func value<Value: Codable & Sendable>(_ type: Value.Type = Value.self, under key: String) -> Value? {
    guard let stored = values.first(where: { $0.key == key })?.value else { return nil }
    switch stored {
    case .live(let value):
      guard let typed = value as? Value else {
        fatalError("disk: the value under \"\(key)\" is a \(Swift.type(of: value)), not a \(Value.self)")
      }
      return typed
    case .encoded(let bytes):
      do {
        return try WireCodec.decode(Value.self, from: bytes)
      } catch {
        fatalError("disk: the value under \"\(key)\" does not decode as a \(Value.self): \(error)")
      }
    }
  }

  /// The keys that hold a value, sorted.
  public var keys: [String] { values.map(\.key).sorted() }

  @usableFromInline mutating func set(_ value: StoredValue, under key: String) {
    for index in 0..<values.count where values[index].key == key {
      values[index].value = value
      return
    }
    values.append((key, value))
  }
}

/// A persisted value: as it is when node and engine share a process, as bytes when they do not.
@usableFromInline enum StoredValue: Sendable {
  case live(any Codable & Sendable)
  case encoded([UInt8])

  /// The value's bytes in LabKit's codec. `memory` knows those of the value persisted under the same key before.
  func bytes(remembering memory: WireMemory = WireMemory()) throws -> [UInt8] {
    switch self {
    case .live(let value): try WireCodec.encode(value, remembering: memory)
    case .encoded(let bytes): bytes
    }
  }
}
