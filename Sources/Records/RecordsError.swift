import GRDB

/// Why the records cannot be used. Nothing was changed in any of these cases.
public enum RecordsError: Error, Sendable, Equatable, CustomStringConvertible {
  case damaged(file: String)
  case readOnly(file: String)
  case newer(file: String)
  case busy(file: String)
  case unreachable(file: String, reason: String)

  public var description: String {
    switch self {
    case .damaged(let file):
      "the records in \(file) are damaged and were left as they are. Move the file away to begin new ones."
    case .readOnly(let file):
      "the records in \(file) cannot be written. Make the file and its folder writable for you."
    case .newer(let file):
      "the records in \(file) were made by a newer lab and were left as they are. Install the newer lab."
    case .busy(let file):
      "the records in \(file) are held by another program. End it, or try again."
    case .unreachable(let file, let reason):
      "the records in \(file) cannot be opened: \(reason)"
    }
  }

  init(_ error: DatabaseError, file: String) {
    switch error.resultCode {
    case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .damaged(file: file)
    case .SQLITE_READONLY, .SQLITE_PERM: self = .readOnly(file: file)
    case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(file: file)
    default: self = .unreachable(file: file, reason: error.message ?? "\(error.resultCode)")
    }
  }
}
