import CourseFiles
import Foundation
import Glibc

/// `.lab/LabKit` belongs to `lab`.
extension Course {
  /// Makes `.lab/LabKit` what this `lab` brings, and returns what it did, a line each.
  public func bringUpToDate() throws -> [String] {
    let isNew = !FileManager.default.fileExists(atPath: hidden.appendingPathComponent("LabKit").path)
    let isRefreshed = try refreshLabKit(from: CourseFiles.folder())
    forgetBuildsOfAnotherPlace()
    let before = try versions()
    var now = Versions(starters: before.starters, language: before.language)
    now.labKit = CourseVersion.labKit
    if now != before { try write(now) }
    return isRefreshed && !isNew ? ["LabKit in .lab/LabKit is up to date now"] : []
  }

  /// Makes `.lab/LabKit` what this `lab` brings. True if anything changed.
  public func refreshLabKit(from resources: URL) throws -> Bool {
    let source = resources.appendingPathComponent("LabKit")
    guard try !hasLabKit(of: source) else { return false }
    // Not under the feet of a build.
    let lock = open(hidden.appendingPathComponent("build.lock").path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard lock >= 0 else {
      throw CourseError.notWritable(path: hidden.path, reason: String(cString: strerror(errno)))
    }
    defer { close(lock) }
    while flock(lock, LOCK_EX) != 0 && errno == EINTR {}
    guard try !hasLabKit(of: source) else { return false }
    // Built beside and renamed, so that an interrupted start leaves no half of it.
    let files = FileManager.default
    let target = hidden.appendingPathComponent("LabKit")
    let fresh = hidden.appendingPathComponent("LabKit.\(getpid())")
    try Self.writing(target) {
      try? files.removeItem(at: fresh)
      for path in try Self.sourceFiles(in: source) {
        let file = fresh.appendingPathComponent(path)
        try files.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try files.copyItem(at: source.appendingPathComponent(path), to: file)
      }
      try? files.removeItem(at: target)
      try files.moveItem(at: fresh, to: target)
      // A build planned for the old LabKit was seen to miss a file that is new.
      try? files.removeItem(at: hidden.appendingPathComponent("build"))
    }
    return true
  }

  /// A course folder that was moved or copied brings builds that name their old place, and fail.
  private func forgetBuildsOfAnotherPlace() {
    let note = hidden.appendingPathComponent("place")
    let here = hidden.resolvingSymlinksInPath().path
    guard (try? String(contentsOf: note, encoding: .utf8)) != here else { return }
    try? FileManager.default.removeItem(at: hidden.appendingPathComponent("build"))
    try? here.write(to: note, atomically: true, encoding: .utf8)
  }

  private func hasLabKit(of source: URL) throws -> Bool {
    let files = FileManager.default
    let target = hidden.appendingPathComponent("LabKit")
    let wanted = try Self.sourceFiles(in: source)
    return try files.fileExists(atPath: target.path) && Self.sourceFiles(in: target) == wanted
      && wanted.allSatisfy {
        files.contentsEqual(
          atPath: source.appendingPathComponent($0).path, andPath: target.appendingPathComponent($0).path)
      }
  }
}
