import Checkers

/// What an object in a file does.
public enum HistoryModel: String, Sendable, CaseIterable, CustomStringConvertible {
  case register
  case keyValue = "kv"
  case set, queue, log

  public var description: String { rawValue }
}

/// How a history is written down.
public enum HistoryFormat: String, Sendable, CaseIterable, CustomStringConvertible {
  /// Jepsen's log of a compare-and-set register.
  case etcd
  /// One map a line, in EDN, of a key-value store.
  case keyValue = "kv"
  /// The project's own (Sources/Histories/HISTORY.md).
  case json

  public var description: String { rawValue }
}

/// A history out of a file, with what it is a history of.
public enum RecordedHistory: Sendable, Equatable {
  case register(RegisterHistory)
  /// A key-value store that answers `absent` where nothing was put.
  case keyValue(KeyValueHistory, absent: String?)
  case set(SetHistory)
  case queue(QueueHistory)
  case log(LogHistory)

  /// What the object does.
  public var model: HistoryModel {
    switch self {
    case .register: .register
    case .keyValue: .keyValue
    case .set: .set
    case .queue: .queue
    case .log: .log
    }
  }

  /// How many operations there are.
  public var count: Int {
    switch self {
    case .register(let history): history.operations.count
    case .keyValue(let history, _): history.operations.count
    case .set(let history): history.operations.count
    case .queue(let history): history.operations.count
    case .log(let history): history.operations.count
    }
  }

  /// Judges whether the history is linearizable, taking at most about `budget` steps of the model.
  public func check(budget: Int = Linearizability<RegisterModel>.standardBudget) -> Verdict {
    switch self {
    case .register(let history): Linearizability(RegisterModel()).check(history, budget: budget)
    case .keyValue(let history, let absent):
      Linearizability(KeyValueModel(initial: absent)).check(history, budget: budget)
    case .set(let history): Linearizability(SetModel()).check(history, budget: budget)
    case .queue(let history): Linearizability(QueueModel()).check(history, budget: budget)
    case .log(let history): Linearizability(LogModel()).check(history, budget: budget)
    }
  }

  /// Reads a history from a file's text.
  ///
  /// `name` is what errors call the file. A format that is all about one model refuses another.
  public init(
    _ text: String, named name: String, format: HistoryFormat, model: HistoryModel
  ) throws(HistoryFileError) {
    let history: RecordedHistory
    switch format {
    case .etcd: history = try .register(EtcdLog.history(in: text, named: name))
    case .keyValue: history = try .keyValue(KeyValueLines.history(in: text, named: name), absent: "")
    case .json: history = try JSONLines.history(in: text, named: name)
    }
    guard history.model == model else {
      throw HistoryFileError(
        file: name, line: nil, problem: .otherModel(found: history.model, expected: model))
    }
    let isBlank = text.utf8.allSatisfy { $0 <= 0x20 }
    guard history.count > 0 || isBlank || format == .json else {
      throw HistoryFileError(file: name, line: nil, problem: .noOperations(format: format))
    }
    self = history
  }
}
