import Checkers

/// Foundation has a class of this name.
typealias Operation = Checkers.Operation

/// Makes operations of calls and ends that come in the order of time, each with its line as the time.
struct CallsAndEnds<Input: Sendable & Equatable, Output: Sendable> {
  private typealias Problem = HistoryFileError.Problem

  private struct Client {
    var operation: Int
    var line: Int
    var isOpen = true
  }

  let file: String
  /// An operation in words.
  let describe: (Input) -> String
  private var operations: [Operation<Input, Output>] = []
  private var clients: [Int: Client] = [:]

  init(file: String, describe: @escaping (Input) -> String) {
    self.file = file
    self.describe = describe
  }

  mutating func call(_ input: Input, by client: Int, line: Int) throws(HistoryFileError) {
    if let earlier = clients[client] {
      let (now, then) = (describe(input), describe(operations[earlier.operation].input))
      throw HistoryFileError(
        file: file, line: line,
        problem: earlier.isOpen
          ? .callWhileOpen(client: client, operation: now, earlier: then, earlierLine: earlier.line)
          : .callAfterUnknown(client: client, operation: now, earlier: then, earlierLine: earlier.line))
    }
    clients[client] = Client(operation: operations.count, line: line)
    operations.append(Operation(id: operations.count, client: client, call: line, input: input))
  }

  /// Ends the client's operation; `words` says what the line says of it, and `fits` whether that was called.
  mutating func end(
    by client: Int, line: Int, _ outcome: Outcome<Output>, freesClient: Bool = true, words: String,
    fits: (Input) -> Bool
  ) throws(HistoryFileError) {
    guard let open = clients[client], open.isOpen else {
      throw HistoryFileError(
        file: file, line: line, problem: .returnWithoutCall(client: client, operation: words))
    }
    let input = operations[open.operation].input
    guard fits(input) else {
      throw HistoryFileError(
        file: file, line: line,
        problem: .endOfAnother(client: client, ended: words, called: describe(input), callLine: open.line))
    }
    operations[open.operation].outcome = outcome
    if freesClient {
      operations[open.operation].return = line
      clients[client] = nil
    } else {
      clients[client]?.isOpen = false
    }
  }

  func history() throws(HistoryFileError) -> History<Input, Output> {
    do { return try History(operations) } catch {
      throw HistoryFileError(file: file, line: nil, problem: .notAHistory(error))
    }
  }
}

/// The lines of a text with their numbers, counted from 1, without what ends them.
func numberedLines(of text: String) -> some Sequence<(number: Int, line: Substring)> {
  text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    .enumerated().lazy.map { (number: $0.offset + 1, line: $0.element) }
}

/// What an error says was found: the text in quotes, or its beginning.
func found(_ text: some StringProtocol) -> String {
  text.isEmpty ? "nothing" : text.count > 60 ? "\"\(text.prefix(60))…\"" : "\"\(text)\""
}
