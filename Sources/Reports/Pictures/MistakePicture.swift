import CourseFiles
import Foundation
import Runner

/// The picture behind one of the five mistakes of a stage's handout: a failing run of code that makes it.
///
/// The runs are kept with the course as `Pictures/1C.3.json`, without the lines of the code, and drawn as pages where a
/// student has the course. `lab verify --pictures` makes them from the planted bugs.
public struct MistakePicture: Sendable {
  /// "1C"
  public let stage: String
  /// Which of the five it is, counted from 1.
  public let number: Int
  public let trace: FailureTrace

  public init(stage: String, number: Int, trace: FailureTrace) {
    self.stage = stage
    self.number = number
    self.trace = trace
  }

  /// Where a mistake's run is kept.
  public static func file(_ stage: String, _ number: Int, in week: URL) -> URL {
    week.appendingPathComponent("Pictures/\(stage).\(number).json")
  }

  /// The name of a mistake's page.
  public var page: String { "\(stage).\(number).html" }

  /// The pictures of a stage's mistakes, in order.
  ///
  /// - Parameter courseFiles: where the course's files lie, if not beside this program.
  public static func all(of stage: Stage, in suite: Suite, courseFiles: URL? = nil) throws -> [MistakePicture]
  {
    let week = try (courseFiles ?? CourseFiles.folder()).appendingPathComponent(suite.folder)
    return try (1...5).compactMap { number in
      let file = file(stage.id, number, in: week)
      guard FileManager.default.fileExists(atPath: file.path) else { return nil }
      return MistakePicture(
        stage: stage.id, number: number, trace: try FailureTrace(json: Data(contentsOf: file)))
    }
  }

  /// Draws a week's pictures as pages in a folder, those that are as they should be left alone.
  public static func draw(_ suite: Suite, into folder: URL) throws {
    for picture in try suite.stages.flatMap({ try all(of: $0, in: suite) }) {
      let file = folder.appendingPathComponent(picture.page)
      let page = Data(try SpaceTimeDiagram.html(picture.trace.picture).utf8)
      if let present = try? Data(contentsOf: file), present == page { continue }
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try page.write(to: file, options: .atomic)
    }
  }
}
