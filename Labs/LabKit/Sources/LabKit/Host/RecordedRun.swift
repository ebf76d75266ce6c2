#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The frame that a file of a recorded run begins with: what `lab` sent in that run follows, frame by frame.
public struct RecordedRunHeader: Sendable, Hashable {
  /// The first byte of the frame.
  static let tag: UInt8 = 20

  /// The handler before which a debugger may stop, counted from 1; 0 for none.
  public var stopsBeforeHandler: Int

  public init(stopsBeforeHandler: Int) { self.stopsBeforeHandler = stopsBeforeHandler }

  /// The header as a frame, without its length.
  public var frame: [UInt8] {
    var writer = WireWriter()
    writer.byte(Self.tag)
    writer.integer(hostProtocolVersion)
    writer.integer(stopsBeforeHandler)
    return writer.bytes
  }

  /// - Throws: A `WireError` if this is no header, or one of another version of the protocol.
  public init(frame: [UInt8]) throws(WireError) {
    var reader = WireReader(frame)
    guard try reader.byte() == Self.tag else {
      throw .malformed(what: "a file that holds no recorded run", offset: 0)
    }
    let version = try reader.integer()
    guard version == hostProtocolVersion else {
      throw .malformed(
        what: "version \(version) of the protocol, where this program speaks \(hostProtocolVersion)",
        offset: 1)
    }
    stopsBeforeHandler = try reader.integer()
  }
}

/// Called just before the handler that a recorded run leads to. A debugger sets a breakpoint on this name.
@inline(never) public func labBreak(node: Int, handler: Int, timeMicroseconds: Int) {
  // It prints, and so the optimiser keeps the call.
  print("lab: next is handler \(handler), of n\(node), at \(timeMicroseconds / 1_000) ms of virtual time")
  // Shown before a debugger stops the program, wherever it goes.
  fflush(nil)
}

/// A run out of a file, in this process alone, so that a debugger can look at it.
enum RecordedRun {
  /// Carries the run out and ends the process: with 0 after the run, with 64 if the file cannot be used.
  static func perform(file: String, _ programs: [NodeProgram]) -> Never {
    let descriptor = open(file, O_RDONLY)
    guard descriptor >= 0 else { fail("cannot read \(file): \(String(cString: strerror(errno)))") }
    var input = PipeInput(descriptor: descriptor)
    guard let first = input.readFrame() else { fail("\(file) is empty") }
    do {
      let header = try RecordedRunHeader(frame: first)
      var server = Server(programs: programs, stopsBeforeHandler: header.stopsBeforeHandler)
      while let frame = input.readFrame() { _ = try server.answer(frame) }
      let (calls, time) = (server.world?.calls ?? 0, (server.world?.now ?? 0) / 1_000)
      print("lab: the run ends here, after \(calls) handlers, at \(time) ms of virtual time")
    } catch {
      fail("\(file): \(error). Type `lab replay --debug` again: it writes the file anew")
    }
    exit(0)
  }

  private static func fail(_ reason: String) -> Never {
    let line = Array("LAB_REPLAY: \(reason)\n".utf8)
    _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    exit(64)
  }
}
