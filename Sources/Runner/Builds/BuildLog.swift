import Foundation

/// What a build wrote, and the errors in it that are the student's to mend.
struct BuildLog {
  let text: String
  /// The week's folder, whose files are named as the student knows them.
  let folder: URL

  /// At most ten errors, each once, in the order in which they were found.
  ///
  /// What only says that another line is an error is left out where there is such a line.
  var errors: [String] {
    let prefix = folder.resolvingSymlinksInPath().path + "/"
    var seen: Set<String> = []
    let all = text.components(separatedBy: "\n")
      .filter { $0.contains("error: ") && !$0.hasPrefix(" ") && seen.insert($0).inserted }
      .map { $0.replacingOccurrences(of: prefix, with: "") }
    let own = all.filter { line in !Self.summaries.contains { line.hasPrefix($0) || line.contains($0) } }
    return Array((own.isEmpty ? all.map(explained) : own.map(explained)).prefix(10))
  }

  private static let summaries = [
    "error: fatalError", "error: emit-module", "error: link command failed", "clang: error: ",
    ": Invalid manifest (compiled with", "error: cancelled",
  ]

  /// SwiftPM's words for what a student does not see as SwiftPM's, with what to do.
  private func explained(_ line: String) -> String {
    if line.hasPrefix("error: no product named ") {
      let product = line.dropFirst("error: no product named ".count)
      return
        "\(folder.lastPathComponent)/Package.swift has no product \(product) any more; lab runs that one. "
        + "Put its target back: `lab start --update` writes the original beside your file"
    }
    return line
  }
}
