import Foundation
import Glibc
import Synchronization

/// Folders that this process alone works in until it ends.
///
/// Where another process has a folder of some name already, this one gets the next: `name`, `name-2`, `name-3`. The
/// folders stay, and with them what was built in them.
enum FolderSlots {
  private static let mostAtOnce = 16
  /// The folders held, by the name asked for. Their locks are held as long as the process lives.
  private static let held = Mutex<[String: URL]>([:])

  /// A folder of that name in `parent`, made if it is missing. Asked again, this process gets the same one.
  ///
  /// - Throws: A `LabError` if the folder cannot be written or too many processes have one.
  static func folder(named name: String, in parent: URL) throws -> URL {
    try held.withLock { held in
      let key = parent.appendingPathComponent(name).path
      if let folder = held[key] { return folder }
      try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
      for number in 1...mostAtOnce {
        let folder = parent.appendingPathComponent(number == 1 ? name : "\(name)-\(number)")
        let lock = open(folder.path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard lock >= 0 else {
          throw LabError("cannot write in \(parent.path): \(String(cString: strerror(errno)))")
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
          close(lock)
          continue
        }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        held[key] = folder
        return folder
      }
      throw LabError(
        "\(mostAtOnce) other runs of lab work in \(parent.path) already. Wait until one of them has ended.")
    }
  }
}
