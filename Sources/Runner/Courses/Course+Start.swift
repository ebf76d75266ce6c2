import CourseFiles
import Foundation

extension Course {
  /// Unpacks a week. Never touches a file that is there already. Returns what it did, a line each.
  ///
  /// Without a language the course keeps the one it has, English at first. Both languages are unpacked in any case, each
  /// under its own name, so that changing the language changes no file.
  public static func start(_ suite: Suite, in directory: URL, language: CourseLanguage? = nil) throws
    -> [String]
  {
    let files = FileManager.default
    if files.fileExists(atPath: directory.appendingPathComponent("Labs/LabKit/Package.swift").path) {
      throw CourseError.ownSources(folder: directory.path)
    }
    let course: Course
    do { course = try containing(directory) } catch CourseError.notACourse {
      course = Course(folder: directory.standardizedFileURL)
    }
    let starter = try Starter(suite)
    let week = course.folder(of: suite)
    // Everything is looked at before anything is written.
    try course.checkIsFree("\(versionsFile(in: course.folder).path.dropFirst(course.folder.path.count + 1))")
    for file in starter.files { try course.checkIsFree("\(suite.week)/\(file.name)") }

    try writing(course.hidden) {
      try files.createDirectory(at: course.hidden, withIntermediateDirectories: true)
    }
    var versions = Versions()
    if files.fileExists(atPath: versionsFile(in: course.folder).path) {
      versions = try course.versions()
    } else {
      try course.write(versions)
    }
    var report = try course.bringUpToDate()
    var created = 0
    for file in starter.files {
      let target = week.appendingPathComponent(file.name)
      if files.fileExists(atPath: target.path) { continue }
      try copyWhole(file.source, to: target)
      try course.remember(file.name, as: file.source, of: suite)
      created += 1
    }
    let kept = starter.files.count - created
    report.append(
      kept == 0
        ? "\(suite.week)/ holds \(created) new files"
        : "\(suite.week)/ was there: \(kept) files kept as they are, \(created) missing ones added")
    if let language, let before = versions.language, before != language {
      report.append(
        "handout and hints are in \(language.name) from now on; no file was changed, both languages are in \(suite.week)/"
      )
    }
    versions = Versions(starters: versions.starters, language: language ?? versions.language ?? .english)
    versions.starters[suite.week] = versions.starters[suite.week] ?? CourseVersion.starter
    try course.write(versions)
    return report
  }

  /// Throws if a file is where the path needs a folder, or a folder where it needs a file.
  private func checkIsFree(_ path: String) throws(CourseError) {
    var place = folder
    let parts = path.split(separator: "/").map(String.init)
    for (index, part) in parts.enumerated() {
      place.appendPathComponent(part)
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: place.path, isDirectory: &isFolder) else { return }
      let needsFolder = index < parts.count - 1
      if isFolder.boolValue != needsFolder {
        throw CourseError.inTheWay(path: place.path, isFolder: isFolder.boolValue)
      }
    }
  }

  /// Copies a file so that it is there whole or not at all.
  static func copyWhole(_ source: URL, to target: URL) throws(CourseError) {
    let files = FileManager.default
    try writing(target) {
      try files.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
      let partial = target.deletingLastPathComponent().appendingPathComponent(
        ".\(target.lastPathComponent).partial")
      try? files.removeItem(at: partial)
      try files.copyItem(at: source, to: partial)
      try files.moveItem(at: partial, to: target)
    }
  }

  // MARK: What was handed out

  /// A file as it was handed out to the student, to tell later what the course has changed.
  func handedOut(_ name: String, of suite: Suite) -> URL {
    hidden.appendingPathComponent("starters/\(suite.week)/\(name)")
  }

  func remember(_ name: String, as source: URL, of suite: Suite) throws(CourseError) {
    let place = handedOut(name, of: suite)
    try? FileManager.default.removeItem(at: place)
    try Self.copyWhole(source, to: place)
  }
}
