/// What can be asked of a set.
public enum SetInput: Sendable, Hashable {
  case add(String)
  case remove(String)
  case contains(String)
  /// All members at once. A history with such a question is not split by element.
  case members
}

/// What a set answers.
public enum SetOutput: Sendable, Hashable {
  /// To an addition and a removal, where it does not say more.
  case done
  /// To an addition and a removal: whether the set changed.
  case changed(Bool)
  /// To the question for one element.
  case contained(Bool)
  /// To the question for all.
  case members(Set<String>)
}

/// A history of a set.
public typealias SetHistory = History<SetInput, SetOutput>

/// A set of strings, empty at first; its elements are independent.
public struct SetModel: SequentialModel {
  public init() {}

  public var initial: Set<String> { [] }

  public func key(of input: SetInput) -> String? {
    switch input {
    case .add(let element), .remove(let element), .contains(let element): element
    case .members: nil
    }
  }

  public func step(_ state: Set<String>, _ input: SetInput, returning output: SetOutput?) -> Set<String>? {
    switch input {
    case .add(let element):
      guard Self.fits(output, hasChanged: !state.contains(element)) else { return nil }
      return state.union([element])
    case .remove(let element):
      guard Self.fits(output, hasChanged: state.contains(element)) else { return nil }
      return state.subtracting([element])
    case .contains(let element):
      return output == nil || output == .contained(state.contains(element)) ? state : nil
    case .members:
      return output == nil || output == .members(state) ? state : nil
    }
  }

  private static func fits(_ output: SetOutput?, hasChanged: Bool) -> Bool {
    output == nil || output == .done || output == .changed(hasChanged)
  }

  public func isReadOnly(_ input: SetInput, returning output: SetOutput?) -> Bool {
    switch input {
    case .contains, .members: true
    case .add, .remove: output == .changed(false)
    }
  }

  public func describe(_ input: SetInput, returning output: SetOutput?) -> String {
    let call =
      switch input {
      case .add(let element): "add(\"\(element)\")"
      case .remove(let element): "remove(\"\(element)\")"
      case .contains(let element): "contains(\"\(element)\")"
      case .members: "members"
      }
    let answer =
      switch output {
      case .done: "done"
      case .changed(let hasChanged): hasChanged ? "changed" : "unchanged"
      case .contained(let isMember): "\(isMember)"
      case .members(let members): describe(state: members)
      case nil: "no answer"
      }
    return "\(call) → \(answer)"
  }

  public func describe(state: Set<String>) -> String {
    "{\(state.sorted().map { "\"\($0)\"" }.joined(separator: ", "))}"
  }
}
