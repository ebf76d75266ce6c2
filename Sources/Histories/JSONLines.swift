import Checkers
import Foundation

/// Reads and writes the project's own format (HISTORY.md): a line that names the model, then a line an operation.
enum JSONLines {
  struct Header: Codable {
    /// The format's version.
    var history: Int
    var model: String
    /// What a key-value store answers where nothing was put.
    var absent: String?
  }

  /// An operation's line; which of the optional keys are there depends on the operation.
  struct Line: Codable {
    enum CodingKeys: String, CodingKey {
      case id, client, call, `return`, operation, key, value, expected, offset, outcome, answer
    }

    var id: Int
    var client: Int
    var call: Int
    var `return`: Int?
    var operation: String
    var key: String?
    var value: Scalar?
    var expected: Scalar?
    var offset: Int?
    var outcome: String
    var answer: Scalar?
  }

  /// A value, of which null is one too.
  enum Scalar: Equatable {
    case nothing
    case truth(Bool)
    case number(Int)
    case text(String)
    case texts([String])
  }

  static func history(in text: String, named file: String) throws(HistoryFileError) -> RecordedHistory {
    let lines = numberedLines(of: text).filter { !$0.line.allSatisfy(\.isWhitespace) }
    let expected = "{\"history\": 1, \"model\": …} in the first line"
    guard let first = lines.first else { throw malformed(expected, "", 1, file) }
    let header: Header = try decode(first.line, expected, first.number, file)
    guard header.history == 1 else {
      throw malformed("version 1 of the format", "\(header.history)", first.number, file)
    }
    guard let model = HistoryModel(rawValue: header.model) else {
      let names = HistoryModel.allCases.map(\.rawValue).joined(separator: ", ")
      throw malformed("one of the models \(names)", header.model, first.number, file)
    }
    let operations = lines.dropFirst()
    return switch model {
    case .register:
      .register(try history(operations, file, { (line) throws(LineError) in try line.registerOperation() }))
    case .keyValue:
      .keyValue(
        try history(operations, file, { (line) throws(LineError) in try line.keyValueOperation() }),
        absent: header.absent)
    case .set: .set(try history(operations, file, { (line) throws(LineError) in try line.setOperation() }))
    case .queue:
      .queue(try history(operations, file, { (line) throws(LineError) in try line.queueOperation() }))
    case .log: .log(try history(operations, file, { (line) throws(LineError) in try line.logOperation() }))
    }
  }

  private static func history<Input, Output>(
    _ lines: ArraySlice<(number: Int, line: Substring)>, _ file: String,
    _ read: (Line) throws(LineError) -> (Input, Output?)
  ) throws(HistoryFileError) -> History<Input, Output> {
    var operations: [Operation<Input, Output>] = []
    var numbers: [Int: Int] = [:]
    for (number, text) in lines {
      let line: Line = try decode(
        text, "an operation with id, client, call, operation and outcome", number, file)
      do throws(LineError) {
        let (input, output) = try read(line)
        operations.append(
          Operation(
            id: line.id, client: line.client, call: line.call, return: line.return, input: input,
            outcome: try line.outcome(output)))
      } catch {
        throw malformed("\(error.expected) in operation \(line.id)", text, number, file)
      }
      numbers[line.id] = number
    }
    do throws(HistoryError) { return try History(operations) } catch let error {
      throw HistoryFileError(
        file: file, line: numbers[error.operation], problem: .notAHistory(error))
    }
  }

  private static func decode<Value: Decodable>(
    _ text: Substring, _ expected: String, _ number: Int, _ file: String
  ) throws(HistoryFileError) -> Value {
    do { return try JSONDecoder().decode(Value.self, from: Data(text.utf8)) } catch {
      throw malformed(expected + reason(error), text, number, file)
    }
  }

  private static func reason(_ error: any Error) -> String {
    switch error as? DecodingError {
    case .keyNotFound(let key, _): " (\(key.stringValue) is missing)"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      " (\(context.codingPath.map(\.stringValue).joined(separator: ".")) is of another type)"
    default: ""
    }
  }

  private static func malformed(
    _ expected: String, _ text: some StringProtocol, _ number: Int, _ file: String
  ) -> HistoryFileError {
    HistoryFileError(file: file, line: number, problem: .malformed(expected: expected, found: found(text)))
  }
}

/// What a line lacks.
struct LineError: Error {
  var expected: String
}

extension JSONLines.Line {
  fileprivate func outcome<Output>(_ output: Output?) throws(LineError) -> Outcome<Output> {
    switch outcome {
    case "ok":
      guard let output else { throw LineError(expected: "an answer that fits the operation") }
      return .ok(output)
    case "failed": return .failed
    case "unknown": return .unknown
    default: throw LineError(expected: "ok, failed or unknown as the outcome")
    }
  }

  private func noSuch(_ names: String) -> LineError { LineError(expected: "\(names) as the operation") }

  private func need<Value>(_ value: Value?, _ expected: String) throws(LineError) -> Value {
    guard let value else { throw LineError(expected: expected) }
    return value
  }

  private func text() throws(LineError) -> String { try need(value?.text, "a text as the value") }

  fileprivate func registerOperation() throws(LineError) -> (RegisterInput, RegisterOutput?) {
    switch operation {
    case "read": return (.read, answer.flatMap(\.optionalNumber).map { .value($0) })
    case "write": return (.write(try need(value?.number, "a number as the value")), .done)
    case "compareAndSet":
      let expected = try need(expected?.optionalNumber, "a number or null as what is expected")
      let new = try need(value?.number, "a number as the value")
      return (.compareAndSet(expected: expected, new: new), answer?.truth.map { .swapped($0) })
    default: throw noSuch("read, write or compareAndSet")
    }
  }

  fileprivate func keyValueOperation() throws(LineError) -> (KeyValueInput, KeyValueOutput?) {
    let key = try need(key, "a key")
    switch operation {
    case "get": return (.get(key), answer?.optionalText.map { .value($0) })
    case "put": return (.put(key, try text()), .done)
    case "append": return (.append(key, try text()), .done)
    case "delete": return (.delete(key), .done)
    case "compareAndSet":
      let expected = try need(expected?.optionalText, "a text or null as what is expected")
      return (.compareAndSet(key, expected: expected, new: try text()), answer?.truth.map { .swapped($0) })
    default: throw noSuch("get, put, append, delete or compareAndSet")
    }
  }

  fileprivate func setOperation() throws(LineError) -> (SetInput, SetOutput?) {
    // An answer may be left out where it says nothing.
    let changed: SetOutput? = answer == nil ? .done : answer?.truth.map { .changed($0) }
    switch operation {
    case "add": return (.add(try text()), changed)
    case "remove": return (.remove(try text()), changed)
    case "contains": return (.contains(try text()), answer?.truth.map { .contained($0) })
    case "members": return (.members, answer?.texts.map { .members(Set($0)) })
    default: throw noSuch("add, remove, contains or members")
    }
  }

  fileprivate func queueOperation() throws(LineError) -> (QueueInput, QueueOutput?) {
    switch operation {
    case "enqueue": return (.enqueue(try text()), .done)
    case "dequeue": return (.dequeue, answer?.optionalText.map { .element($0) })
    default: throw noSuch("enqueue or dequeue")
    }
  }

  fileprivate func logOperation() throws(LineError) -> (LogInput, LogOutput?) {
    switch operation {
    case "append":
      return (.append(try text()), answer == nil ? .done : answer?.number.map { .appended(at: $0) })
    case "read":
      return (.read(at: try need(offset, "an offset")), answer?.optionalText.map { .entry($0) })
    case "readAll": return (.readAll, answer?.texts.map { .entries($0) })
    default: throw noSuch("append, read or readAll")
    }
  }
}

extension JSONLines.Line {
  init(from decoder: any Decoder) throws {
    let line = try decoder.container(keyedBy: CodingKeys.self)
    // A null is a value, unlike a key that is not there.
    func scalar(_ key: CodingKeys) throws -> JSONLines.Scalar? {
      guard line.contains(key) else { return nil }
      return try line.decodeNil(forKey: key) ? .nothing : line.decode(JSONLines.Scalar.self, forKey: key)
    }
    id = try line.decode(Int.self, forKey: .id)
    client = try line.decode(Int.self, forKey: .client)
    call = try line.decode(Int.self, forKey: .call)
    `return` = try line.decodeIfPresent(Int.self, forKey: .return)
    operation = try line.decode(String.self, forKey: .operation)
    key = try line.decodeIfPresent(String.self, forKey: .key)
    value = try scalar(.value)
    expected = try scalar(.expected)
    offset = try line.decodeIfPresent(Int.self, forKey: .offset)
    outcome = try line.decode(String.self, forKey: .outcome)
    answer = try scalar(.answer)
  }
}

extension JSONLines.Scalar: Codable {
  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .nothing
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let number = try? container.decode(Int.self) {
      self = .number(number)
    } else if let truth = try? container.decode(Bool.self) {
      self = .truth(truth)
    } else {
      self = .texts(try container.decode([String].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .nothing: try container.encodeNil()
    case .truth(let truth): try container.encode(truth)
    case .number(let number): try container.encode(number)
    case .text(let text): try container.encode(text)
    case .texts(let texts): try container.encode(texts)
    }
  }

  init(_ text: String?) { self = text.map { .text($0) } ?? .nothing }

  init(_ number: Int?) { self = number.map { .number($0) } ?? .nothing }

  var truth: Bool? { if case .truth(let truth) = self { truth } else { nil } }

  var number: Int? { if case .number(let number) = self { number } else { nil } }

  var text: String? { if case .text(let text) = self { text } else { nil } }

  var texts: [String]? { if case .texts(let texts) = self { texts } else { nil } }

  /// The number, where null is none; nil for anything else.
  var optionalNumber: Int?? { self == .nothing ? .some(nil) : number.map { .some($0) } }

  /// The text, where null is none; nil for anything else.
  var optionalText: String?? { self == .nothing ? .some(nil) : text.map { .some($0) } }
}
