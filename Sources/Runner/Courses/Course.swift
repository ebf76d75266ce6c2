import CourseFiles
import Foundation
import LabKit

/// The version of `lab` and of what it hands out.
public enum CourseVersion {
  public static let lab = "0.1.0"
  /// Rises whenever LabKit's sources change in a way that a workspace should take over.
  public static let labKit = 1
  public static let starter = 1
}

/// A student's course folder: `.lab/`, and a folder a week.
public struct Course: Sendable {
  public let folder: URL

  public var hidden: URL { folder.appendingPathComponent(".lab") }
  public var database: String { hidden.appendingPathComponent("progress.sqlite").path }

  public func folder(of suite: Suite) -> URL { folder.appendingPathComponent(suite.week) }

  private struct Versions: Codable {
    var lab: String
    var labKit: Int
    var protocolVersion: Int
    var starters: [String: Int]
  }

  private static func versionsFile(in folder: URL) -> URL {
    folder.appendingPathComponent(".lab/course.json")
  }

  /// The course folder that `directory` lies in.
  public static func containing(_ directory: URL) throws -> Course {
    var candidate = directory.standardizedFileURL
    while true {
      if FileManager.default.fileExists(atPath: versionsFile(in: candidate).path) {
        let course = Course(folder: candidate)
        _ = try course.versions()
        return course
      }
      let parent = candidate.deletingLastPathComponent().standardizedFileURL
      guard parent.path != candidate.path else {
        throw LabError(
          """
          this is no course folder, and none of the folders above it is: \(directory.path)
          Go to your course folder, or make one here with: lab start week1
          """)
      }
      candidate = parent
    }
  }

  private func versions() throws -> Versions {
    let file = Self.versionsFile(in: folder)
    let versions: Versions
    do {
      versions = try JSONDecoder().decode(Versions.self, from: Data(contentsOf: file))
    } catch {
      throw LabError(
        """
        \(file.path) is damaged: it should hold the versions of this course as JSON. Nothing was changed.
        Move it away and type `lab start week1` here: it writes a new one and leaves your files as they are.
        """)
    }
    guard versions.labKit <= CourseVersion.labKit else {
      throw LabError(
        "this course folder was made by a newer lab (\(versions.lab)); this is \(CourseVersion.lab). Install the newer one."
      )
    }
    return versions
  }

  /// Unpacks a week. Never touches a file that is there already. Returns what it did, a line each.
  public static func start(_ suite: Suite, in directory: URL, language: String) throws -> [String] {
    let files = FileManager.default
    if files.fileExists(atPath: directory.appendingPathComponent("Labs/LabKit/Package.swift").path) {
      throw LabError(
        "this is lab's own source folder. Make an empty folder for the course and type `lab start` there.")
    }
    let course = (try? containing(directory)) ?? Course(folder: directory.standardizedFileURL)
    if files.fileExists(atPath: versionsFile(in: course.folder).path) { _ = try course.versions() }
    var report: [String] = []
    let resources = try CourseFiles.folder()
    try files.createDirectory(at: course.hidden, withIntermediateDirectories: true)
    if try course.refreshLabKit(from: resources) { report.append("LabKit in .lab/LabKit is up to date now") }

    let starter = resources.appendingPathComponent(suite.folder)
    let week = course.folder(of: suite)
    var isDirectory: ObjCBool = false
    if files.fileExists(atPath: week.path, isDirectory: &isDirectory), !isDirectory.boolValue {
      throw LabError("\(week.path) is a file; the week needs a folder of that name. Move the file away.")
    }
    var created = 0
    var kept = 0
    for path in try sourceFiles(in: starter) {
      let target = week.appendingPathComponent(targetName(path, language))
      if files.fileExists(atPath: target.path) {
        kept += 1
        continue
      }
      try files.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
      try copyWhole(starter.appendingPathComponent(path), to: target)
      created += 1
    }
    report.append(
      kept == 0
        ? "\(suite.week)/ holds \(created) new files"
        : "\(suite.week)/ was there: \(kept) files kept as they are, \(created) missing ones added")
    var starters = (try? course.versions().starters) ?? [:]
    starters[suite.week] = starters[suite.week] ?? CourseVersion.starter
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try encoder.encode(
      Versions(
        lab: CourseVersion.lab, labKit: CourseVersion.labKit, protocolVersion: hostProtocolVersion,
        starters: starters)
    ).write(to: versionsFile(in: course.folder), options: .atomic)
    return report
  }

  /// The handout of the language asked for is README.md; the other one keeps its own name beside it.
  private static func targetName(_ path: String, _ language: String) -> String {
    switch (path, language) {
    case ("gitignore", _): ".gitignore"
    case ("README.md", "ko"): "README.en.md"
    case ("README.ko.md", "ko"): "README.md"
    default: path
    }
  }

  /// Makes `.lab/LabKit` what this `lab` brings. True if anything changed.
  public func refreshLabKit(from resources: URL) throws -> Bool {
    let source = resources.appendingPathComponent("LabKit")
    let target = hidden.appendingPathComponent("LabKit")
    let wanted = try Self.sourceFiles(in: source)
    let files = FileManager.default
    let isSame =
      try files.fileExists(atPath: target.path)
      && Self.sourceFiles(in: target) == wanted
      && wanted.allSatisfy {
        files.contentsEqual(
          atPath: source.appendingPathComponent($0).path, andPath: target.appendingPathComponent($0).path)
      }
    guard !isSame else { return false }
    // Built beside and renamed, so that an interrupted start leaves no half of it.
    let fresh = hidden.appendingPathComponent("LabKit.\(getpid())")
    try? files.removeItem(at: fresh)
    for path in wanted {
      let file = fresh.appendingPathComponent(path)
      try files.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try files.copyItem(at: source.appendingPathComponent(path), to: file)
    }
    try? files.removeItem(at: target)
    try files.moveItem(at: fresh, to: target)
    return true
  }

  private static func copyWhole(_ source: URL, to target: URL) throws {
    let partial = target.deletingLastPathComponent().appendingPathComponent(
      ".\(target.lastPathComponent).partial")
    try? FileManager.default.removeItem(at: partial)
    try FileManager.default.copyItem(at: source, to: partial)
    try FileManager.default.moveItem(at: partial, to: target)
  }

  /// The regular files below a folder, by their paths in it, sorted; hidden ones left out.
  public static func sourceFiles(in folder: URL) throws -> [String] {
    guard
      let walk = FileManager.default.enumerator(
        at: folder, includingPropertiesForKeys: [.isRegularFileKey], options: [.skipsHiddenFiles])
    else { throw LabError("cannot read the folder \(folder.path)") }
    let prefix = folder.standardizedFileURL.resolvingSymlinksInPath().path + "/"
    var paths: [String] = []
    for case let file as URL in walk
    where try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true {
      let path = file.standardizedFileURL.resolvingSymlinksInPath().path
      if path.hasPrefix(prefix) { paths.append(String(path.dropFirst(prefix.count))) }
    }
    return paths.sorted()
  }
}

extension Course {
  /// Where the course's files lie, for a person to read.
  public static func resourcesPath() throws -> String { try CourseFiles.folder().path }
}
