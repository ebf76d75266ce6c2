import Checkers

/// Reads the history of a key-value store that is written as one map a line, in EDN.
enum KeyValueLines {
  static func history(in text: String, named file: String) throws(HistoryFileError) -> KeyValueHistory {
    let model = KeyValueModel()
    var calls = CallsAndEnds<KeyValueInput, KeyValueOutput>(file: file) {
      model.describe($0)
    }
    for (number, text) in numberedLines(of: text) where !text.allSatisfy(\.isWhitespace) {
      let line = try Line(text, number, file)
      if line.type == "invoke" {
        try calls.call(line.input(), by: line.client, line: number)
        continue
      }
      try calls.end(
        by: line.client, line: number, line.outcome(), freesClient: line.type != "info",
        words: "\(line.function) of key \"\(line.key)\""
      ) { called in
        let isOfKey = called.key == line.key
        return switch called {
        case .get: isOfKey && line.function == "get"
        case .put(_, let value): isOfKey && line.function == "put" && line.value == value
        case .append(_, let value): isOfKey && line.function == "append" && line.value == value
        case .delete, .compareAndSet: false
        }
      }
    }
    return try calls.history()
  }

  private struct Line {
    var client: Int
    var type: String
    var function: String
    var key: String
    var value: String?
    private let number: Int
    private let file: String

    init(_ text: Substring, _ number: Int, _ file: String) throws(HistoryFileError) {
      self.number = number
      self.file = file
      func missing(_ expected: String) -> HistoryFileError {
        HistoryFileError(
          file: file, line: number, problem: .malformed(expected: expected, found: found(text)))
      }
      var reader = EDNReader(text)
      guard let map = reader.map() else {
        throw missing("one map, {:process … :type … :f … :key … :value …}")
      }
      guard case .number(let client)? = map["process"] else { throw missing("a number as :process") }
      guard case .keyword(let type)? = map["type"], ["invoke", "ok", "fail", "info"].contains(type) else {
        throw missing(":invoke, :ok, :fail or :info as :type")
      }
      guard case .keyword(let function)? = map["f"], ["get", "put", "append"].contains(function) else {
        throw missing(":get, :put or :append as :f")
      }
      guard case .text(let key)? = map["key"] else { throw missing("a text as :key") }
      switch map["value"] {
      case .text(let value): self.value = value
      case .nothing, nil: self.value = nil
      default: throw missing("a text or nil as :value")
      }
      self.client = client
      self.type = type
      self.function = function
      self.key = key
    }

    func input() throws(HistoryFileError) -> KeyValueInput {
      switch function {
      case "get": .get(key)
      case "put": .put(key, try text())
      default: .append(key, try text())
      }
    }

    func outcome() throws(HistoryFileError) -> Outcome<KeyValueOutput> {
      switch type {
      case "ok": .ok(function == "get" ? .value(try text()) : .done)
      case "fail": .failed
      default: .unknown
      }
    }

    private func text() throws(HistoryFileError) -> String {
      guard let value else {
        throw HistoryFileError(
          file: file, line: number, problem: .malformed(expected: "a text as :value", found: "nil"))
      }
      return value
    }
  }
}

/// Reads as much of EDN as such a line needs: a map of keywords to keywords, whole numbers, texts and nil.
private struct EDNReader {
  enum Value {
    case keyword(String)
    case number(Int)
    case text(String)
    case nothing
  }

  private var rest: Substring.UTF8View

  init(_ text: Substring) { rest = text.utf8 }

  /// The line's one map, or nil if it is something else.
  mutating func map() -> [String: Value]? {
    guard take(UInt8(ascii: "{")) else { return nil }
    var map: [String: Value] = [:]
    while !take(UInt8(ascii: "}")) {
      guard case .keyword(let key)? = value(), let value = value(), map[key] == nil else { return nil }
      map[key] = value
    }
    skipBlanks()
    return rest.isEmpty ? map : nil
  }

  private mutating func value() -> Value? {
    if take(UInt8(ascii: "\"")) { return text().map(Value.text) }
    let word = word()
    if word.hasPrefix(":") { return word.count > 1 ? .keyword(String(word.dropFirst())) : nil }
    return word == "nil" ? .nothing : Int(word).map(Value.number)
  }

  private mutating func word() -> Substring {
    skipBlanks()
    let word = rest.prefix { !Self.isBlank($0) && $0 != UInt8(ascii: "}") && $0 != UInt8(ascii: "\"") }
    rest = rest.dropFirst(word.count)
    return Substring(word)
  }

  private mutating func text() -> String? {
    var bytes: [UInt8] = []
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: bytes, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let escaped = escaped() else { return nil }
        bytes.append(contentsOf: String(escaped).utf8)
      default: bytes.append(byte)
      }
    }
    return nil
  }

  private mutating func escaped() -> Character? {
    switch rest.popFirst() {
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "u"):
      let digits = Substring(rest.prefix(4))
      rest = rest.dropFirst(4)
      guard digits.count == 4, let code = UInt32(digits, radix: 16) else { return nil }
      return Unicode.Scalar(code).map(Character.init)
    default: return nil
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipBlanks()
    guard rest.first == byte else { return false }
    rest.removeFirst()
    return true
  }

  private mutating func skipBlanks() { rest = rest.drop(while: Self.isBlank) }

  /// In EDN a comma is a blank.
  private static func isBlank(_ byte: UInt8) -> Bool { byte <= 0x20 || byte == UInt8(ascii: ",") }
}
