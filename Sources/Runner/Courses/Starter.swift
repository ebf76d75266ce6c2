import CourseFiles
import Foundation

/// What a week hands out: its files by their names in the student's folder.
struct Starter {
  /// Names in the student's folder, and the file of each.
  let files: [(name: String, source: URL)]

  /// Hints stay with `lab`: they are shown one at a time.
  private static let kept = "Hints/"

  /// - Parameter courseFiles: where the course's files lie, if not beside this program.
  init(_ suite: Suite, in courseFiles: URL? = nil) throws {
    let source = try (courseFiles ?? CourseFiles.folder()).appendingPathComponent(suite.folder)
    files = try Course.sourceFiles(in: source).filter { !$0.hasPrefix(Self.kept) }.map {
      // A hidden file would not travel with the course's files.
      ($0 == "gitignore" ? ".gitignore" : $0, source.appendingPathComponent($0))
    }
  }
}
