import Foundation

/// Which process wrote a run: its number, and when it started, for numbers are used again.
struct ProcessIdentity: Sendable, Equatable {
  let number: Int
  let startTicks: Int

  static var current: ProcessIdentity {
    let number = Int(ProcessInfo.processInfo.processIdentifier)
    return ProcessIdentity(number: number, startTicks: startTicks(of: number) ?? 0)
  }

  var isAlive: Bool { Self.startTicks(of: number) == startTicks }

  /// The 22nd field of /proc/<number>/stat; none for a process that has ended and was not waited for.
  private static func startTicks(of number: Int) -> Int? {
    guard let text = try? String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8),
      let end = text.lastIndex(of: ")")
    else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
    return Int(fields[19])
  }
}
