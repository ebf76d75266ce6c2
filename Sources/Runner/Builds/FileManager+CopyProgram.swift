import Foundation
import Glibc
import LabKit

extension FileManager {
  /// Copies a program so that it can be started at once.
  ///
  /// The copy is written through a descriptor that no process inherits. `copyItem` does not promise that: a build that
  /// another thread starts meanwhile would hold the file open for writing until that build ends, and so long the system
  /// refuses to start the program ("Text file busy").
  ///
  /// Throws what reading and writing throw; a part of the copy may then be left behind.
  public func copyProgram(at source: URL, to destination: URL) throws {
    let bytes = try Data(contentsOf: source, options: .mappedIfSafe)
    let descriptor = open(destination.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o755)
    guard descriptor >= 0 else {
      throw LabError("cannot write \(destination.path): \(String(cString: strerror(errno)))")
    }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try file.write(contentsOf: bytes)
    try file.close()
  }
}
