/// What can be asked of a log.
public enum LogInput: Sendable, Hashable {
  case append(String)
  /// The entry at an offset, counted from 0.
  case read(at: Int)
  case readAll
}

/// What a log answers.
public enum LogOutput: Sendable, Hashable {
  /// To an append that does not say where.
  case done
  /// To an append: the offset of the new entry.
  case appended(at: Int)
  /// To a read at an offset: the entry, or nil if the log ends before.
  case entry(String?)
  /// To a read of the whole log.
  case entries([String])
}

/// A history of a log.
public typealias LogHistory = History<LogInput, LogOutput>

/// A log of strings that only grows, empty at first.
public struct LogModel: SequentialModel {
  public init() {}

  public var initial: [String] { [] }

  public func step(_ state: [String], _ input: LogInput, returning output: LogOutput?) -> [String]? {
    switch input {
    case .append(let entry):
      let isRight = output == nil || output == .done || output == .appended(at: state.count)
      return isRight ? state + [entry] : nil
    case .read(let offset):
      return output == nil || output == .entry(Self.entry(at: offset, of: state)) ? state : nil
    case .readAll:
      return output == nil || output == .entries(state) ? state : nil
    }
  }

  private static func entry(at offset: Int, of state: [String]) -> String? {
    state.indices.contains(offset) ? state[offset] : nil
  }

  public func isReadOnly(_ input: LogInput, returning output: LogOutput?) -> Bool {
    if case .append = input { false } else { true }
  }

  /// Entries stay, so that what is there must be in every later answer.
  public func rulesOut(_ state: [String], _ input: LogInput, returning output: LogOutput) -> Bool {
    switch (input, output) {
    case (.append, .appended(let offset)): offset < state.count
    case (.read(let offset), .entry(let entry)):
      state.indices.contains(offset) && state[offset] != entry
    case (.readAll, .entries(let entries)): !entries.starts(with: state)
    default: false
    }
  }

  public func describe(_ input: LogInput, returning output: LogOutput?) -> String {
    let call =
      switch input {
      case .append(let entry): "append(\"\(entry)\")"
      case .read(let offset): "read(at: \(offset))"
      case .readAll: "readAll"
      }
    let answer =
      switch output {
      case .done: "done"
      case .appended(let offset): "at \(offset)"
      case .entry(let entry): entry.map { "\"\($0)\"" } ?? "nothing"
      case .entries(let entries): describe(state: entries)
      case nil: "no answer"
      }
    return "\(call) → \(answer)"
  }

  public func describe(state: [String]) -> String {
    "[\(state.map { "\"\($0)\"" }.joined(separator: ", "))]"
  }
}
