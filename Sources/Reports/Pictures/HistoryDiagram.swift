import Checkers

/// The part of a history that no order can explain: a line a client, a bar an operation from its call to its return, the
/// order found so far as numbers, and the operation that fits nowhere.
enum HistoryDiagram {
  /// How many operations are shown, the last ones before the contradiction.
  private static let mostOperations = 14
  /// How many of an order are listed at once.
  private static let mostItems = 4
  private static let rowHeight = 46
  private static let left = 78
  /// A bar is at least wide enough for its words.
  private static let characterWidth = 7

  /// The picture and its text twin as a part of a page.
  static func section(_ contradiction: Contradiction) -> String {
    let shown = operations(of: contradiction)
    guard !shown.isEmpty else { return "" }
    let hidden = contradiction.operations.count - shown.count
    let key = contradiction.key.map { " of key \"\($0)\"" } ?? ""
    let before = hidden > 0 ? "<p class=\"place\">\(hidden) earlier operations are left out.</p>" : ""
    return """
      <section class="history" aria-label="The history">
      <details open><summary>\(PageText.markup("The history\(key): no order fits"))</summary>
      \(before)
      <div class="scroll" tabindex="0" role="group" aria-label="Operations by client, in time">\(drawing(contradiction, shown))</div>
      \(twin(contradiction, shown))
      </details>
      </section>
      """
  }

  private static func operations(of contradiction: Contradiction) -> [Contradiction.Operation] {
    let order = contradiction.order.suffix(mostOperations - 4)
    let wanted = Set(order + [contradiction.culprit] + contradiction.open.prefix(3))
    return contradiction.operations.filter { wanted.contains($0.id) }
  }

  private static func place(of operation: Contradiction.Operation, in contradiction: Contradiction) -> Int? {
    contradiction.order.firstIndex(of: operation.id).map { $0 + 1 }
  }

  // MARK: The drawing

  private static func drawing(_ contradiction: Contradiction, _ shown: [Contradiction.Operation]) -> String {
    let clients = Set(shown.map(\.client)).sorted()
    let columns = Columns(shown, characterWidth: characterWidth)
    let width = left + columns.width + 20
    let height = clients.count * rowHeight + 26
    var svg =
      "<svg width=\"\(width)\" height=\"\(height)\" viewBox=\"0 0 \(width) \(height)\" role=\"img\" aria-label=\"\(PageText.markup(summary(contradiction)))\">"
    for (row, client) in clients.enumerated() {
      let y = row * rowHeight + 30
      svg += "<line class=\"line\" x1=\"\(left)\" x2=\"\(width)\" y1=\"\(y)\" y2=\"\(y)\"/>"
      svg += "<text class=\"axis\" x=\"4\" y=\"\(y + 4)\">client \(client)</text>"
      for operation in shown where operation.client == client {
        svg += bar(operation, y: y, columns, contradiction)
      }
    }
    svg += "<text class=\"axis\" x=\"\(left)\" y=\"\(height - 4)\">time, not to scale →</text></svg>"
    return svg
  }

  private static func bar(
    _ operation: Contradiction.Operation, y: Int, _ columns: Columns, _ contradiction: Contradiction
  ) -> String {
    let (start, end) = columns.span(of: operation)
    let isCulprit = operation.id == contradiction.culprit
    let isOpen = contradiction.open.contains(operation.id)
    let style = "bar" + (isCulprit ? " culprit" : "") + (isOpen ? " open" : "")
    let x = left + start
    // The line's own label may be out of sight.
    let told = isCulprit ? "client \(operation.client): \(operation.words)" : operation.words
    let words = PageText.markup(told.shortened(toColumns: Columns.mostWords))
    let times =
      "\(Milliseconds.words(operation.callMicroseconds)) to \(operation.returnMicroseconds.map { Milliseconds.words($0) } ?? "no return")"
    var svg = "<g><title>\(PageText.markup("\(operation.words), \(times)"))</title>"
    svg +=
      "<rect class=\"\(style)\" x=\"\(x)\" y=\"\(y - 15)\" width=\"\(end - start)\" height=\"30\" rx=\"5\"/>"
    if let place = place(of: operation, in: contradiction) {
      svg += "<circle class=\"number\" cx=\"\(x + 14)\" cy=\"\(y)\" r=\"10\"/>"
      svg += "<text class=\"digit\" x=\"\(x + 14)\" y=\"\(y + 4)\">\(place)</text>"
    } else {
      svg += "<text x=\"\(x + 8)\" y=\"\(y + 4)\">\(isCulprit ? "✘" : "…")</text>"
    }
    svg += "<text x=\"\(x + 30)\" y=\"\(y + 4)\">\(words)</text></g>"
    return svg
  }

  private static func summary(_ contradiction: Contradiction) -> String {
    let culprit = contradiction.operations.first { $0.id == contradiction.culprit }
    return "Operations by client; \(culprit?.words ?? "one of them") fits after no order of the others"
  }

  // MARK: The same in words

  private static func twin(_ contradiction: Contradiction, _ shown: [Contradiction.Operation]) -> String {
    let names = Dictionary(uniqueKeysWithValues: shown.map { ($0.id, $0) })
    let known = contradiction.order.compactMap { names[$0] }
    let first = contradiction.order.count - known.count + 1
    let items = known.map { operation in
      let state = operation.stateAfter.map { "; then the value is \($0)" } ?? ""
      return "<li>\(PageText.markup("\(operation.words) by client \(operation.client)\(state)"))</li>"
    }
    let culprit = names[contradiction.culprit].map { operation in
      "<li class=\"no\">✘ \(PageText.markup("\(operation.words) by client \(operation.client) fits neither here nor anywhere before"))</li>"
    }
    let early = items.dropLast(mostItems)
    let late = items.suffix(mostItems)
    let folded =
      early.isEmpty
      ? ""
      : "<details><summary>\(early.count) before</summary><ol start=\"\(first)\">\(early.joined())</ol></details>"
    return "<p>An order of what had returned by then:</p>" + folded
      + "<ol start=\"\(first + early.count)\">\(late.joined())\(culprit ?? "")</ol>"
  }

  /// Where bars begin and end: instants in their order, apart far enough for the words between.
  private struct Columns {
    static let mostWords = 34
    /// By instant: the calls at a time, then the returns at that time.
    private var positions: [Instant: Int] = [:]
    private(set) var width = 0

    private struct Instant: Hashable, Comparable {
      let time: Int
      let isReturn: Bool

      static func < (left: Instant, right: Instant) -> Bool {
        left.time == right.time ? !left.isReturn && right.isReturn : left.time < right.time
      }
    }

    private static func call(_ operation: Contradiction.Operation) -> Instant {
      Instant(time: operation.callMicroseconds, isReturn: false)
    }

    private static func end(_ operation: Contradiction.Operation) -> Instant {
      Instant(time: operation.returnMicroseconds ?? .max, isReturn: true)
    }

    init(_ operations: [Contradiction.Operation], characterWidth: Int) {
      let instants = Set(operations.flatMap { [Self.call($0), Self.end($0)] }).sorted()
      // Each bar needs its room; an instant stands no earlier than any bar that ends with it needs.
      var position = 0
      for instant in instants {
        for operation in operations where Self.end(operation) == instant {
          let words = min(Self.mostWords, operation.words.displayColumns + 10) * characterWidth + 42
          position = max(position, (positions[Self.call(operation)] ?? 0) + words)
        }
        positions[instant] = position
        position += 14
      }
      width = position
    }

    func span(of operation: Contradiction.Operation) -> (start: Int, end: Int) {
      (positions[Self.call(operation)] ?? 0, positions[Self.end(operation)] ?? width)
    }
  }
}
