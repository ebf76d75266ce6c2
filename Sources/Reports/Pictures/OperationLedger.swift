import Checkers
import LabKit

/// Keeps book of what clients asked for. Requests of one operation, which its client repeats, come together.
struct OperationLedger {
  private(set) var operations: [RunPicture.ClientOperation] = []
  /// Where the operation of a request stands.
  private var places: [Int: Int] = [:]
  /// Where an operation stands that may be asked for again.
  private var named: [Name: Int] = [:]

  private struct Name: Hashable {
    var session: UInt64
    var sequence: Int
  }

  private static let keyValueProgram = "key-value"

  /// A node was asked. Returns the question in words.
  mutating func ask(_ facts: RunFacts, _ client: Int, _ operation: Int, _ event: Int?) -> String {
    let (words, name) = Self.question(facts, operation)
    guard let event else { return words }
    if let name, let place = named[name] {
      operations[place].requests.append(event)
      places[operation] = place
      return words
    }
    places[operation] = operations.count
    if let name { named[name] = operations.count }
    operations.append(RunPicture.ClientOperation(client: client, words: words, requests: [event]))
    return words
  }

  /// A node answered. Returns the answer in words.
  mutating func answer(
    _ facts: RunFacts, _ operation: Int, _ body: [UInt8], isAccepted: Bool, event: Int?,
    at time: Int
  ) -> String {
    let answer = Self.answer(facts, body)
    if isAccepted, let event, let place = places[operation] {
      operations[place].replies.append(event)
      operations[place].result = answer.words
      if let output = answer.output, let question = Self.input(facts, operation) {
        let words = KeyValueModel().describe(question, returning: output)
        let client = operations[place].client
        if Self.isNamed("\(words) by client \(client) (", endingAt: time, in: facts.evidence) {
          operations[place].isConcerned = true
        }
      }
    }
    return answer.words
  }

  /// Whether the evidence names an operation that ended at this time: one may be asked for and answered many times.
  private static func isNamed(_ words: String, endingAt time: Int, in evidence: String) -> Bool {
    let end = "to \(Milliseconds.words(time)))"
    return evidence.split(separator: words, omittingEmptySubsequences: false).dropFirst()
      .contains { rest in (rest.prefix { $0 != ")" } + ")").hasSuffix(end) }
  }

  private static func question(_ facts: RunFacts, _ operation: Int) -> (words: String, name: Name?) {
    guard let body = facts.requestBodies[operation] else { return ("request \(operation)", nil) }
    if facts.program == keyValueProgram {
      guard let request = try? KeyValueRequest(wireBytes: body) else { return ("request \(operation)", nil) }
      return (request.operation.words, Name(session: request.session, sequence: request.sequence))
    }
    let words =
      (try? RaftRequest(wireBytes: body))?.words ?? StoreWords.request(body) ?? ServiceWords.request(body)
      ?? CallWords.request(body)
    return (words ?? "request \(operation)", nil)
  }

  private static func input(_ facts: RunFacts, _ operation: Int) -> KeyValueInput? {
    guard let body = facts.requestBodies[operation], let request = try? KeyValueRequest(wireBytes: body)
    else {
      return nil
    }
    return switch request.operation {
    case .get(let key): .get(key)
    case .put(let key, let value): .put(key, value)
    case .append(let key, let suffix): .append(key, suffix)
    case .delete(let key): .delete(key)
    case .compareAndSet(let key, let expected, let new): .compareAndSet(key, expected: expected, new: new)
    }
  }

  private static func answer(_ facts: RunFacts, _ body: [UInt8]) -> (words: String, output: KeyValueOutput?) {
    if facts.program == keyValueProgram {
      return switch try? KeyValueReply(wireBytes: body) {
      case .value(let value): (value.map { "\"\($0)\"" } ?? "nothing", .value(value))
      case .done: ("done", .done)
      case .swapped(let swapped): (swapped ? "swapped" : "not swapped", .swapped(swapped))
      case .notLeader(let hint): ("not leader" + (hint.map { ", ask n\($0.number)" } ?? ""), nil)
      case .unknown: ("unknown whether it took effect", nil)
      case .stale: ("stale", nil)
      case nil: ("an answer", nil)
      }
    }
    return switch try? RaftReply(wireBytes: body) {
    case .accepted(let index, let term): ("accepted at index \(index) in term \(term)", nil)
    case .notLeader(let hint): ("not leader" + (hint.map { ", ask n\($0.number)" } ?? ""), nil)
    case .refused: ("refused", nil)
    case nil:
      (
        StoreWords.reply(body) ?? ServiceWords.reply(body) ?? CallWords.reply(body) ?? "an answer", nil
      )
    }
  }
}

extension RaftRequest {
  fileprivate var words: String {
    switch self {
    case .propose(let command): "propose \(ShownLog.name(of: command.id))"
    case .administer(.add(let node)): "add n\(node.number)"
    case .administer(.remove(let node)): "remove n\(node.number)"
    case .administer(.transfer(let node)): "hand the lead to n\(node.number)"
    }
  }
}

extension KeyValueOperation {
  fileprivate var words: String {
    switch self {
    case .get(let key): "get \(key)"
    case .put(let key, let value): "put \(key) = \"\(value)\""
    case .append(let key, let suffix): "append to \(key): \"\(suffix)\""
    case .delete(let key): "delete \(key)"
    case .compareAndSet(let key, let expected, let new):
      "compare and set \(key): \(expected.map { "\"\($0)\"" } ?? "nothing") → \"\(new)\""
    }
  }
}
