import Glibc
import Synchronization

/// The one line at the foot of the screen that moves while a scenario runs. Nothing is drawn where nothing may move.
public final class ProgressLine: Sendable {
  private struct State {
    var text = ""
    var total = 0
    var isDrawn = false
    var drawn = ContinuousClock.now
  }

  private let state = Mutex(State())
  private let isOn: Bool

  public init(isOn: Bool = Screen.moves) { self.isOn = isOn }

  /// Shows a new line, with so many steps to come.
  public func begin(_ text: String, total: Int = 0) {
    state.withLock {
      $0.text = text
      $0.total = total
      draw(&$0, text)
    }
  }

  /// Shows how far it is. May be called from any thread, as often as one likes.
  public func advance(to count: Int) {
    state.withLock {
      guard ContinuousClock.now - $0.drawn > .milliseconds(80) else { return }
      draw(&$0, $0.total > 0 ? "\($0.text)  \(count)/\($0.total)" : "\($0.text)  \(count)")
    }
  }

  /// Takes the line away.
  public func erase() {
    state.withLock {
      guard $0.isDrawn else { return }
      $0.isDrawn = false
      try? Screen.write("\r\u{1B}[K", to: .error)
    }
  }

  private func draw(_ state: inout State, _ text: String) {
    guard isOn else { return }
    let fitting = text.shortened(toColumns: (Screen.columns(of: .error) ?? 80) - 1)
    try? Screen.write("\r\u{1B}[K" + Screen.paint(fitting, .grey, on: .error), to: .error)
    state.isDrawn = true
    state.drawn = .now
  }
}
