import Foundation
import Testing

@Suite("Help")
struct HelpTests {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().appendingPathComponent("Help")

  @Test(
    "the help texts are those in the folder Help; LAB_WRITE_HELP=1 writes them anew",
    arguments: ["", "start", "test", "status", "replay", "hint", "read", "chart", "doctor", "demo"])
  func snapshot(command: String) throws {
    let arguments = command.isEmpty ? ["--help"] : ["help", command]
    let said = try LabProcess(arguments, in: Self.folder).wait()
    #expect(said.status == 0)
    let file = Self.folder.appendingPathComponent("\(command.isEmpty ? "lab" : command).txt")
    if ProcessInfo.processInfo.environment["LAB_WRITE_HELP"] != nil {
      try said.output.write(to: file, atomically: true, encoding: .utf8)
    }
    #expect(try said.output == String(contentsOf: file, encoding: .utf8))
  }
}
