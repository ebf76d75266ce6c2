import Checkers
import Testing

@Suite("What becomes of parcels that nobody takes")
struct ParcelRulesTests {
  private func rules(mostAttempts: Int? = 3) -> ParcelRules {
    var rules = ParcelRules(leastAttempts: 2, mostAttempts: mostAttempts)
    for id in ["p1", "p3", "p4"] { rules.expect(id, of: "ana") }
    rules.expect("p2", of: "ben")
    return rules
  }

  private func property(_ verdict: Verdict) -> String? {
    if case .violated(let violation) = verdict { violation.property } else { nil }
  }

  private func broken(_ body: () throws -> Void) -> String? {
    do { try body() } catch { return (error as? Violation)?.property }
    return nil
  }

  /// What is wrong in the end, where these were taken and these are dead letters.
  private func judge(
    taken: [(String, String)], letters: [(id: String, customer: String)], refused: Set<String> = ["p3"],
    redriven: String? = nil
  ) throws -> String? {
    var rules = rules()
    if let redriven { rules.redrive(redriven) }
    for (id, customer) in taken { try rules.noteTaken(id, of: customer) }
    return property(rules.checkEnd(refused: refused, letters: letters))
  }

  @Test("each customer's parcels go out in their order, whatever becomes of others")
  func order() throws {
    var rules = rules()
    try rules.noteTaken("p2", of: "ben")
    #expect(broken { try rules.noteTaken("p3", of: "ana") } == "Parcels of a customer in order")
    try rules.noteTaken("p1", of: "ana")
    try rules.noteTaken("p3", of: "ana")
    #expect(rules.waiting(of: "ana") == 1)
    #expect(rules.takenCount == 3)
    #expect(broken { try rules.noteTaken("p9", of: "ana") } == "Nothing is handed over that nobody sent")
    #expect(broken { try rules.noteTaken("p1", of: "ana") } == "Parcels of a customer in order")
  }

  @Test("a parcel is rejected so often and no more, and so often again after a redrive")
  func attempts() throws {
    var rules = rules()
    for _ in 0..<3 { try rules.noteRejected("p1") }
    rules.redrive("ana")
    for _ in 0..<3 { try rules.noteRejected("p1") }
    #expect(broken { try rules.noteRejected("p1") } == "No parcel is tried for ever")
    var patient = self.rules(mostAttempts: nil)
    for _ in 0..<100 { try patient.noteRejected("p1") }
  }

  @Test("what is refused and all behind it are dead letters, and may lie there twice")
  func right() throws {
    let taken = [("p1", "ana"), ("p2", "ben")]
    #expect(try judge(taken: taken, letters: [("p3", "ana"), ("p3", "ana"), ("p4", "ana")]) == nil)
    #expect(
      try judge(taken: taken + [("p3", "ana"), ("p4", "ana")], letters: [], refused: []) == nil)
    #expect(
      try judge(
        taken: taken + [("p3", "ana"), ("p4", "ana")], letters: [("p3", "ana")], refused: [],
        redriven: "ana") == nil)
  }

  @Test("each way to break that has its name")
  func wrong() throws {
    let taken = [("p1", "ana"), ("p2", "ben")]
    #expect(
      try judge(taken: [("p1", "ana")], letters: [("p3", "ana"), ("p4", "ana")])
        == "What can be delivered is delivered")
    #expect(try judge(taken: taken, letters: []) == "What cannot be delivered is a dead letter")
    #expect(
      try judge(taken: taken, letters: [("p3", "ana")]) == "What cannot be delivered is a dead letter")
    #expect(
      try judge(taken: taken, letters: [("p4", "ana"), ("p3", "ana")])
        == "Dead letters of a customer in order")
    #expect(
      try judge(taken: taken, letters: [("p2", "ben"), ("p3", "ana"), ("p4", "ana")])
        == "What can be delivered is no dead letter")
  }

  @Test("a letter comes after enough rejections, and after all that was sent before it")
  func letters() throws {
    var rules = rules()
    try rules.noteTaken("p1", of: "ana")
    try rules.noteRejected("p3")
    #expect(broken { try rules.noteLetter("p3", of: "ana") } == "What can be delivered is no dead letter")
    rules = self.rules()
    for _ in 0..<2 { try rules.noteRejected("p1") }
    try rules.noteLetter("p1", of: "ana")
    try rules.noteLetter("p1", of: "ana")
    #expect(broken { try rules.noteLetter("p4", of: "ana") } == "Dead letters of a customer in order")
    #expect(broken { try rules.noteLetter("p9", of: "ana") } == "Nothing is handed over that nobody sent")
  }

  @Test("after a redrive letters of before may come late, and those that went out are missing")
  func lateLetters() throws {
    var rules = rules()
    for _ in 0..<2 { try rules.noteRejected("p1") }
    rules.redrive("ana")
    try rules.noteLetter("p1", of: "ana")
    try rules.noteTaken("p1", of: "ana")
    try rules.noteTaken("p3", of: "ana")
    try rules.noteLetter("p4", of: "ana")
  }
}
