#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Where frames come from: `lab`'s end of a pipe, or a file. A frame is four bytes of length, lowest first, and as many bytes.
struct PipeInput {
  static let fromLab: Int32 = 3
  private static let longestFrame = 64 << 20
  /// What has been read: what is not handed on yet lies from `taken` to `filled`.
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)
  private var taken = 0
  private var filled = 0
  private let descriptor: Int32

  init(descriptor: Int32) { self.descriptor = descriptor }

  /// The next frame, or nil when `lab` has closed its end, or the file is at its own.
  mutating func readFrame() -> [UInt8]? {
    guard fill(atLeast: 4) else { return nil }
    let length = (0..<4).reduce(0) { $0 | Int(buffer[taken + $1]) << (8 * $1) }
    guard length <= Self.longestFrame else { return nil }
    taken += 4
    guard fill(atLeast: length) else { return nil }
    defer { taken += length }
    return Array(buffer[taken..<taken + length])
  }

  /// Reads until so many bytes are at hand, and whatever else has come. False when there is no more.
  private mutating func fill(atLeast count: Int) -> Bool {
    guard filled - taken < count else { return true }
    buffer.replaceSubrange(0..<(filled - taken), with: Array(buffer[taken..<filled]))
    filled -= taken
    taken = 0
    if buffer.count < count { buffer += [UInt8](repeating: 0, count: count - buffer.count) }
    while filled < count {
      let got = buffer.withUnsafeMutableBytes { [filled, descriptor] in
        read(descriptor, $0.baseAddress! + filled, $0.count - filled)
      }
      if got > 0 {
        filled += got
      } else if got == 0 || errno != EINTR {
        return false
      }
    }
    return true
  }
}

/// Where answers go.
enum PipeOutput {
  private static let descriptor: Int32 = 4

  static func writeFrame(_ body: [UInt8]) {
    var frame: [UInt8] = []
    frame.reserveCapacity(body.count + 4)
    for shift in stride(from: 0, to: 32, by: 8) {
      frame.append(UInt8(truncatingIfNeeded: body.count >> shift))
    }
    frame.append(contentsOf: body)
    var written = 0
    frame.withUnsafeBytes { bytes in
      while written < bytes.count {
        let count = write(descriptor, bytes.baseAddress! + written, bytes.count - written)
        if count > 0 {
          written += count
        } else if errno != EINTR {
          _exit(0)
        }
      }
    }
  }
}

/// What a hosted process tells `lab` outside the ordinary answers.
enum HostSignal {
  /// Asks the system to end this process with the one that started it, so that an endless handler outlives nobody.
  static func dieWithParent() {
    #if os(Linux)
      // The C library declares prctl with variable arguments, which Swift does not import.
      typealias ProcessControl = @convention(c) (Int32, UInt) -> Int32
      let setParentDeathSignal: Int32 = 1
      guard let symbol = dlsym(nil, "prctl") else { return }
      _ = unsafeBitCast(symbol, to: ProcessControl.self)(setParentDeathSignal, UInt(SIGKILL))
    #endif
  }

  static func reportNotImplemented(function: String, file: String, line: Int) -> Never {
    guard getenv("LAB_HOSTED") != nil else {
      fatalError("not implemented yet: \(function), \(file):\(line)")
    }
    var writer = WireWriter()
    writer.byte(HostAnswer.notImplemented.rawValue)
    writer.text(function)
    writer.text(file)
    writer.integer(line)
    PipeOutput.writeFrame(writer.bytes)
    _exit(0)
  }
}

/// A page of memory shared with `lab`: which handler is running, for the case that it never returns.
struct HostNote: @unchecked Sendable {
  // Safe to share: the page is mapped for the life of the process, and only this thread writes it.
  private let slots: UnsafeMutablePointer<UInt64>?

  init() {
    let page = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, 5, 0)
    slots = page == MAP_FAILED ? nil : page?.assumingMemoryBound(to: UInt64.self)
  }

  func willCall(node: Int, call: Int) {
    slots?[1] = UInt64(node)
    slots?[0] &+= 1
  }
}
