import Foundation
import Records
import Testing

@Suite("Hints in the records")
struct HintRecordTests {
  @Test("the number of hints seen is kept by stage and never falls")
  func hints() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("hints-\(UUID()).sqlite").path
    let store = try ProgressStore(file: file)
    #expect(try store.hintsShown(week: "week1", stage: "1A") == 0)
    try store.recordHints(2, week: "week1", stage: "1A")
    try store.recordHints(1, week: "week1", stage: "1A")
    try store.recordHints(1, week: "week1", stage: "1B")
    let again = try ProgressStore(file: file)
    #expect(try again.hintsShown(week: "week1", stage: "1A") == 2)
    #expect(try again.hintsShown(week: "week1", stage: "1B") == 1)
    #expect(try again.hintsShown(week: "week2", stage: "1A") == 0)
  }
}
