import Foundation
import Testing

/// A course folder whose programs are built already. They are built once and kept in `.build` for the next time.
enum PreparedCourse {
  /// What is in the student's files.
  enum Code: CaseIterable {
    /// As handed out.
    case starter
    case solution
    /// The solution with a comment more: another digest, the same behaviour.
    case commented
    /// The solution, but one vote less makes a leader.
    case broken
    /// The solution, but a leader answers reads without asking whether it still leads.
    case staleReads
  }

  private static let files = FileManager.default

  /// The folder in which everything is built.
  static func original() throws -> URL { try prepared.get() }

  private static let prepared = Result { () throws -> URL in
    let folder = LabProcess.repository.appendingPathComponent(".build/courses/command-line")
    try files.createDirectory(at: folder, withIntermediateDirectories: true)
    try #require(try LabProcess.run("start", "week1", in: folder).status == 0)
    for code in Code.allCases {
      try write(code, in: folder)
      let result = try LabProcess.run("test", "1A.elect", "--seeds", "1", in: folder)
      try #require([0, 1].contains(result.status), "\(result.output)\(result.errors)")
    }
    return folder
  }

  /// A copy in a folder of its own, without records.
  static func copy(_ code: Code = .solution) throws -> URL {
    let original = try original()
    let copy = files.temporaryDirectory.appendingPathComponent("lab-course-\(UUID())")
    try files.createDirectory(at: copy.appendingPathComponent(".lab"), withIntermediateDirectories: true)
    for part in ["week1", ".lab/LabKit", ".lab/bin", ".lab/course.json"] {
      try files.copyItem(at: original.appendingPathComponent(part), to: copy.appendingPathComponent(part))
    }
    try write(code, in: copy)
    return copy
  }

  /// Makes the student's files what is asked for.
  static func write(_ code: Code, in course: URL) throws {
    let place = course.appendingPathComponent("week1/Sources/Raft")
    let source = code == .starter ? "Labs/week1-raft" : "Solutions/week1-raft"
    let from = LabProcess.repository.appendingPathComponent("\(source)/Sources/Raft")
    let program = try Data(
      contentsOf: LabProcess.repository.appendingPathComponent("\(source)/Sources/week1-node/main.swift"))
    try program.write(to: course.appendingPathComponent("week1/Sources/week1-node/main.swift"))
    for old in try files.contentsOfDirectory(atPath: place.path) {
      try files.removeItem(at: place.appendingPathComponent(old))
    }
    for name in try files.contentsOfDirectory(atPath: from.path) {
      var text = try String(contentsOf: from.appendingPathComponent(name), encoding: .utf8)
      if code == .broken && name == "Raft+Election.swift" {
        try #require(text.contains("isMajority(votes)"))
        text = text.replacing("isMajority(votes)", with: "2 * votes.count >= log.members.count - 1")
      }
      if code == .staleReads && name == "KeyValueServer+Operations.swift" {
        let line = "    var round = 0\n"
        try #require(text.contains(line))
        let answer = "    context.reply(.value(replicated.store.value(of: key)), to: token)\n    return\n"
        text = text.replacing(line, with: answer + line)
      }
      if code == .commented && name == "Raft.swift" { text += "// One line more.\n" }
      try text.write(to: place.appendingPathComponent(name), atomically: true, encoding: .utf8)
    }
  }
}

extension Tag {
  /// Takes long; left out where `LAB_SKIP_SLOW` is set.
  @Tag static var slow: Self
}

/// Whether tests that take long are to run.
let runsSlowTests = ProcessInfo.processInfo.environment["LAB_SKIP_SLOW"] == nil
