import LabKit
import Runner
import Suites
import Testing

@Suite("Shrinking")
struct ShrinkingTests {
  /// The reference solution, built once for all tests here, which run at once.
  private static let solution = Result {
    let student = try StudentCourse("shrinking")
    return (student, SuiteRunner(program: try student.build(.release), baseSeed: 7))
  }

  /// Leaves out a random share of whatever a scenario does.
  private func alterations(_ random: inout RandomStream, _ scenario: Scenario) -> Alterations {
    var alterations = Alterations()
    let share = random.next(in: 0...1_000_000)
    for step in 0..<2_000 where random.chance(partsPerMillion: share) { alterations.leftOut.insert(step) }
    if random.chance(partsPerMillion: 300_000) { alterations.nodes = scenario.clusterSizes.min() }
    if random.chance(partsPerMillion: 500_000) { alterations.extraordinary = [] }
    alterations.judgesEarly = random.chance(partsPerMillion: 500_000)
    return alterations
  }

  @Test("a correct node breaks nothing that must always hold, whatever is left out of a run")
  func noFalseAccusation() throws {
    let (student, runner) = try Self.solution.get()
    var random = RandomStream(seed: UInt64.random(in: .min ... .max))
    let pool = ProcessPool(program: runner.program)
    for scenario in student.suite.stages.flatMap(\.scenarios) {
      for _ in 0..<15 {
        let seed = random.next()
        let altered = alterations(&random, scenario)
        let result = runner.runSeed(scenario, seed, pool, alterations: altered)
        #expect(
          result.outcome == .passed || !result.isUnconditional,
          "\(scenario.id), seed \(seed), \(altered): \(result.message ?? "")")
        #expect([.passed, .failed, .notExercised].contains(result.outcome), "\(result.message ?? "")")
      }
    }
  }

  @Test("a smaller run breaks the same property, is smaller, and comes to the same every time")
  func smallerRun() throws {
    let student = try StudentCourse("shrinking-broken")
    try student.replace(
      "held > commitIndex, log.term(at: held) == currentTerm else", with: "held > commitIndex else",
      in: "Raft+Replication.swift")
    let runner = SuiteRunner(program: try student.build(.release), baseSeed: 7)
    let scenario = try student.scenario("1C.figure8")
    let failing = runner.run(scenario)
    let seed = try #require(failing.failingSeed)
    let run = try #require(Shrinker(runner, scenario, seed: seed, for: .seconds(10)).shrink())
    #expect(run.result.property == "Leader completeness")
    #expect(run.after.events < run.before.events)
    #expect(run.tries > 10)
    let record = try ShrunkRecord(text: ShrunkRecord(run).text())
    #expect(record.alterations == run.alterations)
    let again = runner.replay(scenario, seed: seed, recorded: .failed, alterations: record.alterations)
    #expect(again.message == record.message)
    #expect(again.digest == run.result.digest)
    // The run needs its faults: without one of them the promise holds.
    let nearest = try #require(NearestPass(runner, scenario, seed: seed, record.alterations).find(again))
    #expect(nearest.result.property != run.result.property)
    #expect(nearest.alterations != record.alterations)
    // It goes another way where something happens out of turn, and the same way every time.
    var branched = record.alterations
    let handlers = run.result.calls / 2
    branched.branches = (1...5).flatMap { node in
      ["election", "heartbeat"].map { Branch(afterHandler: handlers, .ring(node: node, timer: $0)) }
    }
    let branch = runner.replay(scenario, seed: seed, recorded: .failed, alterations: branched)
    #expect(branch.digest != again.digest)
    #expect(
      runner.replay(scenario, seed: seed, recorded: .failed, alterations: branched).digest == branch.digest)
  }

  @Test("what passes is not shrunk")
  func nothingToShrink() throws {
    let (student, runner) = try Self.solution.get()
    #expect(Shrinker(runner, try student.scenario("1A.elect"), seed: 1, for: .seconds(5)).shrink() == nil)
  }

  @Test(
    "messages that are kept ordinary are neither lost nor doubled"
  )
  func ordinaryMessages() throws {
    let (student, runner) = try Self.solution.get()
    let scenario = try student.scenario("1C.unreliable")
    let pool = ProcessPool(program: runner.program)
    func fates(_ alterations: Alterations) throws -> [UInt8] {
      var fates: [UInt8] = []
      var reader = TraceReader()
      let trace = runner.runSeed(scenario, 3, pool, recording: .trace, alterations: alterations).trace
      try reader.read(trace) { _, record in if case .sent(_, _, let fate) = record { fates.append(fate) } }
      return fates
    }
    var altered = Alterations()
    altered.extraordinary = []
    #expect(try fates(.none).contains(SendFate.lost.rawValue))
    #expect(try fates(altered).allSatisfy { $0 == SendFate.ordinary.rawValue })
  }
}
