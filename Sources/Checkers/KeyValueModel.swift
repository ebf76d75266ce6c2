/// What can be asked of a key-value store.
public enum KeyValueInput: Sendable, Hashable {
  case get(String)
  case put(String, String)
  /// Adds to the end of the value; an absent value counts as empty.
  case append(String, String)
  case delete(String)
  /// Sets the value if it is the expected one, where nil stands for absent.
  case compareAndSet(String, expected: String?, new: String)

  /// The key that this is about.
  public var key: String {
    switch self {
    case .get(let key), .put(let key, _), .append(let key, _), .delete(let key),
      .compareAndSet(let key, _, _):
      key
    }
  }
}

/// What a key-value store answers.
public enum KeyValueOutput: Sendable, Hashable {
  /// To a get: the value, or nil if it is absent.
  case value(String?)
  /// To a put, an append and a delete.
  case done
  /// To a comparison: whether the new value was set.
  case swapped(Bool)
}

/// A history of a key-value store.
public typealias KeyValueHistory = History<KeyValueInput, KeyValueOutput>

/// A key-value store of strings, empty at first; its keys are independent, and a state is one key's value.
public struct KeyValueModel: SequentialModel {
  /// What each key holds at first: nothing, but in a store that answers with a value where nothing was put.
  public let initial: String?

  public init(initial: String? = nil) { self.initial = initial }

  public func key(of input: KeyValueInput) -> String? { input.key }

  public func step(_ state: String?, _ input: KeyValueInput, returning output: KeyValueOutput?) -> String?? {
    switch input {
    case .get:
      return output == nil || output == .value(state) ? .some(state) : .none
    case .put(_, let value):
      return output == nil || output == .done ? .some(value) : .none
    case .append(_, let suffix):
      return output == nil || output == .done ? .some((state ?? "") + suffix) : .none
    case .delete:
      return output == nil || output == .done ? .some(nil) : .none
    case .compareAndSet(_, let expected, let new):
      let swaps = state == expected
      guard output == nil || output == .swapped(swaps) else { return .none }
      return .some(swaps ? new : state)
    }
  }

  public func isReadOnly(_ input: KeyValueInput, returning output: KeyValueOutput?) -> Bool {
    if case .get = input { true } else { output == .swapped(false) }
  }

  /// What was asked for, in words.
  public func describe(_ input: KeyValueInput) -> String {
    switch input {
    case .get(let key): "get(\"\(key)\")"
    case .put(let key, let value): "put(\"\(key)\", \"\(value)\")"
    case .append(let key, let suffix): "append(\"\(key)\", \"\(suffix)\")"
    case .delete(let key): "delete(\"\(key)\")"
    case .compareAndSet(let key, let expected, let new):
      "compareAndSet(\"\(key)\", \(describe(state: expected)), \"\(new)\")"
    }
  }

  public func describe(_ input: KeyValueInput, returning output: KeyValueOutput?) -> String {
    let answer =
      switch output {
      case .value(let value): describe(state: value)
      case .done: "done"
      case .swapped(let swapped): "\(swapped)"
      case nil: "no answer"
      }
    return "\(describe(input)) → \(answer)"
  }

  public func describe(state: String?) -> String { state.map { "\"\($0)\"" } ?? "nothing" }
}
