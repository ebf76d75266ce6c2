import Foundation
import LabKit

/// What each source file held when a scratch folder's object files were made from it.
///
/// The Swift driver knows a source file by its time of modification alone. Another content with the same time, from an
/// unpacked archive, from a copy that keeps times or from two edits within one tick of the file system's clock, keeps
/// the older object file. So `lab` compares contents, and removes the objects of the files that have changed: the
/// driver makes those anew, and builds the rest as it sees fit.
struct BuiltSources {
  private let file: URL
  private let products: URL
  private let digests: [String: UInt64]

  /// - Parameters:
  ///   - scratch: The folder that the build works in.
  ///   - digests: The digest of each source file now, by its path in its package: `Sources/Raft/Raft.swift`.
  init(scratch: URL, configuration: SwiftBuild.Configuration, digests: [String: UInt64]) {
    file = scratch.appendingPathComponent("sources-\(configuration.rawValue).json")
    products = scratch.appendingPathComponent(configuration.rawValue)
    self.digests = digests
  }

  /// Removes the object files of sources that have changed since they were built; all if that is not known.
  ///
  /// The changed files are forgotten before they are built, so that a build that fails or is interrupted does not pass
  /// for one that was done.
  func removeOutdatedObjects() throws {
    let files = FileManager.default
    let known = (try? JSONDecoder().decode([String: UInt64].self, from: Data(contentsOf: file))) ?? [:]
    for (path, digest) in digests where known[path] != digest {
      guard let object = object(of: path) else { continue }
      if files.fileExists(atPath: object.path) { try files.removeItem(at: object) }
    }
    try files.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try write(known.filter { digests[$0.key] == $0.value })
  }

  /// Notes that every source has been built as it is.
  func noteBuilt() throws { try write(digests) }

  private func write(_ known: [String: UInt64]) throws {
    try JSONEncoder().encode(known).write(to: file, options: .atomic)
  }

  /// Where the build puts what it makes of a source: `Raft.build/Raft.swift.o`.
  private func object(of path: String) -> URL? {
    let parts = path.split(separator: "/")
    guard parts.count >= 3, parts[0] == "Sources", let name = parts.last else { return nil }
    let module = String(parts[1].map { $0.isLetter || $0.isNumber ? $0 : "_" })
    return products.appendingPathComponent("\(module).build/\(name).o")
  }
}
