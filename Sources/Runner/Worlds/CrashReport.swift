import Foundation

/// What a Swift program prints when it traps, with the stack that the toolchain's backtracer adds to it.
///
/// An optimised build says less: most of the standard library's messages are left out of it, and what remains is
/// the name of the function that trapped.
public struct CrashReport: Sendable, Equatable, CustomStringConvertible {
  /// What went wrong: "Fatal error: Index out of range".
  public var message: String
  /// The innermost line of the student's own code: "Sources/Raft/Raft+Replication.swift:57".
  public var place: String?

  /// In one line.
  public var description: String { place.map { "\(message), \($0)" } ?? message }

  /// Reads what a program printed before `signal` ended it.
  public init(printed: String, signal: Int32) {
    let lines = printed.split(separator: "\n").map(String.init)
    let header = lines.lastIndex { $0.hasPrefix("*** Signal ") }
    let frames = lines[(header ?? lines.endIndex)...].compactMap(Frame.init)
    let said = lines[..<(header ?? lines.endIndex)].last { line in
      Self.openings.contains { line.contains($0) }
    }
    let ownFrame = frames.first { $0.studentPlace != nil }
    place = ownFrame?.studentPlace
    if let said {
      let (text, file) = Self.withoutPlace(said)
      message = text
      if place == nil, let file, !file.hasPrefix("Swift/"), !file.hasPrefix("LabKit/") {
        place = "Sources/" + file
      }
    } else if let failure = lines.first(where: { $0.hasPrefix("*** Swift runtime failure: ") }) {
      let text = failure.dropFirst("*** Swift runtime failure: ".count)
      message = "Fatal error: " + (text.hasSuffix(" ***") ? String(text.dropLast(4)) : String(text))
    } else if let function = Self.recursion(in: frames) {
      message = "stack overflow: \(function) calls itself without end"
    } else {
      message = Self.meaning(of: signal)
      if let inner = frames.first, inner.studentPlace == nil, ownFrame != nil {
        message += " in \(inner.function)"
      }
    }
  }

  /// How the runtime's own messages begin, after the file and line that some of them have in front.
  private static let openings = [
    "Fatal error", "Precondition failed", "Assertion failed", "Could not cast value of type",
  ]

  /// "Raft/Raft.swift:8: Fatal error: …" without its beginning, and that beginning.
  private static func withoutPlace(_ line: String) -> (text: String, file: String?) {
    guard
      let start = openings.compactMap({ line.range(of: $0)?.lowerBound }).min(), start > line.startIndex,
      line[..<start].hasSuffix(": ")
    else { return (line, nil) }
    return (String(line[start...]), String(line[..<start].dropLast(2)))
  }

  /// The function that fills the stack, if one does: among its innermost frames the same one again and again.
  private static func recursion(in frames: [Frame]) -> String? {
    let inner = frames.prefix(16)
    guard inner.count == 16 else { return nil }
    var counts: [String: Int] = [:]
    for frame in inner where frame.studentPlace != nil { counts[frame.function, default: 0] += 1 }
    return counts.filter { $0.value >= 4 }.keys.min()
  }

  private static func meaning(of signal: Int32) -> String {
    switch signal {
    case 4, 5: "Fatal error: a check failed"
    case 6: "the program aborted itself"
    case 7, 11: "bad memory access (signal \(signal))"
    case 9: "the system killed it (signal 9)"
    default: "it was ended by signal \(signal)"
    }
  }

  /// One line of a stack: "  3 [ra] 0x000055a4f7872aba Node.handle(_:) + 249 in prog at /…/Raft.swift:7:27".
  private struct Frame {
    let function: String
    let studentPlace: String?

    init?(_ line: String) {
      let words = line.split(separator: " ")
      guard let number = words.first, number.allSatisfy(\.isNumber),
        let address = words.firstIndex(where: { $0.hasPrefix("0x") })
      else { return nil }
      var rest = words[(address + 1)...].joined(separator: " ")
      var place: String?
      if let at = rest.range(of: " at /") {
        place = "/" + rest[at.upperBound...]
        rest = String(rest[..<at.lowerBound])
      }
      if let program = rest.range(of: " in ", options: .backwards) {
        rest = String(rest[..<program.lowerBound])
      }
      if let offset = rest.range(of: " + ", options: .backwards) { rest = String(rest[..<offset.lowerBound]) }
      function = rest.hasPrefix("specialized ") ? String(rest.dropFirst("specialized ".count)) : rest
      studentPlace = place.flatMap(Self.studentPlace)
    }

    /// The place in a student's sources: neither LabKit's, nor the program's `main.swift`, which only starts the node.
    private static func studentPlace(_ place: String) -> String? {
      guard let sources = place.range(of: "/Sources/", options: .backwards),
        !place[..<sources.lowerBound].hasSuffix("/LabKit")
      else { return nil }
      let parts = place[sources.upperBound...].split(separator: ":")
      guard parts.count >= 2, !parts[0].hasSuffix("/main.swift") else { return nil }
      return "Sources/\(parts[0]):\(parts[1])"
    }
  }
}
