import Foundation
import Glibc

/// Another process that sends back what it is sent: what any exchange over pipes costs at least.
final class PipeEcho {
  private let process = Process()
  private let toChild = Pipe()
  private let fromChild = Pipe()

  init() throws {
    process.executableURL = URL(fileURLWithPath: "/bin/cat")
    process.standardInput = toChild
    process.standardOutput = fromChild
    // No other child may hold these ends.
    for handle in [toChild.fileHandleForWriting, fromChild.fileHandleForReading] {
      _ = fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC)
    }
    try process.run()
  }

  deinit {
    process.terminate()
    process.waitUntilExit()
  }

  /// Processor time that the other process has used, in steps of ten milliseconds.
  var processorSeconds: Double {
    Double(ChildProcess.processorUse(of: process.processIdentifier).milliseconds) / 1_000
  }

  /// Sends and gets back so many bytes, so many times.
  ///
  /// - Throws: A `LabError` if the other process is gone.
  func exchange(bytes count: Int, times: Int) throws {
    var buffer = [UInt8](repeating: 7, count: max(1, count))
    let (input, output) = (
      toChild.fileHandleForWriting.fileDescriptor, fromChild.fileHandleForReading.fileDescriptor
    )
    for _ in 0..<times {
      guard write(input, buffer, buffer.count) == buffer.count else { throw LabError("the echo is gone") }
      var filled = 0
      while filled < buffer.count {
        let got = buffer.withUnsafeMutableBytes { read(output, $0.baseAddress! + filled, $0.count - filled) }
        guard got > 0 else { throw LabError("the echo is gone") }
        filled += got
      }
    }
  }
}
