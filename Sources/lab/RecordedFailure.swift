import Records
import Reports
import Runner

/// A failure from the records, with what it takes to run it again.
struct RecordedFailure {
  let number: Int64
  let suite: Suite
  let scenario: Scenario
  let seed: UInt64
  let outcome: Outcome
  /// What the run said when it was recorded.
  let message: String
  let alterations: Alterations
  /// Whether it is the smaller run that is meant.
  let isShrunk: Bool

  /// - Parameter isWhole: whether the run as it was found is meant, and not the smaller one.
  init(_ record: FailureRecord, isWhole: Bool) throws {
    let week = try Lab.suite(record.week)
    guard let found = week.stages.flatMap(\.scenarios).first(where: { $0.id == record.scenario }) else {
      throw UsageError("\(record.scenario) is no longer part of \(record.week)")
    }
    let shrunk = isWhole ? nil : try record.shrunk.map { try ShrunkRecord(text: $0) }
    number = record.id ?? 0
    suite = week
    scenario = found
    seed = record.seed
    outcome = Outcome(rawValue: record.outcome) ?? .failed
    message = shrunk?.message ?? record.message
    alterations = shrunk?.alterations ?? .none
    isShrunk = shrunk != nil
  }

  var nodeCount: Int {
    SuiteRunner.configuration(scenario, seed: seed, alterations: alterations).nodes
  }

  /// What has become of it, in a line or two.
  ///
  /// - Parameter result: what the run came to now.
  func verdict(_ result: SuiteRunner.SeedResult) -> String {
    let name = "failure \(number), \(scenario.id)" + (isShrunk ? ", shrunk" : "") + ": "
    if result.outcome == .passed {
      return name + Screen.paint("passes now", .green) + (scenario.isScattered ? Self.aboutScattering : "")
    }
    let isSame =
      result.outcome == outcome
      && (outcome != .failed || result.property.map { message.hasPrefix($0 + ":") } == true)
    if isSame { return name + Screen.paint("still fails", .red) }
    return name + Screen.paint("fails differently", .yellow) + "\nbefore: "
      + Screen.harmlessLine(message, columns: 100)
  }

  private static var aboutScattering: String {
    ", \(SuiteRunner.triesOfScattered) times\n"
      + "Its nodes run in processes of their own, whose sets have another order each time: no two runs are alike."
  }
}
