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

  /// A digest of the week's sources and of LabKit's.
  public func sourceDigest() throws -> String {
    var digest: UInt64 = 0
    let week = course.folder(of: suite)
    guard FileManager.default.fileExists(atPath: week.path) else {
      throw LabError("\(suite.week)/ is not in \(course.folder.path). Type: lab start \(suite.week)")
    }
    for folder in [week, course.hidden.appendingPathComponent("LabKit")] {
      for path in try Course.sourceFiles(in: folder) where path.hasSuffix(".swift") {
        let data = try Data(contentsOf: folder.appendingPathComponent(path))
        digest = Mixing.combine(Mixing.combine(digest, stableHash(path)), stableHash(data))
      }
    }
    let tool = try Toolchain.swift()
    digest = Mixing.combine(digest, stableHash(tool.resolvingSymlinksInPath().path))
    return String(digest, radix: 16)
  }

  /// The built program's path. Builds only if these sources were not built before; one build at a time.
  public func build(waiting: () -> Void = {}) throws -> String {
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
    forgetIncrementalState(in: scratch)
    try run(scratch)
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
    try files.copyItem(at: built, to: partial)
    try? files.removeItem(at: binary)
    try files.moveItem(at: partial, to: binary)
    try removeOldBinaries(in: binaries, keeping: 8)
    return binary.path
  }

  /// Lets the compiler build the student's modules whole.
  ///
  /// Builds in quick succession, a file changed between them, were seen to keep the older object file of that file; with
  /// this they were not. Why is not known. A verdict on code that is not the student's is worse than a slower build.
  private func forgetIncrementalState(in scratch: URL) {
    let files = FileManager.default
    let products = scratch.appendingPathComponent(configuration.rawValue)
    for module in (try? files.contentsOfDirectory(atPath: products.path)) ?? []
    where module.hasSuffix(".build") && module != "LabKit.build" {
      let folder = products.appendingPathComponent(module)
      for file in (try? files.contentsOfDirectory(atPath: folder.path)) ?? []
      where file.hasSuffix(".priors") || file.hasSuffix(".swiftdeps") || file.hasSuffix(".swift.o") {
        try? files.removeItem(at: folder.appendingPathComponent(file))
      }
    }
  }

  private func run(_ scratch: URL) throws {
    let logFile = course.hidden.appendingPathComponent("build.log")
    _ = FileManager.default.createFile(atPath: logFile.path, contents: nil)
    let log = try FileHandle(forWritingTo: logFile)
    defer { try? log.close() }
    let process = Process()
    process.executableURL = try Toolchain.swift()
    process.arguments = [
      "build", "--package-path", course.folder(of: suite).path, "--scratch-path", scratch.path,
      "--configuration", configuration.rawValue, "--product", suite.product,
    ]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = log
    process.standardError = log
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus != 0 || process.terminationReason != .exit else { return }
    let text = (try? String(contentsOf: logFile, encoding: .utf8)) ?? ""
    let prefix = course.folder(of: suite).resolvingSymlinksInPath().path + "/"
    var seen: Set<String> = []
    let errors = text.components(separatedBy: "\n")
      .filter { $0.contains("error: ") && !$0.hasPrefix(" ") && seen.insert($0).inserted }
      .map { $0.replacingOccurrences(of: prefix, with: "") }
      .filter { !$0.hasPrefix("error: fatalError") && !$0.hasPrefix("error: emit-module") }
    throw BuildFailure(errors: Array(errors.prefix(10)), logFile: logFile.path)
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
