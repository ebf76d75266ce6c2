import Glibc
import Synchronization

/// Single keys from the terminal, without the return key.
struct Keys: ~Copyable {
  private static let before = Mutex<termios?>(nil)

  /// Nothing if standard input or standard error is no terminal.
  init?() {
    var settings = termios()
    guard isatty(0) == 1, isatty(2) == 1, tcgetattr(0, &settings) == 0 else { return nil }
    Self.before.withLock { $0 = $0 ?? settings }
    // Ctrl-C stays a signal.
    settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
    guard tcsetattr(0, TCSANOW, &settings) == 0 else { return nil }
  }

  deinit { Self.restore() }

  /// The key pressed within a time; none if none was.
  func next(withinMilliseconds limit: Int) -> Character? {
    var polled = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
    var byte: UInt8 = 0
    guard poll(&polled, 1, Int32(limit)) > 0 else { return nil }
    guard read(0, &byte, 1) == 1 else {
      // The terminal has gone; it would say so at once each time.
      usleep(UInt32(limit) * 1_000)
      return nil
    }
    return Character(UnicodeScalar(byte))
  }

  /// Gives the terminal back as it was.
  static func restore() {
    before.withLock { if var settings = $0 { tcsetattr(0, TCSANOW, &settings) } }
  }
}
