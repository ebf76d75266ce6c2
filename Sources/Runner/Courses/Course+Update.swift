import Foundation

extension Course {
  /// A file of the starter that the course has changed since the student got it.
  public struct Change: Sendable, Equatable {
    public enum Kind: Sendable { case added, changed }
    public let kind: Kind
    /// Its name in the week's folder.
    public let name: String
    /// Where the new one was written, seen from the course folder.
    public let place: String
    /// The lines that came and went, marked with + and -.
    public let lines: [String]
  }

  /// Writes what is new in a week's starter beside the student's files, never over one.
  ///
  /// A file that the student does not have goes to its own place; one that has changed goes into a new folder,
  /// `week1.new/`. Files that the course has not changed are left out, whatever the student made of them.
  ///
  /// - Parameter courseFiles: where the course's files lie, if not beside this program.
  public func update(_ suite: Suite, from courseFiles: URL? = nil) throws -> [Change] {
    let files = FileManager.default
    let week = folder(of: suite)
    guard files.fileExists(atPath: week.path) else {
      throw CourseError.notStarted(week: suite.week, folder: folder.path)
    }
    let beside = unusedFolder(suite.week + ".new")
    var changes: [Change] = []
    for file in try Starter(suite, in: courseFiles).files {
      let new = try Data(contentsOf: file.source)
      let before = try? Data(contentsOf: handedOut(file.name, of: suite))
      let own = try? Data(contentsOf: week.appendingPathComponent(file.name))
      if new == before { continue }
      if own == nil && before == nil {
        try Self.copyWhole(file.source, to: week.appendingPathComponent(file.name))
        changes.append(
          Change(kind: .added, name: file.name, place: "\(suite.week)/\(file.name)", lines: []))
      } else if own != new {
        try Self.copyWhole(file.source, to: beside.appendingPathComponent(file.name))
        changes.append(
          Change(
            kind: .changed, name: file.name, place: "\(beside.lastPathComponent)/\(file.name)",
            lines: Self.difference(from: before ?? own ?? Data(), to: new)))
      }
      try remember(file.name, as: file.source, of: suite)
    }
    var versions = try versions()
    versions.starters[suite.week] = CourseVersion.starter
    try write(versions)
    return changes
  }

  /// The first of `name`, `name.2`, `name.3`, … that is not there yet.
  private func unusedFolder(_ name: String) -> URL {
    var place = folder.appendingPathComponent(name)
    var number = 2
    while FileManager.default.fileExists(atPath: place.path) {
      place = folder.appendingPathComponent("\(name).\(number)")
      number += 1
    }
    return place
  }

  private static func difference(from old: Data, to new: Data) -> [String] {
    func lines(_ data: Data) -> [String] {
      String(decoding: data, as: UTF8.self).components(separatedBy: "\n")
    }
    return lines(new).difference(from: lines(old)).map { change in
      switch change {
      case .insert(_, let line, _): "+ \(line)"
      case .remove(_, let line, _): "- \(line)"
      }
    }
  }
}
