import Foundation
import Runner
import Testing

@Suite("Unified patches")
struct UnifiedPatchTests {
  private func patch(_ text: String) throws -> UnifiedPatch {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).patch")
    try text.write(to: file, atomically: true, encoding: .utf8)
    return try UnifiedPatch(file: file)
  }

  private let change = "why\n--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n"

  @Test("a hunk that fits replaces its lines")
  func applies() throws {
    var contents = ["x": Data("zero\none\ntwo\nthree\n".utf8)]
    try patch(change).apply(to: &contents)
    #expect(contents["x"] == Data("zero\none\nTWO\nthree\n".utf8))
  }

  @Test("a hunk that fits nowhere, or twice, is an error")
  func refuses() throws {
    for text in ["one\n2\nthree\n", "one\ntwo\nthree\none\ntwo\nthree\n"] {
      var contents = ["x": Data(text.utf8)]
      let patch = try patch(change)
      #expect(throws: LabError.self) { try patch.apply(to: &contents) }
    }
  }

  @Test("a patch is for the stages that its header names, and for all if it names none")
  func stages() throws {
    #expect(try patch(change).stages == nil)
    #expect(try patch("Stages: 1A 1B\n" + change).stages == ["1A", "1B"])
  }

  @Test("a patch without a change is an error")
  func empty() {
    #expect(throws: LabError.self) { try patch("nothing here\n") }
  }
}
