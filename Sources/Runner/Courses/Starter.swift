import CourseFiles
import Foundation

/// What a week hands out: its files by their names in the student's folder.
struct Starter {
  /// Names in the student's folder, and the file of each.
  let files: [(name: String, source: URL)]

  /// Hints stay with `lab`, which shows them one at a time, and pictures, which it draws.
  private static let kept = ["Hints/", "Pictures/"]

  /// - Parameter courseFiles: where the course's files lie, if not beside this program.
  init(_ suite: Suite, in courseFiles: URL? = nil) throws {
    let source = try (courseFiles ?? CourseFiles.folder()).appendingPathComponent(suite.folder)
    files = try Course.sourceFiles(in: source).filter { !Self.kept.contains(where: $0.hasPrefix) }.map {
      // A hidden file would not travel with the course's files.
      ($0 == "gitignore" ? ".gitignore" : $0, source.appendingPathComponent($0))
    }
  }
}
