import CourseFiles
import Foundation
import LabKit

/// The version of `lab` and of what it hands out.
public enum CourseVersion {
  public static let lab = "0.1.0"
  /// Rises whenever LabKit's sources change in a way that a workspace should take over.
  public static let labKit = 3
  public static let starter = 1
}

/// The languages that handouts and hints come in.
public enum CourseLanguage: String, Sendable, CaseIterable, Codable {
  case english = "en"
  case korean = "ko"

  public var name: String {
    switch self {
    case .english: "English"
    case .korean: "Korean"
    }
  }

  /// The file of a text in this language: "1A.md" in English, "1A.ko.md" in Korean.
  public func fileName(_ name: String) -> String {
    self == .english ? "\(name).md" : "\(name).\(rawValue).md"
  }
}

/// A student's course folder: `.lab/`, and a folder a week.
public struct Course: Sendable {
  public let folder: URL

  public init(folder: URL) { self.folder = folder }

  public var hidden: URL { folder.appendingPathComponent(".lab") }
  public var database: String { hidden.appendingPathComponent("progress.sqlite").path }

  public func folder(of suite: Suite) -> URL { folder.appendingPathComponent(suite.week) }

  /// What `.lab/course.json` holds.
  struct Versions: Codable, Equatable {
    var lab = CourseVersion.lab
    var labKit = CourseVersion.labKit
    var protocolVersion = hostProtocolVersion
    /// The version of each week's starter that the student has.
    var starters: [String: Int] = [:]
    var language: CourseLanguage?
  }

  static func versionsFile(in folder: URL) -> URL { folder.appendingPathComponent(".lab/course.json") }

  /// The course folder that `directory` lies in.
  ///
  /// Throws `CourseError` if there is none, if its file of versions is damaged, or if a newer `lab` made it.
  public static func containing(_ directory: URL) throws -> Course {
    var candidate = directory.standardizedFileURL
    while true {
      if FileManager.default.fileExists(atPath: versionsFile(in: candidate).path) {
        let course = Course(folder: candidate)
        _ = try course.versions()
        return course
      }
      let parent = candidate.deletingLastPathComponent().standardizedFileURL
      guard parent.path != candidate.path else { throw CourseError.notACourse(folder: directory.path) }
      candidate = parent
    }
  }

  func versions() throws(CourseError) -> Versions {
    let file = Self.versionsFile(in: folder)
    guard let data = try? Data(contentsOf: file),
      let versions = try? JSONDecoder().decode(Versions.self, from: data)
    else { throw CourseError.damaged(file: file.path) }
    guard versions.labKit <= CourseVersion.labKit, versions.protocolVersion <= hostProtocolVersion else {
      throw CourseError.newer(made: versions.lab, this: CourseVersion.lab)
    }
    return versions
  }

  func write(_ versions: Versions) throws(CourseError) {
    let file = Self.versionsFile(in: folder)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try Self.writing(file) { try encoder.encode(versions).write(to: file, options: .atomic) }
  }

  /// The language that the student chose for handout and hints.
  public var language: CourseLanguage { (try? versions().language) ?? .english }

  /// Names the file if it cannot be written.
  static func writing<Value>(_ file: URL, _ body: () throws -> Value) throws(CourseError) -> Value {
    do { return try body() } catch {
      let reason =
        switch (error as? CocoaError)?.code {
        case .fileWriteNoPermission?, .fileReadNoPermission?: "permission denied"
        case .fileWriteVolumeReadOnly?: "the file system is read-only"
        case .fileWriteOutOfSpace?: "no space is left"
        default: error.localizedDescription
        }
      throw CourseError.notWritable(path: file.path, reason: reason)
    }
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
