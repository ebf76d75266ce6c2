import Foundation

/// The Swift toolchain that builds a student's code.
enum Toolchain {
  /// The `swift` tool that the PATH names first.
  static func swift() throws -> URL {
    for folder in (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":") {
      let tool = URL(fileURLWithPath: String(folder)).appendingPathComponent("swift")
      if FileManager.default.isExecutableFile(atPath: tool.path) { return tool }
    }
    throw LabError("there is no `swift` on the PATH. Install a Swift 6 toolchain; `lab doctor` says more.")
  }

  /// The program that prints the stack of a Swift process that has trapped, if there is one.
  ///
  /// It is looked for beside the `swift` tool, then beside the standard library that `lab` itself runs on: a
  /// toolchain manager's `swift` lies elsewhere than the toolchain.
  static let backtracer: String? = {
    var roots: [URL] = []
    if let tool = try? swift() {
      roots.append(tool.resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent())
    }
    let maps = (try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8)) ?? ""
    let library = "/lib/swift/linux/libswiftCore.so"
    if let line = maps.split(separator: "\n").first(where: { $0.hasSuffix(library) }),
      let path = line.split(separator: " ", maxSplits: 5).last
    {
      let root = path.dropLast(library.count).drop { $0 == " " }
      roots.append(URL(fileURLWithPath: String(root)))
    }
    return roots.map { $0.appendingPathComponent("libexec/swift/linux/swift-backtrace").path }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }()
}
