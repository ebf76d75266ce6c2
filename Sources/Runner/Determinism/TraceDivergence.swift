import LabKit

/// Where two traces of one seed part.
public struct TraceDivergence: Sendable, Hashable {
  /// What the node was handling when the traces parted, or nil if they part at their first record.
  public let handler: TraceText.Line?
  /// The last record that both have, if it is not the handler's own event.
  public let lastCommon: TraceText.Line?
  /// What each of the two has next; nil for one that has ended.
  public let first: TraceText.Line?
  public let second: TraceText.Line?

  /// Finds the first record in which two traces differ; nil if there is none.
  ///
  /// - Throws: A `WireError` if a trace is damaged.
  public init?(between first: [UInt8], and second: [UInt8]) throws {
    let (left, right) = (try TraceText.records(first), try TraceText.records(second))
    let common = zip(left, right).prefix { $0 == $1 }.count
    guard common < max(left.count, right.count) else { return nil }
    handler = left[..<common].last { $0.isEvent }
    lastCommon = common > 0 && !left[common - 1].isEvent ? left[common - 1] : nil
    self.first = common < left.count ? left[common] : nil
    self.second = common < right.count ? right[common] : nil
  }

  /// In words, a line each: the handler, the last common record, and what each run did next.
  public func description(first firstName: String, second secondName: String) -> String {
    let width = max(firstName.count, secondName.count, 4) + 1
    func row(_ name: String, _ line: TraceText.Line?) -> String {
      let label = "\(name):" + String(repeating: " ", count: width - name.count)
      guard let line else { return "  \(label)nothing more" }
      return "  \(label)\(line.text.prefix(160))\(line.isEvent ? " at \(line.time)" : "")"
    }
    var rows = [handler.map { "They part at \($0.time), after: \($0.text)" } ?? "They part at once."]
    if let lastCommon { rows.append(row("both", lastCommon)) }
    rows.append(row(firstName, first))
    rows.append(row(secondName, second))
    return rows.joined(separator: "\n")
  }
}
