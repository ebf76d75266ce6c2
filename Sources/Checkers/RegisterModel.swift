/// What can be asked of a register.
public enum RegisterInput: Sendable, Hashable {
  case read
  case write(Int)
  case compareAndSet(expected: Int?, new: Int)
}

/// What a register answers.
public enum RegisterOutput: Sendable, Hashable {
  /// To a read: the value, or nil if none was written.
  case value(Int?)
  /// To a write.
  case done
  /// To a comparison: whether the new value was set.
  case swapped(Bool)
}

/// A history of a register.
public typealias RegisterHistory = History<RegisterInput, RegisterOutput>

/// A single register, without a value at first.
public struct RegisterModel: SequentialModel {
  public init() {}

  public var initial: Int? { nil }

  public func step(_ state: Int?, _ input: RegisterInput, returning output: RegisterOutput?) -> Int?? {
    switch input {
    case .read:
      return output == nil || output == .value(state) ? .some(state) : .none
    case .write(let value):
      return output == nil || output == .done ? .some(value) : .none
    case .compareAndSet(let expected, let new):
      let swaps = state == expected
      guard output == nil || output == .swapped(swaps) else { return .none }
      return .some(swaps ? new : state)
    }
  }

  public func isReadOnly(_ input: RegisterInput, returning output: RegisterOutput?) -> Bool {
    input == .read || output == .swapped(false)
  }

  /// What was asked for, in words.
  public func describe(_ input: RegisterInput) -> String {
    switch input {
    case .read: "read"
    case .write(let value): "write(\(value))"
    case .compareAndSet(let expected, let new): "compareAndSet(\(describe(state: expected)), \(new))"
    }
  }

  public func describe(_ input: RegisterInput, returning output: RegisterOutput?) -> String {
    let answer =
      switch output {
      case .value(let value): describe(state: value)
      case .done: "done"
      case .swapped(let swapped): "\(swapped)"
      case nil: "no answer"
      }
    return "\(describe(input)) → \(answer)"
  }

  public func describe(state: Int?) -> String { state.map { "\($0)" } ?? "nothing" }
}
