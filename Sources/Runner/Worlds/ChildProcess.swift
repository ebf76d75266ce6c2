import Foundation
import Glibc
import LinuxCalls

/// A program that `lab` talks to over a pipe: frames in on its descriptor 3, frames out on its descriptor 4.
///
/// Used by one thread. What the program prints is collected, the first and the last of it kept.
public final class ChildProcess {
  public enum Ending: Sendable, Equatable {
    case exited(Int32)
    case signaled(Int32)
  }

  /// Why an exchange came to nothing.
  public enum Trouble: Error, Sendable, Equatable {
    case ended(Ending)
    /// One handler has used this much processor time without returning.
    case hung
    /// One handler waits for something, and has used no processor time meanwhile.
    case waiting
    case memoryExhausted(bytes: Int)
    case outputFlood(bytes: Int)
    /// Nothing came, although the process hardly ran.
    case silent
    case badFrame(String)
  }

  public struct Limits: Sendable {
    public var handlerCPUMilliseconds = 2_000
    /// How long a handler may lie asleep. A machine that is merely busy leaves it runnable, which does not count.
    public var sleepMilliseconds = 5_000
    public var residentBytes = 1 << 30
    public var outputBytes = 16 << 20
    public var silenceMilliseconds = 60_000
    public init() {}
  }

  public let pid: pid_t
  private let limits: Limits
  private let input: Int32
  private let output: Int32
  private let printed: Int32
  private let note: UnsafeMutablePointer<UInt64>
  private var ending: Ending?
  /// What was read from the program: frames not handed on yet lie from `taken` to `filled`.
  private var inbox = [UInt8](repeating: 0, count: 1 << 16)
  private var taken = 0
  private var filled = 0
  /// Frames in both directions, and their bytes with the lengths before them.
  public private(set) var traffic = (frames: 0, bytes: 0)
  private var head: [UInt8] = []
  private var tail: [UInt8] = []
  private var printedBytes = 0
  private var callsSeen: UInt64 = 0
  private var cpuAtCallMilliseconds = 0
  private var residentAtCallBytes = 0
  private var cpuSeenMilliseconds = 0
  private var asleepMilliseconds = 0

  public init(
    executable: String, environment: [String: String], limits: Limits = Limits(),
    under launcher: [String] = []
  ) throws {
    signal(SIGPIPE, SIG_IGN)
    self.limits = limits
    let toChild = try Self.makePipe()
    let fromChild = try Self.makePipe()
    let prints = try Self.makePipe()
    let shared = lab_shared_memory("lab-note")
    guard shared >= 0, ftruncate(shared, 4096) == 0,
      let page = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, shared, 0), page != MAP_FAILED
    else { throw LabError("cannot make shared memory: \(String(cString: strerror(errno)))") }
    note = page.assumingMemoryBound(to: UInt64.self)

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    // Sources are first moved out of the way of the numbers that they are to have.
    let sources = [toChild.read, fromChild.write, shared].map { fcntl($0, F_DUPFD_CLOEXEC, 20) }
    defer { for source in sources { close(source) } }
    posix_spawn_file_actions_adddup2(&actions, prints.write, 1)
    posix_spawn_file_actions_adddup2(&actions, prints.write, 2)
    for (offset, source) in sources.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, source, Int32(3 + offset))
    }
    let words = launcher + [executable]
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] =
      environment.merging(["LAB_HOSTED": "1"]) { $1 }.sorted { $0.key < $1.key }
      .map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in arguments + variables { free(pointer) } }
    var child: pid_t = 0
    var status = posix_spawn(&child, words[0], &actions, nil, &arguments, &variables)
    // A program just written is busy as long as a process that was started meanwhile has not let go of its file.
    for _ in 0..<100 where status == ETXTBSY {
      usleep(10_000)
      status = posix_spawn(&child, words[0], &actions, nil, &arguments, &variables)
    }
    for descriptor in [toChild.read, fromChild.write, prints.write, shared] { close(descriptor) }
    pid = child
    input = toChild.write
    output = fromChild.read
    printed = prints.read
    guard status == 0 else {
      ending = .exited(127)
      throw LabError("cannot start \(words[0]): \(String(cString: strerror(status)))")
    }
    _ = fcntl(printed, F_SETFL, O_NONBLOCK)
  }

  deinit {
    terminate()
    for descriptor in [input, output, printed] { close(descriptor) }
    munmap(note, 4096)
  }

  private static func makePipe() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    guard lab_pipe(&ends) == 0 else {
      throw LabError("cannot make a pipe: \(String(cString: strerror(errno)))")
    }
    return (ends[0], ends[1])
  }

  /// The node whose handler ran last, and the how many-th handler it was.
  public var lastCall: (node: Int, call: Int) {
    (Int(truncatingIfNeeded: note[1]), Int(truncatingIfNeeded: note[0]))
  }

  /// Kills the process and waits for its end.
  @discardableResult public func terminate() -> Ending {
    if let ending { return ending }
    kill(pid, SIGKILL)
    return wait()
  }

  /// Waits for the process's end.
  public func wait() -> Ending {
    if let ending { return ending }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
    return ended(status)
  }

  /// Why the pipe is closed. A program may close it and live on; it is given two seconds to end.
  private func troubleAtEnd() -> Trouble {
    if let ending { return .ended(ending) }
    var status: Int32 = 0
    for _ in 0..<2_000 {
      if waitpid(pid, &status, WNOHANG) == pid { return .ended(ended(status)) }
      drainPrinted()
      usleep(1_000)
    }
    terminate()
    return .badFrame("nothing more, for it closed its pipe to lab")
  }

  private func ended(_ status: Int32) -> Ending {
    let result: Ending = status & 0x7F == 0 ? .exited(status >> 8 & 0xFF) : .signaled(status & 0x7F)
    ending = result
    drainPrinted()
    return result
  }

  // MARK: Frames

  public func send(_ body: [UInt8]) throws(Trouble) {
    var frame: [UInt8] = []
    frame.reserveCapacity(body.count + 4)
    for shift in stride(from: 0, to: 32, by: 8) {
      frame.append(UInt8(truncatingIfNeeded: body.count >> shift))
    }
    frame.append(contentsOf: body)
    traffic.frames += 1
    traffic.bytes += frame.count
    var written = 0
    while written < frame.count {
      let count = frame.withUnsafeBytes { write(input, $0.baseAddress! + written, $0.count - written) }
      if count > 0 {
        written += count
      } else if errno != EINTR {
        throw troubleAtEnd()
      }
    }
  }

  /// The next frame. Watches over the process meanwhile.
  public func receive() throws(Trouble) -> [UInt8] {
    try fill(atLeast: 4)
    let header = inbox[taken..<taken + 4]
    let length = header.reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= 64 << 20 else { throw .badFrame("a frame of \(length) bytes") }
    taken += 4
    try fill(atLeast: length)
    defer { taken += length }
    traffic.frames += 1
    traffic.bytes += length + 4
    return Array(inbox[taken..<taken + length])
  }

  /// Reads until so many bytes are at hand, and whatever else has come.
  private func fill(atLeast count: Int) throws(Trouble) {
    guard filled - taken < count else { return }
    if taken > 0 {
      inbox.withUnsafeMutableBytes {
        $0.baseAddress!.copyMemory(from: $0.baseAddress! + taken, byteCount: filled - taken)
      }
      filled -= taken
      taken = 0
    }
    if inbox.count < count { inbox += [UInt8](repeating: 0, count: count - inbox.count) }
    try readBytes(upTo: count)
  }

  private func readBytes(upTo count: Int) throws(Trouble) {
    var waitedMilliseconds = 0
    var watched = ContinuousClock.now
    while filled < count {
      var polled = [
        pollfd(fd: output, events: Int16(POLLIN), revents: 0),
        pollfd(fd: printed, events: Int16(POLLIN), revents: 0),
      ]
      if poll(&polled, 2, 50) < 0 && errno != EINTR {
        throw .badFrame("poll: \(String(cString: strerror(errno)))")
      }
      if polled[1].revents != 0 { drainPrinted() }
      if printedBytes > limits.outputBytes {
        terminate()
        throw .outputFlood(bytes: printedBytes)
      }
      if polled[0].revents != 0 {
        let got = inbox.withUnsafeMutableBytes {
          read(output, $0.baseAddress! + filled, $0.count - filled)
        }
        if got > 0 {
          filled += got
          waitedMilliseconds = 0
        } else if got == 0 {
          throw troubleAtEnd()
        } else if errno != EINTR {
          throw .badFrame("read: \(String(cString: strerror(errno)))")
        }
      }
      // A program that prints all the while is watched as well as a silent one.
      let elapsed = watched.duration(to: .now)
      if polled[0].revents == 0, elapsed >= .milliseconds(50) {
        waitedMilliseconds += 50
        watched = .now
        try watchOver(waitedMilliseconds)
      }
    }
  }

  private func watchOver(_ waitedMilliseconds: Int) throws(Trouble) {
    let resident = residentBytes()
    if resident > limits.residentBytes {
      terminate()
      throw .memoryExhausted(bytes: resident)
    }
    if waitedMilliseconds > limits.silenceMilliseconds {
      terminate()
      throw .silent
    }
    let (used, isAsleep) = processorUse()
    // It may have ended meanwhile; the pipe says so next time.
    guard used > 0 || isAsleep else { return }
    asleepMilliseconds = isAsleep && used == cpuSeenMilliseconds ? asleepMilliseconds + 50 : 0
    cpuSeenMilliseconds = used
    if note[0] != callsSeen {
      callsSeen = note[0]
      cpuAtCallMilliseconds = used
      residentAtCallBytes = resident
      asleepMilliseconds = 0
    } else if used - cpuAtCallMilliseconds > limits.handlerCPUMilliseconds {
      terminate()
      // Where fresh memory is slow to come, an endless hunger for it meets this limit first.
      if resident - residentAtCallBytes > limits.residentBytes / 4 { throw .memoryExhausted(bytes: resident) }
      throw .hung
    } else if asleepMilliseconds > limits.sleepMilliseconds {
      terminate()
      throw .waiting
    }
  }

  /// Processor time used so far, and whether the process lies asleep, as `/proc` has it.
  func processorUse() -> (milliseconds: Int, isAsleep: Bool) { Self.processorUse(of: pid) }

  static func processorUse(of pid: pid_t) -> (milliseconds: Int, isAsleep: Bool) {
    guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
      let end = text.lastIndex(of: ")")
    else { return (0, false) }
    let fields = text[end...].split(separator: " ")
    guard fields.count > 13, let user = Int(fields[12]), let system = Int(fields[13]) else {
      return (0, false)
    }
    return ((user + system) * 1_000 / max(1, sysconf(Int32(_SC_CLK_TCK))), fields[1] == "S")
  }

  private func residentBytes() -> Int {
    guard let text = try? String(contentsOfFile: "/proc/\(pid)/statm", encoding: .utf8) else { return 0 }
    let fields = text.split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE)) : 0
  }

  // MARK: What it printed

  /// What the process printed: the beginning, and the end if there was too much.
  public var printedText: String {
    let middle = tail.isEmpty ? [] : Array("\n[…]\n".utf8)
    return String(decoding: head + middle + tail, as: UTF8.self)
  }

  private func drainPrinted() {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let got = read(printed, &buffer, buffer.count)
      guard got > 0 else { return }
      printedBytes += got
      let room = max(0, (64 << 10) - head.count)
      head.append(contentsOf: buffer[..<min(room, got)])
      if got > room {
        tail.append(contentsOf: buffer[room..<got])
        if tail.count > 64 << 10 { tail.removeFirst(tail.count - (16 << 10)) }
      }
      if printedBytes > limits.outputBytes { return }
    }
  }
}

/// An error in lab itself or in what surrounds it, in words for the person at the terminal.
public struct LabError: Error, Sendable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
