import Foundation
import Glibc
import LabKit

/// The student's code did not compile.
public struct BuildFailure: Error, Sendable, CustomStringConvertible {
  /// The compiler's errors, with paths as the student knows them.
  public let errors: [String]
  public let logFile: String

  public var description: String {
    (errors.isEmpty ? ["the build failed without an error message of the compiler"] : errors)
      .joined(separator: "\n") + "\nThe whole log is in \(logFile)"
  }
}

/// Builds a week, and keeps what it built under a name made from the sources.
public struct SwiftBuild: Sendable {
  public enum Configuration: String, Sendable { case debug, release }

  public let course: Course
  public let suite: Suite
  public let configuration: Configuration

  public init(_ suite: Suite, in course: Course, _ configuration: Configuration = .debug) {
    self.suite = suite
    self.course = course
    self.configuration = configuration
  }

  /// A digest of the week's sources, of LabKit's, and of which toolchain builds them.
  public func sourceDigest() throws -> String {
    var digest: UInt64 = 0
    for (path, content) in try sourceDigests().sorted(by: { $0.key < $1.key }) {
      digest = Mixing.combine(Mixing.combine(digest, stableHash(path)), content)
    }
    let tool = try Toolchain.swift()
    digest = Mixing.combine(digest, stableHash(tool.resolvingSymlinksInPath().path))
    return String(digest, radix: 16)
  }

  /// The digest of each source file, by its path in the week's package or in LabKit's.
  private func sourceDigests() throws -> [String: UInt64] {
    let week = course.folder(of: suite)
    guard FileManager.default.fileExists(atPath: week.path) else {
      throw LabError("\(suite.week)/ is not in \(course.folder.path). Type: lab start \(suite.week)")
    }
    var digests: [String: UInt64] = [:]
    for folder in [week, course.hidden.appendingPathComponent("LabKit")] {
      for path in try Course.sourceFiles(in: folder) where path.hasSuffix(".swift") {
        let content = stableHash(try Data(contentsOf: folder.appendingPathComponent(path)))
        // Both packages have a Package.swift.
        digests[path] = digests[path].map { Mixing.combine($0, content) } ?? content
      }
    }
    return digests
  }

  /// The built program's path. Builds only if these sources were not built before; one build at a time.
  ///
  /// Sources that change while they are built are built again.
  ///
  /// - Throws: A `BuildFailure` if the code does not build.
  public func build(waiting: () -> Void = {}) throws -> String {
    for _ in 0..<5 {
      if let program = try buildOnce(waiting: waiting) { return program }
    }
    throw LabError(
      "\(suite.week)/ changes all the time while it is built. Save it, and type the command again.")
  }

  /// Nil if the sources have changed meanwhile.
  private func buildOnce(waiting: () -> Void) throws -> String? {
    let files = FileManager.default
    let binaries = course.hidden.appendingPathComponent("bin")
    try files.createDirectory(at: binaries, withIntermediateDirectories: true)
    let binary = binaries.appendingPathComponent(
      "\(suite.week)-\(try sourceDigest())-\(configuration.rawValue)")
    if files.fileExists(atPath: binary.path) { return binary.path }
    let lock = open(
      course.hidden.appendingPathComponent("build.lock").path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard lock >= 0 else {
      throw LabError("cannot write in \(course.hidden.path): \(String(cString: strerror(errno)))")
    }
    defer { close(lock) }
    if flock(lock, LOCK_EX | LOCK_NB) != 0 {
      waiting()
      while flock(lock, LOCK_EX) != 0 && errno == EINTR {}
    }
    if files.fileExists(atPath: binary.path) { return binary.path }
    let scratch = course.hidden.appendingPathComponent("build")
    let digests = try sourceDigests()
    let sources = BuiltSources(scratch: scratch, configuration: configuration, digests: digests)
    try sources.removeOutdatedObjects()
    try run(scratch)
    // An edit while the compiler ran: what was built is neither the one nor the other for certain.
    guard try sourceDigests() == digests else { return nil }
    try sources.noteBuilt()
    let built = scratch.appendingPathComponent("\(configuration.rawValue)/\(suite.product)")
    guard files.fileExists(atPath: built.path) else {
      throw LabError(
        "the build made no \(suite.product). Is the product still in \(suite.week)/Package.swift?")
    }
    let uses = try ForbiddenSymbols.uses(
      inModules: suite.modules, of: scratch.appendingPathComponent(configuration.rawValue))
    try JSONEncoder().encode(uses).write(to: Self.usesFile(of: binary.path), options: .atomic)
    let partial = binaries.appendingPathComponent(".partial-\(getpid())")
    try? files.removeItem(at: partial)
    try files.copyProgram(at: built, to: partial)
    try? files.removeItem(at: binary)
    try files.moveItem(at: partial, to: binary)
    try removeOldBinaries(in: binaries, keeping: 8)
    return binary.path
  }

  private func run(_ scratch: URL) throws {
    let logFile = course.hidden.appendingPathComponent("build.log")
    _ = FileManager.default.createFile(atPath: logFile.path, contents: nil)
    let writer = try FileHandle(forWritingTo: logFile)
    defer { try? writer.close() }
    guard FileManager.default.fileExists(atPath: course.folder(of: suite).path + "/Package.swift") else {
      let missing =
        "\(suite.week)/Package.swift is missing. Type `lab start \(suite.week)`: it adds what is missing and leaves "
        + "your files as they are"
      try writer.write(contentsOf: Data("error: \(missing)\n".utf8))
      throw BuildFailure(errors: [missing], logFile: logFile.path)
    }
    let process = Process()
    process.executableURL = try Toolchain.swift()
    process.arguments = [
      "build", "--package-path", course.folder(of: suite).path, "--scratch-path", scratch.path,
      "--configuration", configuration.rawValue, "--product", suite.product,
    ]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = writer
    process.standardError = writer
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus != 0 || process.terminationReason != .exit else { return }
    let text = (try? String(contentsOf: logFile, encoding: .utf8)) ?? ""
    let log = BuildLog(text: text, folder: course.folder(of: suite))
    throw BuildFailure(errors: log.errors, logFile: logFile.path)
  }

  private static func usesFile(of program: String) -> URL {
    let binary = URL(fileURLWithPath: program)
    return binary.deletingLastPathComponent().appendingPathComponent(".\(binary.lastPathComponent).uses")
  }

  /// What a built program's code uses although a node may not: clocks, files, shared state.
  public static func forbiddenUses(of program: String) -> [ForbiddenUse] {
    guard let data = try? Data(contentsOf: usesFile(of: program)) else { return [] }
    return (try? JSONDecoder().decode([ForbiddenUse].self, from: data)) ?? []
  }

  private func removeOldBinaries(in folder: URL, keeping count: Int) throws {
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: [.contentModificationDateKey], options: [.skipsHiddenFiles])
    let dated = files.map {
      (
        $0,
        (try? $0.resourceValues(forKeys: [.contentModificationDateKey]).contentModificationDate)
          ?? .distantPast
      )
    }
    // A program that runs keeps its file until it ends, unlinked or not.
    for (file, _) in dated.sorted(by: { $0.1 > $1.1 }).dropFirst(count) {
      try? FileManager.default.removeItem(at: file)
      try? FileManager.default.removeItem(at: Self.usesFile(of: file.path))
    }
  }
}
