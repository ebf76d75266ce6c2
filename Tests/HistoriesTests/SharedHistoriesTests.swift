import Checkers
import Foundation
import Histories
import Testing

/// The folder of recorded histories: in the folder that LAB_SHARED names, or in `shared` beside a folder above.
enum SharedHistories {
  static let folder: URL? = {
    let inside = "data/histories"
    var candidates: [URL] = []
    if let shared = ProcessInfo.processInfo.environment["LAB_SHARED"] {
      candidates.append(URL(fileURLWithPath: shared).appendingPathComponent(inside))
    }
    for start in [#filePath, FileManager.default.currentDirectoryPath + "/."] {
      var folder = URL(fileURLWithPath: start).deletingLastPathComponent()
      while folder.path != "/" {
        candidates.append(folder.appendingPathComponent("shared/\(inside)"))
        folder = folder.deletingLastPathComponent()
      }
    }
    return candidates.first {
      FileManager.default.fileExists(atPath: $0.appendingPathComponent("verdicts.tsv").path)
    }
  }()

  /// Each file's name and verdict; none where the folder is absent.
  static let verdicts: [(file: String, verdict: String)] = {
    guard let folder,
      let table = try? String(contentsOf: folder.appendingPathComponent("verdicts.tsv"), encoding: .utf8)
    else { return [] }
    return table.split(separator: "\n").map { line in
      let fields = line.split(separator: "\t")
      return (String(fields[0]), fields.count > 1 ? String(fields[1]) : "")
    }
  }()

  static func history(_ file: String) throws -> RecordedHistory {
    let folder = try #require(folder)
    let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
    let isOfRegister = file.hasPrefix("etcd/")
    return try RecordedHistory(
      text, named: file, format: isOfRegister ? .etcd : .keyValue, model: isOfRegister ? .register : .keyValue
    )
  }
}

@Suite("Recorded histories of real systems")
struct SharedHistoriesTests {
  @Test(
    "are judged as their verdicts say, and what contradicts is named",
    .enabled(if: SharedHistories.folder != nil, "skipped: there is no folder shared/data/histories"))
  func verdicts() throws {
    #expect(SharedHistories.verdicts.count >= 57)
    for (file, expected) in SharedHistories.verdicts {
      switch try SharedHistories.history(file).check() {
      case .holds: #expect(expected == "Ok", "\(file)")
      case .violated(let violation):
        #expect(expected == "Illegal", "\(file): \(violation)")
        let contradiction = try #require(violation.contradiction)
        #expect(Set(contradiction.returned).isSubset(of: contradiction.order), "\(file)")
        #expect(!contradiction.order.contains(contradiction.culprit), "\(file)")
      case .undecided(let reason): Issue.record("\(file): \(reason)")
      }
    }
  }
}
