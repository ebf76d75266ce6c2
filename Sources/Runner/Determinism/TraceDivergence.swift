import LabKit

/// Where two traces of one seed part.
public struct TraceDivergence: Sendable, Hashable, CustomStringConvertible {
  /// What the node was handling when the traces parted, or nil if they part at their first record.
  public let handler: TraceText.Line?
  /// The last record that both have, if it is not the handler's own event.
  public let lastCommon: TraceText.Line?
  /// What each of the two has next, the nearest first; nothing for one that has ended.
  public let first: [TraceText.Line]
  public let second: [TraceText.Line]
  /// How the two runs are called.
  public let firstName: String
  public let secondName: String
  private static let mostLines = 8

  /// Finds the first record in which two traces differ; nil if there is none.
  ///
  /// - Throws: A `WireError` if a trace is damaged.
  public init?(
    between first: [UInt8], named firstName: String = "first", and second: [UInt8],
    named secondName: String = "second"
  ) throws {
    self.firstName = firstName
    self.secondName = secondName
    let (left, right) = (try TraceText.records(first), try TraceText.records(second))
    let common = zip(left, right).prefix { $0 == $1 }.count
    guard common < max(left.count, right.count) else { return nil }
    handler = left[..<common].last { $0.isEvent }
    lastCommon = common > 0 && !left[common - 1].isEvent ? left[common - 1] : nil
    self.first = Array(left[common...].prefix(Self.mostLines))
    self.second = Array(right[common...].prefix(Self.mostLines))
  }

  /// In words, a line each: the handler, the last common record, and what each run did next.
  public var description: String {
    let width = max(firstName.count, secondName.count, 4) + 1
    func row(_ name: String, _ line: TraceText.Line?) -> String {
      let label = "\(name):" + String(repeating: " ", count: width - name.count)
      guard let line else { return "  \(label)nothing more" }
      return "  \(label)\(line.text.prefix(160))\(line.isEvent ? " at \(line.time)" : "")"
    }
    var rows = [place]
    if let lastCommon { rows.append(row("both", lastCommon)) }
    rows.append(row(firstName, first.first))
    rows.append(row(secondName, second.first))
    return rows.joined(separator: "\n")
  }

  /// When they part, and what was handled then.
  public var place: String {
    handler.map { "They part at \($0.time), after: \($0.text)" } ?? "They part at once."
  }
}
