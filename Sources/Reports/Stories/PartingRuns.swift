import Runner

/// Where two runs of one seed part, beside each other where there is room for both.
struct PartingRuns {
  let parting: TraceDivergence
  /// All that is said of it, its description among it.
  let message: String
  let columns: Int

  /// - Parameter limit: how many lines there may be.
  func lines(atMost limit: Int) -> [StoryLine] {
    guard let sides = SideBySide(columns: columns), message.contains(parting.description) else {
      return wrapped(message)
    }
    let parts = message.split(separator: parting.description, maxSplits: 1, omittingEmptySubsequences: false)
    var head = wrapped(String(parts[0])) + [StoryLine(), StoryLine(parting.place, .bold)]
    if let common = parting.lastCommon { head.append(StoryLine("  both: " + common.text)) }
    let foot = wrapped(parts.count > 1 ? String(parts[1]) : "")
    let room = max(2, limit - head.count - foot.count - 1)
    let count = min(room, max(parting.first.count, parting.second.count, 1))
    let rows = (0..<count).map { number in
      let (left, right) = (text(parting.first, number), text(parting.second, number))
      return sides.row(left, right, left == right ? nil : .red)
    }
    let titles = sides.row(parting.firstName, parting.secondName, .grey)
    return Array((head + [titles] + rows + foot).prefix(limit))
  }

  private func wrapped(_ text: String) -> [StoryLine] {
    text.split(separator: "\n").flatMap {
      StoryLine.wrapped(String($0), columns: columns, indent: "    ", atMost: 4)
    }
  }

  private func text(_ lines: [TraceText.Line], _ number: Int) -> String {
    guard lines.indices.contains(number) else { return number == lines.count ? "nothing more" : "" }
    let line = lines[number]
    return line.isEvent ? "\(line.time)  \(line.text)" : "  " + line.text
  }
}
