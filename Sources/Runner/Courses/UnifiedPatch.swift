import Foundation

/// A patch in the unified format, applied exactly: a hunk that does not fit is an error, never a guess.
public struct UnifiedPatch {
  private struct Hunk {
    var firstLine: Int
    var before: [String] = []
    var after: [String] = []
  }

  public let file: URL
  /// The lines before the first file: what the patch is, and where it is known from.
  public private(set) var header: [String] = []
  /// The stages that a header's line "Stages: 1A 1B" names, if it has one: the patch is for these alone.
  public var stages: [String]? {
    header.first { $0.hasPrefix("Stages: ") }?.split(separator: " ").dropFirst().map(String.init)
  }
  /// The scenario that a header's line "Caught by: 1C.churn" expects to find the planted bug, if it has one.
  public var expectedCatcher: String? {
    header.first { $0.hasPrefix("Caught by: ") }.map { String($0.dropFirst("Caught by: ".count)) }
  }
  /// The mistake of the handouts that a header's line "Mistake: 1C.3" says the patch makes, if it has one.
  public var mistake: (stage: String, number: Int)? {
    let name = header.first { $0.hasPrefix("Mistake: ") }?.dropFirst("Mistake: ".count)
    guard let parts = name?.split(separator: "."), parts.count == 2, let number = Int(parts[1]) else {
      return nil
    }
    return (String(parts[0]), number)
  }
  private var hunks: [(path: String, hunk: Hunk)] = []

  public init(file: URL) throws {
    self.file = file
    var path: String?
    var hunk: Hunk?
    func close() { if let path, let hunk { hunks.append((path, hunk)) } }
    for line in try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n") {
      if line.hasPrefix("--- ") {
        close()
        hunk = nil
      } else if line.hasPrefix("+++ ") {
        let name = line.dropFirst(4).prefix { $0 != "\t" }
        path = String(name.hasPrefix("b/") ? name.dropFirst(2) : name)
      } else if line.hasPrefix("@@ ") {
        close()
        let first = line.dropFirst(4).prefix { $0.isNumber }
        guard let number = Int(first) else { throw LabError("\(file.path): unreadable hunk header: \(line)") }
        hunk = Hunk(firstLine: number)
      } else if hunk != nil {
        switch line.first {
        case "-": hunk?.before.append(String(line.dropFirst()))
        case "+": hunk?.after.append(String(line.dropFirst()))
        case " ":
          hunk?.before.append(String(line.dropFirst()))
          hunk?.after.append(String(line.dropFirst()))
        default: break
        }
      } else if path == nil {
        header.append(line)
      }
    }
    close()
    guard !hunks.isEmpty else { throw LabError("\(file.path) holds no change in the unified format") }
  }

  /// Applies every hunk; the text is looked for at its line first, then anywhere, but must be there exactly once.
  public func apply(to contents: inout [String: Data]) throws {
    for (path, hunk) in hunks {
      guard let data = contents[path] else {
        throw LabError("\(file.path) changes \(path), which does not exist")
      }
      var lines = String(decoding: data, as: UTF8.self).components(separatedBy: "\n")
      let places = lines.indices.filter { start in
        start + hunk.before.count <= lines.count
          && Array(lines[start..<(start + hunk.before.count)]) == hunk.before
      }
      guard places.count == 1, let place = places.first else {
        throw LabError(
          "\(file.path): the hunk at line \(hunk.firstLine) of \(path) fits \(places.count) places; it must fit one"
        )
      }
      lines.replaceSubrange(place..<(place + hunk.before.count), with: hunk.after)
      contents[path] = Data(lines.joined(separator: "\n").utf8)
    }
  }
}
