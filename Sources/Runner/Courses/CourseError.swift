/// Why a folder cannot be used as a course folder. Nothing was changed in any of these cases.
public enum CourseError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Neither this folder nor one above it is a course folder.
  case notACourse(folder: String)
  /// `lab`'s own sources are no place for a course.
  case ownSources(folder: String)
  /// The file of versions is not what `lab` wrote.
  case damaged(file: String)
  /// A newer `lab` made the folder.
  case newer(made: String, this: String)
  case notStarted(week: String, folder: String)
  /// A file has the name of a folder that is needed, or a folder that of a file.
  case inTheWay(path: String, isFolder: Bool)
  case notWritable(path: String, reason: String)

  public var description: String {
    switch self {
    case .notACourse(let folder):
      """
      this is no course folder, and none of the folders above it is: \(folder)
      Go to your course folder, or make one here with: lab start week1
      """
    case .ownSources(let folder):
      """
      \(folder) is lab's own source folder. Make an empty folder for the course and type there: lab start week1
      """
    case .damaged(let file):
      """
      \(file) is damaged: it should hold the versions of this course as JSON. Nothing was changed.
      Move it away and type `lab start week1` here: it writes a new one and leaves your files as they are.
      """
    case .newer(let made, let this):
      "this course folder was made by a newer lab (\(made)); this is \(this). Install the newer one."
    case .notStarted(let week, let folder):
      "\(week) has not been started in \(folder). Type: lab start \(week)"
    case .inTheWay(let path, let isFolder):
      isFolder
        ? "\(path) is a folder; a file of that name is needed. Move the folder away."
        : "\(path) is a file; a folder of that name is needed. Move the file away."
    case .notWritable(let path, let reason):
      "cannot write \(path): \(reason). Make the folder writable for you, or choose another."
    }
  }
}
