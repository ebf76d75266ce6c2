import Glibc

/// Lets one process at a time do something.
enum FileLock {
  /// Runs the body while this process alone holds the lock of that name. Where no lock can be made, in a folder that
  /// cannot be written, the body runs without.
  static func holding<Value>(_ path: String, _ body: () throws -> Value) rethrows -> Value {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return try body() }
    defer { close(descriptor) }
    while flock(descriptor, LOCK_EX) != 0 && errno == EINTR {}
    return try body()
  }
}
