import Checkers
import Foundation

extension RecordedHistory {
  /// The history in the project's own format (HISTORY.md).
  public func jsonLines() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    func line(_ value: some Encodable) throws -> String {
      String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }
    var header = JSONLines.Header(history: 1, model: model.rawValue)
    if case .keyValue(_, let absent) = self { header.absent = absent }
    return try line(header) + lines.map(line).joined()
  }

  private var lines: [JSONLines.Line] {
    switch self {
    case .register(let history): history.operations.map(JSONLines.Line.init)
    case .keyValue(let history, _): history.operations.map(JSONLines.Line.init)
    case .set(let history): history.operations.map(JSONLines.Line.init)
    case .queue(let history): history.operations.map(JSONLines.Line.init)
    case .log(let history): history.operations.map(JSONLines.Line.init)
    }
  }
}

extension JSONLines.Line {
  private init<Input, Output>(
    _ operation: Operation<Input, Output>, named name: String, answer: JSONLines.Scalar? = nil
  ) {
    let outcome =
      switch operation.outcome {
      case .ok: "ok"
      case .failed: "failed"
      case .unknown: "unknown"
      }
    self.init(
      id: operation.id, client: operation.client, call: operation.call, return: operation.return,
      operation: name, outcome: outcome, answer: answer)
  }

  fileprivate init(_ operation: Operation<RegisterInput, RegisterOutput>) {
    let answer: JSONLines.Scalar? =
      switch operation.output {
      case .value(let value): .init(value)
      case .swapped(let swapped): .truth(swapped)
      case .done, nil: nil
      }
    switch operation.input {
    case .read: self.init(operation, named: "read", answer: answer)
    case .write(let new):
      self.init(operation, named: "write", answer: answer)
      value = .number(new)
    case .compareAndSet(let old, let new):
      self.init(operation, named: "compareAndSet", answer: answer)
      (expected, value) = (.init(old), .number(new))
    }
  }

  fileprivate init(_ operation: Operation<KeyValueInput, KeyValueOutput>) {
    let answer: JSONLines.Scalar? =
      switch operation.output {
      case .value(let value): .init(value)
      case .swapped(let swapped): .truth(swapped)
      case .done, nil: nil
      }
    switch operation.input {
    case .get: self.init(operation, named: "get", answer: answer)
    case .put(_, let new):
      self.init(operation, named: "put", answer: answer)
      value = .text(new)
    case .append(_, let suffix):
      self.init(operation, named: "append", answer: answer)
      value = .text(suffix)
    case .delete: self.init(operation, named: "delete", answer: answer)
    case .compareAndSet(_, let old, let new):
      self.init(operation, named: "compareAndSet", answer: answer)
      (expected, value) = (.init(old), .text(new))
    }
    key = operation.input.key
  }

  fileprivate init(_ operation: Operation<SetInput, SetOutput>) {
    let answer: JSONLines.Scalar? =
      switch operation.output {
      case .changed(let truth), .contained(let truth): .truth(truth)
      case .members(let members): .texts(members.sorted())
      case .done, nil: nil
      }
    switch operation.input {
    case .add(let element):
      self.init(operation, named: "add", answer: answer)
      value = .text(element)
    case .remove(let element):
      self.init(operation, named: "remove", answer: answer)
      value = .text(element)
    case .contains(let element):
      self.init(operation, named: "contains", answer: answer)
      value = .text(element)
    case .members: self.init(operation, named: "members", answer: answer)
    }
  }

  fileprivate init(_ operation: Operation<QueueInput, QueueOutput>) {
    switch operation.input {
    case .enqueue(let element):
      self.init(operation, named: "enqueue")
      value = .text(element)
    case .dequeue:
      self.init(operation, named: "dequeue")
      if case .element(let element) = operation.output { answer = .init(element) }
    }
  }

  fileprivate init(_ operation: Operation<LogInput, LogOutput>) {
    let answer: JSONLines.Scalar? =
      switch operation.output {
      case .appended(let offset): .number(offset)
      case .entry(let entry): .init(entry)
      case .entries(let entries): .texts(entries)
      case .done, nil: nil
      }
    switch operation.input {
    case .append(let entry):
      self.init(operation, named: "append", answer: answer)
      value = .text(entry)
    case .read(let place):
      self.init(operation, named: "read", answer: answer)
      offset = place
    case .readAll: self.init(operation, named: "readAll", answer: answer)
    }
  }
}
