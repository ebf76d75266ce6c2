import Foundation
import Glibc
import LinuxCalls
import Reports
import Synchronization

/// Ctrl-C: the run stays in the records as interrupted, the programs that were started end, the exit code is 130.
enum Interrupt {
  private static let farewells = Mutex<[@Sendable () -> Void]>([])

  /// From now on an interrupt ends `lab` in an orderly way.
  static func catchAll() {
    let descriptor = lab_catch_interrupts()
    guard descriptor >= 0 else { return }
    Thread.detachNewThread {
      var signal: UInt8 = 0
      while read(descriptor, &signal, 1) < 0 && errno == EINTR {}
      for farewell in farewells.withLock({ $0 }) { farewell() }
      endChildren()
      _exit(ExitCodes.interrupted.rawValue)
    }
  }

  /// Something to do before `lab` ends by an interrupt.
  static func beforeEnding(_ farewell: @escaping @Sendable () -> Void) {
    farewells.withLock { $0.append(farewell) }
  }

  /// Waits for the end if an interrupt has come: what happens to the programs then is no result.
  static func stopHereIfPending() {
    while lab_is_interrupted() != 0 { usleep(10_000) }
  }

  /// A compiler takes its own children along when it is interrupted; a node dies with `lab` in any case.
  private static func endChildren() {
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
    for thread in threads {
      let children = try? String(contentsOfFile: "/proc/self/task/\(thread)/children", encoding: .utf8)
      for child in (children ?? "").split(separator: " ").compactMap({ pid_t($0) }) { kill(child, SIGINT) }
    }
  }
}
