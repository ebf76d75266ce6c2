import Foundation
import Glibc
import Runner

/// What a person sees: data on standard output, progress and complaints on standard error.
enum Screen {
  static let isTerminal = isatty(1) == 1
  static let hasColour: Bool = {
    let environment = ProcessInfo.processInfo.environment
    if environment["CLICOLOR_FORCE"].map({ $0 != "0" }) == true { return true }
    return isTerminal && environment["NO_COLOR"] == nil && environment["TERM"] != "dumb"
  }()

  enum Colour: Int { case red = 31, green = 32, yellow = 33, grey = 90, bold = 1 }

  static func paint(_ text: String, _ colour: Colour) -> String {
    hasColour ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
  }

  static func say(_ line: String = "") {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }

  static func complain(_ line: String) { note("lab: " + line) }

  static func note(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

  /// A student's words, without what could steer a terminal.
  static func harmless(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map {
          $0 == "\n" || ($0.value >= 32 && !(127...159).contains($0.value)) ? $0 : "\u{FFFD}"
        }))
  }

  static func seed(_ seed: UInt64) -> String { "0x" + String(seed, radix: 16) }

  static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  static func seconds(_ milliseconds: Int) -> String {
    "\(milliseconds / 1_000).\(milliseconds / 100 % 10) s"
  }

  static func line(for result: ScenarioResult) -> String {
    let mark = result.outcome == .passed ? paint("✔", .green) : paint("✘", .red)
    let rate =
      "\(result.seedsRun) seeds, \(result.virtualMilliseconds / 1_000) virtual s in \(seconds(result.wallMilliseconds))"
    let points = "\(result.points)/\(result.scenario.points)"
    return
      "  \(mark) \(pad(result.scenario.id, 14)) \(pad(points, 5)) \(pad(result.scenario.title, 52)) "
      + paint(result.outcome == .passed ? rate : result.outcome.words, .grey)
  }
}
