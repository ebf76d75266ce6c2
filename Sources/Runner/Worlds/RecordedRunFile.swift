import LabKit

/// A run as a file that a student's program carries out by itself, without `lab`: `PROTOCOL.md` describes it.
public struct RecordedRunFile: Sendable {
  public let header: RecordedRunHeader
  /// What was sent to the program, in order.
  public let frames: [[UInt8]]

  public init(header: RecordedRunHeader, frames: [[UInt8]]) {
    self.header = header
    self.frames = frames
  }

  public var bytes: [UInt8] {
    ([header.frame] + frames).flatMap { frame in
      (0..<4).map { UInt8(truncatingIfNeeded: frame.count >> (8 * $0)) } + frame
    }
  }
}
