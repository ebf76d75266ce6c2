import Foundation
import Glibc

/// The two streams that a person sees: data on standard output, progress and complaints on standard error.
public enum Screen {
  public enum Stream: Int32, Sendable { case output = 1, error = 2 }
  public enum Colour: Int, Sendable { case red = 31, green = 32, yellow = 33, grey = 90, bold = 1 }

  // MARK: What the terminal can do

  public static func isTerminal(_ stream: Stream) -> Bool { isatty(stream.rawValue) == 1 }

  /// Whether colours may be written to a stream: `NO_COLOR` forbids them, `CLICOLOR_FORCE` asks for them anywhere,
  /// otherwise a terminal that is not dumb has them.
  public static func hasColour(on stream: Stream) -> Bool {
    hasColour(environment: ProcessInfo.processInfo.environment, isTerminal: isTerminal(stream))
  }

  package static func hasColour(environment: [String: String], isTerminal: Bool) -> Bool {
    if environment["NO_COLOR"].map({ !$0.isEmpty }) == true { return false }
    if environment["CLICOLOR_FORCE"].map({ $0 != "0" }) == true { return true }
    return isTerminal && environment["TERM"] != "dumb"
  }

  /// Whether a line of progress may move: only where standard error is a terminal that can erase.
  public static var moves: Bool {
    isTerminal(.error) && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }

  /// The columns of the terminal behind a stream; none if it is no terminal.
  public static func columns(of stream: Stream = .output) -> Int? {
    var size = winsize()
    guard ioctl(stream.rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  // MARK: Writing

  public static func say(_ line: String = "", on stream: Stream = .output) {
    // A reader that has gone, as in `lab test | head`, must not end a run that is being recorded.
    try? write(line + "\n", to: stream)
  }

  /// How wide a text is written: a wide terminal gets no longer lines than one reads at a glance.
  public static func storyColumns(on stream: Stream = .output) -> Int { min(110, columns(of: stream) ?? 100) }

  /// Writes lines in their colours, without what could steer a terminal.
  public static func say(_ lines: [StoryLine], on stream: Stream = .output) {
    for line in lines {
      let text = harmless(line.text.replacing("\n", with: " "))
      say(line.colour.map { paint(text, $0, on: stream) } ?? text, on: stream)
    }
  }

  public static func note(_ line: String) { say(line, on: .error) }

  public static func complain(_ line: String) { note("lab: " + line) }

  /// Writes everything, or throws what the system said.
  public static func write(_ text: String, to stream: Stream) throws(WriteFailure) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(stream.rawValue, $0.baseAddress, $0.count) }
      if count > 0 {
        bytes = bytes.dropFirst(count)
      } else if errno == EAGAIN {
        usleep(1_000)
      } else if errno != EINTR {
        throw WriteFailure(reason: String(cString: strerror(errno)))
      }
    }
  }

  /// Standard output or standard error could not be written.
  public struct WriteFailure: Error, CustomStringConvertible {
    let reason: String
    public var description: String { "cannot write the output: \(reason)" }
  }

  // MARK: Words

  public static func paint(_ text: String, _ colour: Colour, on stream: Stream = .output) -> String {
    hasColour(on: stream) ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// A student's words, without what could steer a terminal.
  public static func harmless(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0 == "\n" || !$0.steersTerminal ? $0 : "\u{FFFD}" }))
  }

  /// A student's words as one line of so many columns.
  public static func harmlessLine(_ text: String, columns: Int) -> String {
    harmless(text.replacing("\n", with: " ")).shortened(toColumns: columns)
  }

  /// "85 of 100 points and 3 of 15 bonus points", without the part of which there is none.
  public static func points(_ points: Int, of most: Int, bonus: Int, of mostBonus: Int) -> String {
    let ordinary = "\(points) of \(most) points"
    if mostBonus == 0 { return ordinary }
    return most == 0
      ? "\(bonus) of \(mostBonus) bonus points" : ordinary + " and \(bonus) of \(mostBonus) bonus points"
  }

  public static func seed(_ seed: UInt64) -> String { "0x" + String(seed, radix: 16) }

  public static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.displayColumns))
  }

  public static func seconds(_ milliseconds: Int) -> String {
    "\(milliseconds / 1_000).\(milliseconds / 100 % 10) s"
  }
}

extension Unicode.Scalar {
  /// Control characters, and those that turn the direction of writing.
  var steersTerminal: Bool {
    value < 32 || (127...159).contains(value) || (0x202A...0x202E).contains(value)
      || (0x2066...0x2069).contains(value)
  }
}
