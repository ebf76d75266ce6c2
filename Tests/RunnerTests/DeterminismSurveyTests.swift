import Foundation
import Runner
import Testing

@Suite("Determinism survey", .serialized)
struct DeterminismSurveyTests {
  private func rows(_ student: StudentCourse, runs: Int) throws -> [DeterminismSurvey.Row] {
    let survey = DeterminismSurvey(program: try student.build(), baseSeed: 3)
    return survey.rows(of: student.suite.stages.flatMap(\.scenarios), runs: runs)
  }

  @Test("the solution has one trace a seed: together, apart, and without the processor's newer instructions")
  func solution() throws {
    let rows = try rows(StudentCourse("survey"), runs: 80)
    #expect(rows.count == 4)
    for row in rows {
      #expect(row.runs == 20, "\(row.way)")
      #expect(row.calls > 1_000, "\(row.way)")
      #expect(row.differing.isEmpty, "\(row.way)")
    }
  }

  private static let hasFusedMultiplyAdd =
    (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.contains(" fma ") == true

  @Test("a node that rounds as its processor does is found out", .enabled(if: hasFusedMultiplyAdd))
  func mathematics() throws {
    // A fused multiply-add rounds about one power in 1,600 otherwise, the 117th and the 314th here.
    let student = try StudentCourse("survey")
    let file = "Raft+Election.swift"
    try student.replace(
      "context.random(in: electionTimeoutMilliseconds)",
      with: "150 + noise(context.random(in: 1...1_000_000))",
      in: file)
    try student.replace(
      "import LabKit\n",
      with: """
        import Glibc
        import LabKit
        func noise(_ number: Int) -> Int {
          var mixed = UInt64(number)
          for step in 1...400 { mixed = mixed &* 31 &+ pow(Double(step) * 0.0137, 0.3).bitPattern }
          return Int(mixed % 151)
        }

        """, in: file)
    let rows = try rows(student, runs: 80)
    for row in rows {
      #expect(row.differing.isEmpty == row.way.usesEveryInstruction, "\(row.way)")
    }
  }
}
