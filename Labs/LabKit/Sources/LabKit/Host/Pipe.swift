#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The two ends of the pipe to `lab`, and the frames on it: four bytes of length, lowest first, then as many bytes.
struct Pipe {
  static let inputDescriptor: Int32 = 3
  static let outputDescriptor: Int32 = 4
  static let longestFrame = 64 << 20

  /// The next frame, or nil when `lab` has closed its end.
  static func readFrame() -> [UInt8]? {
    guard let header = readBytes(4) else { return nil }
    let length = header.enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    guard length <= longestFrame else { return nil }
    return readBytes(length)
  }

  private static func readBytes(_ count: Int) -> [UInt8]? {
    var isComplete = true
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = read(inputDescriptor, buffer.baseAddress! + filled, count - filled)
        if got > 0 {
          filled += got
        } else if got == 0 || errno != EINTR {
          isComplete = false
          return
        }
      }
    }
    return isComplete ? bytes : nil
  }

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
        let count = write(outputDescriptor, bytes.baseAddress! + written, bytes.count - written)
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
    Pipe.writeFrame(writer.bytes)
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
