import LabKit

/// A trace in words, a line a record.
public enum TraceText {
  /// One record in words.
  public struct Line: Sendable, Hashable {
    public let timeMicroseconds: Int
    /// Whether this is something that happened to a node, and not what its handler did then.
    public let isEvent: Bool
    public let text: String
    /// Where the code asked for it, such as "Raft/Raft+Election.swift:31"; nil where that was not recorded.
    public var source: String?

    /// When it happened: "1203.417 ms".
    public var time: String { TraceText.milliseconds(timeMicroseconds) }
  }

  /// The records of a trace as lines for a screen, what a handler did set in below what happened to it.
  ///
  /// - Throws: A `WireError` if the trace is damaged.
  public static func lines(_ trace: [UInt8]) throws -> [String] {
    try self.records(trace).map { line in
      let time = line.isEvent ? line.time : ""
      let text =
        time + String(repeating: " ", count: max(1, (line.isEvent ? 14 : 16) - time.count)) + line.text
      guard let source = line.source else { return text }
      return text + String(repeating: " ", count: max(2, 48 - text.count)) + source
    }
  }

  /// The records of a trace in words; changes of faults are left out.
  ///
  /// - Throws: A `WireError` if the trace is damaged.
  public static func records(_ trace: [UInt8]) throws -> [Line] {
    var lines: [Line] = []
    var reader = TraceReader()
    var source: String?
    try reader.read(trace) { time, record in
      if case .source(let file, let line) = record { source = "\(file):\(line)" }
      if let (text, isEvent) = words(record) {
        lines.append(Line(timeMicroseconds: time, isEvent: isEvent, text: text, source: source))
        source = nil
      }
    }
    return lines
  }

  static func milliseconds(_ microseconds: Int) -> String {
    "\(microseconds / 1_000).\(String(1_000 + microseconds % 1_000).dropFirst()) ms"
  }

  /// A record in words, and whether it is something that happened to a node.
  static func words(_ record: TraceRecord) -> (text: String, isEvent: Bool)? {
    switch record {
    case .started(let node, let boot): ("n\(node) starts, boot \(boot)", true)
    case .crashed(let node, let isCutShort):
      ("n\(node) crashes\(isCutShort ? ", between two effects" : "")", true)
    case .delivered(let node, let from, let kind, _): ("n\(node) ← \(kind) from n\(from)", true)
    case .lost(let node, let from, let kind, _): ("n\(node) × \(kind) from n\(from) is lost", true)
    case .timerFired(let node, let timer): ("n\(node) timer \(timer)", true)
    case .requested(let node, _, let operation): ("n\(node) ← request \(operation)", true)
    case .paused(let node): ("n\(node) is paused", true)
    case .resumed(let node): ("n\(node) goes on", true)
    case .continued(let node): ("n\(node) goes on with what it asked for", true)
    case .faultChanged, .weighed, .diskWeighed, .source: nil
    case .sent(let to, let kind, let fate): ("send \(kind) → n\(to)\(fate == 1 ? " (lost)" : "")", false)
    case .timerSet(let timer, let delay):
      ("timer \(timer) in \(delay % 1_000 == 0 ? "\(delay / 1_000) ms" : milliseconds(delay))", false)
    case .timerCancelled(let timer): ("cancel \(timer)", false)
    case .persisted(let key): ("persist \(key)", false)
    case .replied(_, _, let operation, _, _): ("reply to \(operation)", false)
    case .output(let node, let body):
      ((try? RaftOutput(wireBytes: body)).map { "n\(node) \($0)" } ?? "output", false)
    case .status(_, let fields):
      (
        "["
          + RaftStatus.fieldNames.enumerated().map { "\($0.element) \(fields[$0.offset])" }
          .joined(separator: ", ") + "]", false
      )
    case .log(_, let first, let marks):
      ("log from \(first): \(marks.map { "\($0.term):x\($0.digest)" }.joined(separator: " "))", false)
    }
  }
}
