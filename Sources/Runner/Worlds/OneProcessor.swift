import Glibc
import LinuxCalls

/// One processor for `lab` and the processes that it exchanges frames with, each of which waits for the other: to wake a
/// processor that sleeps takes many times longer than a handler.
enum OneProcessor {
  /// Runs `body` on a thread that stays where it is, with whatever it starts. `number` tells one worker from another.
  /// Where the system does not allow that, it runs all the same.
  static func keep<Result>(number: Int, _ body: () throws -> Result) rethrows -> Result {
    var before = cpu_set_t()
    // Several programs at once would all begin with the first processor.
    let isKept = lab_keep_to_processor(UInt32(truncatingIfNeeded: number &+ Int(getpid())), &before) == 0
    defer { if isKept { _ = lab_use_processors(&before) } }
    return try body()
  }
}
