import CourseFiles
import Foundation

/// A course folder made from the reference solution, for the course's own checks.
public enum SolutionCourse {
  /// The repository that this program was built in: found upward from the current folder, then from the executable.
  public static func repository() throws -> URL {
    let starts = [
      URL(fileURLWithPath: FileManager.default.currentDirectoryPath),
      URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath(),
    ]
    for start in starts {
      var candidate = start
      while candidate.path != "/" {
        if FileManager.default.fileExists(atPath: candidate.appendingPathComponent("Solutions").path) {
          return candidate
        }
        candidate.deleteLastPathComponent()
      }
    }
    throw LabError(
      "the reference solutions are not here: run this inside a checkout of the course's repository")
  }

  /// A folder with the starter, the solution's sources in their place, and a patch if one is given.
  ///
  /// The folder is this process's own until it ends: another `lab` in the same checkout gets another one.
  public static func make(_ suite: Suite, named name: String, patch: URL? = nil) throws -> Course {
    let repository = try repository()
    let files = FileManager.default
    let folder = try FolderSlots.folder(
      named: "\(suite.week)-\(name)", in: repository.appendingPathComponent(".build/courses"))
    try files.createDirectory(at: folder.appendingPathComponent(".lab"), withIntermediateDirectories: true)
    let course = Course(folder: folder)
    let resources = try CourseFiles.folder()
    _ = try course.refreshLabKit(from: resources)
    let solution = repository.appendingPathComponent("Solutions/\(suite.folder)")
    let week = course.folder(of: suite)
    var contents: [String: Data] = [:]
    for file in try Starter(suite).files { contents[file.name] = try Data(contentsOf: file.source) }
    for path in try Course.sourceFiles(in: solution) {
      contents[path] = try Data(contentsOf: solution.appendingPathComponent(path))
    }
    if let patch { try UnifiedPatch(file: patch).apply(to: &contents) }
    for path in (try? Course.sourceFiles(in: week)) ?? []
    where contents[path] == nil && !path.hasPrefix(".build") {
      try files.removeItem(at: week.appendingPathComponent(path))
    }
    for (path, data) in contents {
      let file = week.appendingPathComponent(path)
      // Files that are the same already keep their times, and the build its work.
      if let present = try? Data(contentsOf: file), present == data { continue }
      try files.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try data.write(to: file, options: .atomic)
    }
    return course
  }
}
