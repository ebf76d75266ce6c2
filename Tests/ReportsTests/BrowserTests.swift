import Foundation
import Reports
import Testing

/// What `Tests/Browser` needs: a browser, and Node to drive it.
private enum Browser {
  static let node = ["/usr/bin/node", "/usr/local/bin/node"].first(
    where: FileManager.default.isExecutableFile)
  static let program = [
    ProcessInfo.processInfo.environment["CHROMIUM"], "/usr/bin/chromium", "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
  ].compactMap(\.self).first(where: FileManager.default.isExecutableFile)
  static var isHere: Bool { node != nil && program != nil }

  /// Runs the script on a page. Returns what it printed, and how it ended.
  static func check(_ page: String, named name: String) throws -> (words: String, status: Int32) {
    let folder = FileManager.default.temporaryDirectory.appending(path: "picture-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "\(name).html")
    try page.write(to: file, atomically: true, encoding: .utf8)
    let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Browser/space-time.mjs")
    let process = Process()
    process.executableURL = URL(filePath: node ?? "")
    process.arguments = [script.path, file.path]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (String(decoding: output, as: UTF8.self), process.terminationStatus)
  }
}

@Suite(
  "The space-time diagram in a browser",
  .enabled(if: Browser.isHere, "There is no Chromium here, or no Node: apt-get install chromium nodejs"),
  .serialized, .timeLimit(.minutes(5)))
struct BrowserTests {
  private func check(_ trace: [UInt8], named name: String) throws {
    let facts = RunFacts(
      week: "week1", scenario: "1A.toy", title: "a toy", seed: 1, nodeCount: 3, program: "raft",
      property: "Election safety", section: "Raft, Figure 3", evidence: "n1 leads.", concernedNodes: [1])
    let page = try SpaceTimeDiagram.html(RunPicture(trace: trace, about: facts))
    let (words, status) = try Browser.check(page, named: name)
    #expect(status == 0 && words.contains("passed: \(name)"), "\(words)")
  }

  @Test("stepping, the filter, the jump to the violation and the table work by keyboard alone")
  func story() throws { try check(PictureWorld.trace(), named: "story") }

  @Test("they work in a run of 10,000 events")
  func busy() throws { try check(PictureWorld.busyTrace(events: 10_000), named: "busy") }
}
