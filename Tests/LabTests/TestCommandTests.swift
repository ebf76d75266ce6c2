import Foundation
import Glibc
import Records
import Runner
import Suites
import Testing

@Suite("lab test", .serialized)
struct TestCommandTests {
  private func records(of course: URL) throws -> [RunSummary] {
    try ProgressStore(file: course.appendingPathComponent(".lab/progress.sqlite").path).recentRuns(limit: 100)
  }

  private func write(_ text: String, to file: URL) throws {
    try text.write(to: file, atomically: true, encoding: .utf8)
  }

  // MARK: Exit codes

  @Test("all passed leaves with 0")
  func passed() throws {
    let course = try PreparedCourse.copy()
    let said = try LabProcess.run("test", "1A", "--seeds", "2", in: course)
    #expect(said.status == 0)
    #expect(
      said.output.contains(
        "\(Suites.week1.stages[0].maxPoints) of \(Suites.week1.stages[0].maxPoints) points"))
    #expect(try records(of: course).first?.outcome == "passed")
    let status = try LabProcess.run("status", in: course).output
    #expect(
      status.contains(
        "Level 1 of 3, distributed monolith. Level 2, true microservices, asks for: 3B, 3C, 4A, 4B."))
  }

  @Test("a failure leaves with 1, its seed and commands at the end, and the seed brings it back")
  func failed() throws {
    let course = try PreparedCourse.copy(.broken)
    let said = try LabProcess.run("test", "1A", "--seed", "1", in: course)
    #expect(said.status == 1)
    #expect(said.errors.hasPrefix("seed 0x1\n"))
    let again = try #require(said.output.components(separatedBy: "\n").first { $0.hasPrefix("again:") })
    let command = again.components(separatedBy: " ").filter { !$0.isEmpty }.dropFirst(2)
    let repeated = try LabProcess(Array(command), in: course).wait()
    #expect(repeated.status == 1)
    let message = try #require(said.output.components(separatedBy: "\n").last { $0.contains("(Raft, ") })
    #expect(repeated.output.contains(message))
    let replay = try LabProcess.run("replay", in: course)
    #expect(replay.status == 1)
    let broken = try #require(message.components(separatedBy: " failed: ").last)
    let property = try #require(broken.components(separatedBy: " (Raft, ").first)
    #expect(replay.output.contains(": still fails\n"))
    #expect(replay.output.contains(" failed: \(property) (Raft, "))
    #expect(replay.output.contains(".swift:"))
    let raw = try LabProcess.run("replay", "--events", "3", in: course)
    #expect(raw.output.hasPrefix(replay.output) && raw.output.count > replay.output.count)
    let walk = try LabProcess.run("replay", "--step", in: course)
    #expect(walk.output.contains("event ") && walk.output.contains(": still fails\n"))
    let compared = try LabProcess.run("replay", "--compare", in: course)
    #expect(
      compared.output.contains("The nearest run that keeps the promise")
        || compared.output.contains("No fault can be left out of this run"))
    #expect(try LabProcess.run("replay", "--compare", "--step", in: course).status == 64)
    let debug = try LabProcess.run("replay", "--debug", in: course)
    #expect(debug.status == 1)
    let file = try #require(debug.output.firstMatch(of: /lldb -s (\S+)\.lldb\n/)).output.1
    let script = try String(contentsOf: course.appendingPathComponent("\(file).lldb"), encoding: .utf8)
    #expect(script.contains("\(file).replay"))
    #expect(FileManager.default.fileExists(atPath: course.appendingPathComponent("\(file).replay").path))
    #expect(debug.output.contains("It stops where your code handles event "))
    #expect(try LabProcess.run("replay", "--debug", "--at", "999999", in: course).status == 64)
  }

  @Test("a failure is told with its rule and kept as a page and as JSON, with time to shrink and without")
  func told() throws {
    let course = try PreparedCourse.copy(.broken)
    for time in ["5s", "0s"] {
      let said = try LabProcess.run("test", "1A", "--seed", "1", "--shrink-for", time, in: course)
      #expect(said.output.contains("\nThe rule: "))
      #expect(said.output.contains(".swift:"))
      let page = try #require(said.output.firstMatch(of: /see: +(\S+)\.html/)).output.1
      let json = try Data(contentsOf: course.appendingPathComponent("\(page).json"))
      let trace = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
      #expect(trace["schema"] as? Int == 1)
      #expect(trace["outcome"] as? String == "failed")
      #expect(said.output.contains("--seed \(try #require(trace["seed"] as? String)) "))
      let picture = try #require(trace["picture"] as? [String: Any])
      #expect((picture["events"] as? [Any])?.isEmpty == false)
    }
  }

  @Test("a failure leaves the history of its clients, which check-history judges as the run was judged")
  func history() throws {
    let course = try PreparedCourse.copy(.staleReads)
    let said = try LabProcess.run("test", "1E.stale", "--seed", "1", "--shrink-for", "1s", in: course)
    #expect(said.output.contains("1E.stale failed: Linearizability"))
    let command = try #require(
      said.output.firstMatch(of: /judge: +lab (check-history --model kv \S+\.jsonl)\n/))
    let judged = try LabProcess(command.output.1.split(separator: " ").map(String.init), in: course).wait()
    #expect(judged.status == 1)
    #expect(judged.output.hasSuffix("\tIllegal\n"))
    // The very evidence, not only the same word.
    let story = said.output.split { $0.isWhitespace }.joined(separator: " ")
    let judgement = try #require(judged.errors.firstMatch(of: /Linearizability: (.+)\. No such order/))
    #expect(story.contains(judgement.output.1.prefix(60)))
  }

  @Test("a failure without clients leaves no history")
  func noHistory() throws {
    let said = try LabProcess.run("test", "1A", "--seed", "1", in: try PreparedCourse.copy(.broken))
    #expect(said.status == 1)
    #expect(!said.output.contains("check-history"))
  }

  @Test("the starter says which function to write first")
  func starter() throws {
    let said = try LabProcess.run("test", in: try PreparedCourse.copy(.starter))
    #expect(said.status == 1)
    #expect(said.output.contains("not implemented yet: start(from:_:), Sources/Raft/Raft.swift:"))
    #expect(said.output.contains("1B Log replication: skipped, for 1A comes first"))
    #expect(said.output.contains("0 of \(Suites.week1.maxPoints) points"))
  }

  @Test("code that does not build leaves with 3 and the compiler's words, as a document, too")
  func didNotBuild() throws {
    let course = try PreparedCourse.original()
    try PreparedCourse.write(.solution, in: course)
    let extra = course.appendingPathComponent("week1/Sources/Raft/Extra.swift")
    defer { try? FileManager.default.removeItem(at: extra) }
    try write("let count: Int = missing()\n", to: extra)
    let said = try LabProcess.run("test", "--json", in: course)
    #expect(said.status == 3)
    #expect(said.errors.contains("Sources/Raft/Extra.swift:1:"))
    let document = try Document(said.output)
    #expect(document.top["outcome"] as? String == "didNotBuild")
    #expect((document.top["buildErrors"] as? [String])?.first?.contains("Extra.swift:1:") == true)
    #expect(try records(of: course).first?.outcome == "didNotBuild")
  }

  @Test("nothing recorded to replay leaves with 4")
  func nothingToReplay() throws {
    #expect(try LabProcess.run("replay", in: try PreparedCourse.copy()).status == 4)
  }

  // MARK: Interrupts

  @Test(
    "an interrupt leaves with 130, the run recorded as interrupted, and no program behind",
    arguments: [SIGINT, SIGTERM])
  func interrupt(signal: Int32) throws {
    let course = try PreparedCourse.copy()
    let process = try LabProcess(["test", "1C", "--seeds", "1000000"], in: course)
    #expect(LabProcess.waitUntil { !Self.programs(of: course).isEmpty })
    process.signal(signal)
    let said = process.wait()
    #expect(said.status == 130)
    #expect(said.errors.contains("interrupted"))
    let run = try #require(try records(of: course).first)
    #expect(run.state == "interrupted")
    #expect(LabProcess.waitUntil(seconds: 5) { Self.programs(of: course).isEmpty })
    #expect(try LabProcess.run("status", in: course).output.contains("interrupted"))
  }

  /// The students' programs of a course folder that are running.
  static func programs(of course: URL) -> [pid_t] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return all.compactMap { pid_t($0) }.filter { pid in
      let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/exe")
      return program?.hasPrefix(course.resolvingSymlinksInPath().path) == true
    }
  }

  // MARK: Soak and watch

  @Test(
    "a soak goes on over rounds of seeds until its time is up, and says what it found", .tags(.slow),
    .enabled(if: runsSlowTests))
  func soak() throws {
    let course = try PreparedCourse.original()
    try PreparedCourse.write(.broken, in: course)
    let said = try LabProcess.run("test", "1A.tie", "1A.elect", "--for", "2s", "--json", in: course)
    #expect(said.status == 1)
    #expect(said.errors.contains("found 1A.tie failed, seed 0x"))
    let scenarios = try Document(said.output).scenarios
    #expect(scenarios.map { $0["id"] as? String } == ["1A.elect", "1A.tie"])
    for scenario in scenarios {
      // More than one round: a round ends at its first failure.
      #expect(try #require(scenario["seedsFailed"] as? Int) > 2)
      #expect(scenario["failure"] is Int)
    }
  }

  @Test("watching runs again when a source file has changed, and not before")
  func watch() throws {
    let course = try PreparedCourse.copy()
    let process = try LabProcess(["test", "1A.elect", "--seeds", "1", "--watch"], in: course)
    func finished() throws -> Int { try records(of: course).count { $0.state == "finished" } }
    #expect(LabProcess.waitUntil { process.errorsSoFar.contains("watching week1/") })
    Thread.sleep(forTimeInterval: 1)
    #expect(try finished() == 1)
    try PreparedCourse.write(.commented, in: course)
    let hasRunAgain = try LabProcess.waitUntil { try finished() == 2 }
    #expect(hasRunAgain)
    process.signal(SIGINT)
    #expect(process.wait().status == 130)
  }

  // MARK: Screens

  @Test("colour and moving lines stay away from files, colour can be forced, control characters never pass")
  func plain() throws {
    let course = try PreparedCourse.copy()
    let plain = try LabProcess.run("test", "1A.elect", "--seeds", "1", in: course)
    #expect(!(plain.output + plain.errors).contains("\u{1B}"))
    #expect(!(plain.output + plain.errors).contains("\r"))
    let forced = try LabProcess.run(
      "test", "1A.elect", "--seeds", "1", in: course, environment: ["CLICOLOR_FORCE": "1"])
    #expect(forced.output.contains("\u{1B}[32m✔"))
    let forbidden = try LabProcess.run(
      "test", "1A.elect", "--seeds", "1", in: course, environment: ["CLICOLOR_FORCE": "1", "NO_COLOR": "1"])
    #expect(!forbidden.output.contains("\u{1B}"))
  }
}
