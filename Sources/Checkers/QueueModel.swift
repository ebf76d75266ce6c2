/// What can be asked of a queue.
public enum QueueInput: Sendable, Hashable {
  case enqueue(String)
  case dequeue
}

/// What a queue answers.
public enum QueueOutput: Sendable, Hashable {
  /// To an enqueue.
  case done
  /// To a dequeue: the oldest element, which is then gone, or nil if there was none.
  case element(String?)
}

/// A history of a queue.
public typealias QueueHistory = History<QueueInput, QueueOutput>

/// A queue of strings, first in, first out, empty at first.
public struct QueueModel: SequentialModel {
  public init() {}

  public var initial: [String] { [] }

  public func step(_ state: [String], _ input: QueueInput, returning output: QueueOutput?) -> [String]? {
    switch input {
    case .enqueue(let element):
      return output == nil || output == .done ? state + [element] : nil
    case .dequeue:
      return output == nil || output == .element(state.first) ? Array(state.dropFirst()) : nil
    }
  }

  public func isReadOnly(_ input: QueueInput, returning output: QueueOutput?) -> Bool {
    input == .dequeue && output == .element(nil)
  }

  public func describe(_ input: QueueInput, returning output: QueueOutput?) -> String {
    let call =
      switch input {
      case .enqueue(let element): "enqueue(\"\(element)\")"
      case .dequeue: "dequeue"
      }
    let answer =
      switch output {
      case .done: "done"
      case .element(let element): element.map { "\"\($0)\"" } ?? "nothing"
      case nil: "no answer"
      }
    return "\(call) → \(answer)"
  }

  public func describe(state: [String]) -> String {
    "[\(state.map { "\"\($0)\"" }.joined(separator: ", "))]"
  }
}
