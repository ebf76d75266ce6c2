import Checkers

/// Reads Jepsen's log of a compare-and-set register.
enum EtcdLog {
  /// An operation line's parts.
  private struct Line {
    var number: Int
    var client: Int
    var type: Substring
    var function: Substring
    var value: String
  }

  /// The words that an operation's line begins with.
  private static let start: [Substring] = ["INFO", "jepsen.util", "-"]

  static func history(in text: String, named file: String) throws(HistoryFileError) -> RegisterHistory {
    let model = RegisterModel()
    var calls = CallsAndEnds<RegisterInput, RegisterOutput>(file: file) {
      model.describe($0)
    }
    for (number, text) in numberedLines(of: text) {
      guard let line = try line(text, number, file) else { continue }
      if line.type == ":invoke" {
        try calls.call(input(of: line, file), by: line.client, line: number)
      } else {
        try end(line, in: &calls, file)
      }
    }
    return try calls.history()
  }

  /// The parts of an operation's line; nil for any other line.
  private static func line(
    _ text: Substring, _ number: Int, _ file: String
  ) throws(HistoryFileError) -> Line? {
    let words = text.split { $0 == " " || $0 == "\t" }
    // Jepsen also tells of the process that breaks things, which has a name.
    guard words.starts(with: start), words.count > start.count, let client = Int(words[start.count]) else {
      return nil
    }
    let rest = words[(start.count + 1)...]
    guard rest.count >= 3 else {
      throw malformed("PROCESS, type, function and value between tabs", text, number, file)
    }
    return Line(
      number: number, client: client, type: rest[start.count + 1], function: rest[start.count + 2],
      value: rest.dropFirst(2).joined(separator: " "))
  }

  private static func input(of line: Line, _ file: String) throws(HistoryFileError) -> RegisterInput {
    switch line.function {
    case ":read": return .read
    case ":write":
      guard let value = Int(line.value) else {
        throw malformed("the number to write", line.value, line.number, file)
      }
      return .write(value)
    case ":cas": return try comparison(line.value, line.number, file)
    default: throw malformed(":read, :write or :cas", line.function, line.number, file)
    }
  }

  private static func end(
    _ line: Line, in calls: inout CallsAndEnds<RegisterInput, RegisterOutput>, _ file: String
  ) throws(HistoryFileError) {
    let isTimedOut = line.value == ":timed-out"
    let outcome: Outcome<RegisterOutput>
    switch (line.type, line.function) {
    // A read that timed out has no known result; nothing else follows from it.
    case (":fail", ":read") where isTimedOut: outcome = .unknown
    case (":fail", _): outcome = .failed
    case (":info", _): outcome = .unknown
    case (":ok", ":read"): outcome = .ok(.value(try value(line.value, line.number, file)))
    case (":ok", ":write"): outcome = .ok(.done)
    case (":ok", ":cas"): outcome = .ok(.swapped(true))
    case (":ok", _): throw malformed(":read, :write or :cas", line.function, line.number, file)
    default: throw malformed(":invoke, :ok, :fail or :info", line.type, line.number, file)
    }
    // An end repeats what was called, unless it has something else to say.
    let repeated = isTimedOut || line.function == ":read" ? nil : try input(of: line, file)
    try calls.end(
      by: line.client, line: line.number, outcome, freesClient: line.type != ":info",
      words: "\(line.function) \(line.value)"
    ) { called in
      if let repeated { return called == repeated }
      return switch called {
      case .read: line.function == ":read"
      case .write: line.function == ":write"
      case .compareAndSet: line.function == ":cas"
      }
    }
  }

  private static func value(
    _ text: String, _ number: Int, _ file: String
  ) throws(HistoryFileError) -> Int? {
    if text == "nil" { return nil }
    guard let value = Int(text) else { throw malformed("a number or nil", text, number, file) }
    return value
  }

  private static func comparison(
    _ text: String, _ number: Int, _ file: String
  ) throws(HistoryFileError) -> RegisterInput {
    let parts =
      text.hasPrefix("[") && text.hasSuffix("]")
      ? text.dropFirst().dropLast().split { $0 == " " || $0 == "\t" } : []
    guard parts.count == 2, let new = Int(parts[1]), parts[0] == "nil" || Int(parts[0]) != nil else {
      throw malformed("[old new]", text, number, file)
    }
    return .compareAndSet(expected: Int(parts[0]), new: new)
  }

  private static func malformed(
    _ expected: String, _ text: some StringProtocol, _ number: Int, _ file: String
  ) -> HistoryFileError {
    HistoryFileError(file: file, line: number, problem: .malformed(expected: expected, found: found(text)))
  }
}
