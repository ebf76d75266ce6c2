import Checkers

/// Why a file holds no history that could be judged, with the place where it shows.
public struct HistoryFileError: Error, Sendable, Equatable {
  /// What is wrong.
  public enum Problem: Sendable, Equatable {
    /// Something else stands where `expected` should.
    case malformed(expected: String, found: String)
    /// A client's operation ended that it had not called.
    case returnWithoutCall(client: Int, operation: String)
    /// A client called an operation while its earlier one, called in line `earlierLine`, was open.
    case callWhileOpen(client: Int, operation: String, earlier: String, earlierLine: Int)
    /// A client called an operation after one, called in line `earlierLine`, whose end it never learned.
    case callAfterUnknown(client: Int, operation: String, earlier: String, earlierLine: Int)
    /// What ended is not what the client had called in line `callLine`.
    case endOfAnother(client: Int, ended: String, called: String, callLine: Int)
    /// The operations are no history.
    case notAHistory(HistoryError)
    /// There is no operation in a file that is not empty.
    case noOperations(format: HistoryFormat)
    /// The file is of another model than was asked for.
    case otherModel(found: HistoryModel, expected: HistoryModel)
  }

  /// The file's name as it was given.
  public var file: String
  /// The line, counted from 1, if one can be named.
  public var line: Int?
  public var problem: Problem

  public init(file: String, line: Int?, problem: Problem) {
    self.file = file
    self.line = line
    self.problem = problem
  }
}

extension HistoryFileError: CustomStringConvertible {
  public var description: String {
    "\(file)\(line.map { ":\($0)" } ?? ""): \(problem)"
  }
}

extension HistoryFileError.Problem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .malformed(let expected, let found):
      "expected \(expected), found \(found)"
    case .returnWithoutCall(let client, let operation):
      "client \(client)'s \(operation) ended, but the client had called nothing; expected its call before"
    case .callWhileOpen(let client, let operation, let earlier, let earlierLine):
      "client \(client) called \(operation) while its \(earlier) of line \(earlierLine) was open; "
        + "expected that to end before"
    case .callAfterUnknown(let client, let operation, let earlier, let earlierLine):
      "client \(client) called \(operation), but never learned how its \(earlier) of line \(earlierLine) ended; "
        + "expected another client's number"
    case .endOfAnother(let client, let ended, let called, let callLine):
      "client \(client)'s \(ended) ended, but in line \(callLine) it had called \(called); "
        + "expected that to end"
    case .notAHistory(let error): error.description
    case .noOperations(let format): "expected operations in the format \(format), found none"
    case .otherModel(let found, let expected): "expected a history of the model \(expected), found \(found)"
    }
  }
}
