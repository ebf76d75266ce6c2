/// What a node has persisted and finds again when it starts.
public struct Disk: Sendable {
  @usableFromInline private(set) var values: [(key: String, value: StoredValue)] = []
  /// Where the values of keys are, once there are more than a few.
  private var places: [String: Int] = [:]
  private static let few = 16

  /// An empty disk, as on a first start.
  public init() {}

  /// The value last persisted under `key`, or nil if there is none.
  ///
  /// Stops the process if what is there is not a `Value`: a node that persisted one type and reads another is wrong.
  public func value<Value: Codable & Sendable>(_ type: Value.Type = Value.self, under key: String) -> Value? {
    guard let place = place(of: key) else { return nil }
    switch values[place].value {
    case .live(let value):
      // A cast alone would take an optional for what is in it. As bytes, in a process of its own, it is something else.
      guard Swift.type(of: value) == Value.self, let typed = value as? Value else {
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

  mutating func set(_ value: StoredValue, under key: String) {
    if let place = place(of: key) {
      values[place].value = value
      return
    }
    values.append((key, value))
    if values.count == Self.few + 1 {
      for (place, stored) in values.enumerated() { places[stored.key] = place }
    } else if values.count > Self.few {
      places[key] = values.count - 1
    }
  }

  private func place(of key: String) -> Int? {
    values.count > Self.few ? places[key] : values.firstIndex { $0.key == key }
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
