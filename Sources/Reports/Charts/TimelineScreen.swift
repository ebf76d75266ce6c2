import Runner

/// A timeline on a terminal: a line for each lane and each curve, and the seconds below.
enum TimelineScreen {
  private static let steps = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

  static func lines(_ timeline: Chart.Timeline, columns: Int) -> [StoryLine] {
    let titles = timeline.lanes.map(\.title) + timeline.curves.map(\.title)
    let titleColumns = min(26, titles.map(\.displayColumns).max() ?? 0)
    // A column for a second, or for several.
    let room = max(10, columns - titleColumns - 4)
    let secondsPerColumn = max(1, (timeline.seconds + room - 1) / room)
    let starts = Array(stride(from: 0, to: timeline.seconds, by: secondsPerColumn))
    func line(_ title: String, _ cells: [String]) -> StoryLine {
      let title = Screen.pad(title.shortened(toColumns: titleColumns), titleColumns)
      return StoryLine("  \(title)  \(cells.joined())".trimmedAtEnd)
    }
    let lanes = timeline.lanes.map { lane in
      line(
        lane.title,
        starts.map { start in
          let end = Double(start + secondsPerColumn)
          return lane.spans.contains { $0.start < end && $0.end > Double(start) } ? "█" : "·"
        })
    }
    let curves = timeline.curves.map { curve in
      line(
        curve.title,
        starts.map { start in
          let values = curve.values.dropFirst(start).prefix(secondsPerColumn).compactMap(\.self)
          guard let value = curve.isLowBad ? values.min() : values.max(), curve.scale > 0 else { return " " }
          let step = Int((value / curve.scale * Double(steps.count - 1)).rounded())
          return steps[min(steps.count - 1, max(0, step))]
        })
    }
    return [StoryLine(timeline.title.shortened(toColumns: columns), .bold)]
      + StoryLine.wrapped(timeline.remark, columns: columns, atMost: 4)
      + lanes + curves + [line("seconds", [axis(starts)])]
  }

  /// Every ten columns the second that begins there.
  private static func axis(_ starts: [Int]) -> String {
    var text = ""
    for column in stride(from: 0, to: starts.count, by: 10) {
      text += Screen.pad("\(starts[column])", 10)
    }
    return text
  }
}
