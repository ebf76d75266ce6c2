import Records
import Runner

/// Where a student stands.
public struct StatusReport: Sendable {
  public struct Week: Sendable {
    public let suite: Suite
    public let stages: [StageStatus]
    public var points: Int { sum(isBonus: false) }
    public var bonusPoints: Int { sum(isBonus: true) }
    private func sum(isBonus: Bool) -> Int {
      stages.filter { $0.stage.isBonus == isBonus }.reduce(0) { $0 + $1.points }
    }
    /// The first stage that is not done.
    public var next: Stage? { stages.first { $0.points < $0.stage.maxPoints }?.stage }
  }

  public struct StageStatus: Sendable {
    public let stage: Stage
    /// The most that any single run gave.
    public let points: Int
    public let attempts: Int
    /// None if the stage was never run.
    public let latest: Outcome?
    public let spentMilliseconds: Int
  }

  public let weeks: [Week]
  public let recent: [RunSummary]
  /// The level that is reached over all weeks, in words; nil if nobody asked.
  public let level: String?

  /// Reads the records of some weeks.
  ///
  /// - Parameter levels: what is made of all weeks of `course` together, if it is to be told.
  public init(
    _ store: ProgressStore, suites: [Suite], recentRuns: Int = 5, levels: [MaturityLevel] = [],
    of course: [Suite] = []
  ) throws {
    weeks = try suites.map { suite in
      let progress = try store.progress(week: suite.week)
      let spent = try store.workingMilliseconds(
        week: suite.week, stages: suite.stages.map { ($0.id, $0.maxPoints) })
      return Week(
        suite: suite,
        stages: suite.stages.map { stage in
          let seen = progress.stages.first { $0.stage == stage.id }
          return StageStatus(
            stage: stage, points: min(seen?.bestPoints ?? 0, stage.maxPoints), attempts: seen?.attempts ?? 0,
            latest: seen.flatMap { Outcome(rawValue: $0.latestOutcome) },
            spentMilliseconds: spent[stage.id] ?? 0)
        })
    }
    recent = try store.recentRuns(limit: recentRuns)
    let stages = try course.flatMap { try store.progress(week: $0.week).stages }
    level = MaturityLevel.reached(levels) { stage in
      stages.first { $0.stage == stage.id }?.bestPoints ?? 0
    }.map { level, next, missing in
      "Level \(level.number) of \(levels.count), \(level.title)."
        + (next.map {
          " Level \($0.number), \($0.title), asks for: \(missing.map(\.id).joined(separator: ", "))."
        } ?? "")
        + " What that means: lab read maturity"
    }
  }
}

extension StatusReport {
  /// The report as a person reads it.
  public func lines() -> [String] {
    var lines: [String] = []
    for week in weeks {
      let hours = week.suite.stages.filter { !$0.isBonus }.reduce(0) { $0 + $1.hours }
      let spent = week.stages.reduce(0) { $0 + $1.spentMilliseconds }
      lines.append(
        Screen.paint("\(week.suite.week) \(week.suite.title)", .bold)
          + ", "
          + Screen.points(
            week.points, of: week.suite.maxPoints, bonus: week.bonusPoints, of: week.suite.maxBonusPoints)
          + ", \(Self.duration(spent)) of about \(hours) h")
      let width = week.stages.map(\.stage.title.displayColumns).max() ?? 0
      lines += week.stages.map { Self.line($0, titleColumns: width) }
    }
    if weeks.contains(where: { $0.stages.contains { $0.spentMilliseconds > 0 } }) {
      lines.append(
        Screen.paint("  Time: from each run to the next, pauses of 30 minutes and more left out.", .grey))
    }
    for week in weeks {
      let text =
        week.next.map { stage in
          "Next: \(stage.id) \(stage.title)\(stage.isBonus ? ", a bonus" : ""). Read it with: lab read \(stage.id)   Test it with: lab test \(stage.id)"
        } ?? "Every stage of \(week.suite.week) is done."
      lines += ["", text]
    }
    if let level { lines += ["", level] }
    if !recent.isEmpty { lines += ["", "Last runs"] + recent.map(Self.line) }
    return lines
  }

  private static func line(_ status: StageStatus, titleColumns: Int) -> String {
    let isDone = status.points == status.stage.maxPoints
    let mark =
      switch status.latest {
      case nil: Screen.paint("·", .grey)
      case .passed: isDone ? Screen.paint("✔", .green) : Screen.paint("·", .yellow)
      default: Screen.paint("✘", .red)
      }
    let state =
      switch status.latest {
      case nil: "not begun"
      case .passed: isDone ? "passed" : "passed in part"
      case let outcome?: isDone ? "\(outcome.words) since" : outcome.words
      }
    let attempts = status.attempts == 0 ? "" : status.attempts == 1 ? "1 run" : "\(status.attempts) runs"
    let spent = status.spentMilliseconds == 0 ? "–" : duration(status.spentMilliseconds)
    return
      "  \(mark) \(Screen.pad(status.stage.id, 3)) \(Screen.pad(status.stage.title, titleColumns)) "
      + "\(Screen.pad("\(status.points)/\(status.stage.maxPoints)", 6)) \(Screen.pad(state, 16)) "
      + "\(Screen.pad(attempts, 9)) \(spent) of about \(status.stage.hours) h"
  }

  private static func line(_ run: RunSummary) -> String {
    let points = run.points.flatMap { points in run.maxPoints.map { "\(points)/\($0) points" } } ?? ""
    let outcome = run.outcome.flatMap { Outcome(rawValue: $0)?.words } ?? run.state
    let what = run.arguments.isEmpty ? run.week : Screen.harmless(run.arguments)
    return
      "  #\(Screen.pad(String(run.id), 4)) \(Screen.pad(outcome, 16)) \(Screen.pad(points, 13)) "
      + "\(Screen.pad("seed \(Screen.seed(run.seed))", 23)) \(what.shortened(toColumns: 30))"
  }

  private static func duration(_ milliseconds: Int) -> String {
    let minutes = milliseconds / 60_000
    return minutes < 60 ? "\(minutes) min" : "\(minutes / 60) h \(minutes % 60) min"
  }
}
