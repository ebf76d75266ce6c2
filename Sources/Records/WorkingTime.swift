/// The time that a student has spent, read off the runs.
///
/// What counts is the time from the start of one run to the start of the next, pauses of half an hour and more left out.
/// It counts for the stage that the later run was for: the first that it touched and that had not yet been done.
package struct WorkingTime {
  /// What a run says about time.
  package struct Run {
    var week: String
    var startedMilliseconds: Int
    /// The points in each stage that it touched.
    var points: [String: Int]

    package init(week: String, startedMilliseconds: Int, points: [String: Int] = [:]) {
      self.week = week
      self.startedMilliseconds = startedMilliseconds
      self.points = points
    }
  }

  package static let pauseMilliseconds = 30 * 60_000

  /// Milliseconds by stage.
  ///
  /// - Parameters:
  ///   - runs: the runs of all weeks, in order.
  ///   - begun: when weeks were begun; the time to the first run counts, too.
  ///   - stages: the week's stages in order, with all their points.
  package static func byStage(
    week: String, runs: [Run], begun: [Int], stages: [(id: String, maxPoints: Int)]
  ) -> [String: Int] {
    var spent: [String: Int] = [:]
    var done: Set<String> = []
    var starts = begun.sorted()[...]
    var previous: Int?
    for run in runs {
      while let start = starts.first, start <= run.startedMilliseconds {
        previous = max(previous ?? start, start)
        starts.removeFirst()
      }
      let gap = previous.map { run.startedMilliseconds - $0 } ?? pauseMilliseconds
      previous = run.startedMilliseconds
      guard run.week == week else { continue }
      let touched = stages.map(\.id).filter { run.points.isEmpty || run.points[$0] != nil }
      if let stage = touched.first(where: { !done.contains($0) }) ?? touched.last, gap < pauseMilliseconds {
        spent[stage, default: 0] += max(0, gap)
      }
      for stage in stages where run.points[stage.id] == stage.maxPoints { done.insert(stage.id) }
    }
    return spent
  }
}
