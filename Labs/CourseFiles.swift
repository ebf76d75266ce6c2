import Foundation

/// What students receive: LabKit and the weeks' starters, as files beside the executable.
public enum CourseFiles {
  /// The folder that holds `LabKit`, and the weeks' starters.
  public static func folder() throws(CourseFilesMissing) -> URL {
    let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    let beside = executable.deletingLastPathComponent()
    var places = [
      beside.appendingPathComponent("distributed-lab_CourseFiles.resources"),
      beside.deletingLastPathComponent().appendingPathComponent("share/lab"),
    ]
    if let override = ProcessInfo.processInfo.environment["LAB_COURSE_FILES"] {
      places.insert(URL(fileURLWithPath: override), at: 0)
    }
    for place in places
    where FileManager.default.fileExists(atPath: place.appendingPathComponent("LabKit/Package.swift").path) {
      return place
    }
    throw CourseFilesMissing(places: places.map(\.path))
  }
}

/// The course's files are not where an installed `lab` has them.
public struct CourseFilesMissing: Error, CustomStringConvertible {
  public let places: [String]

  public var description: String {
    """
    the course's files are missing; looked in \(places.joined(separator: ", ")). \
    Build lab again, or set LAB_COURSE_FILES to the folder that holds LabKit.
    """
  }
}
