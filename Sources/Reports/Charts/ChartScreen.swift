import Runner

/// A chart on a terminal: bars of block characters, which need no colour.
public enum ChartScreen {
  /// No line is longer, nor a chart narrower than the second, whatever the terminal.
  private static let (mostColumns, leastColumns) = (100, 60)
  private static let (full, shaded) = ("█", "▒")
  private static let gap = 2

  /// The lines of a chart.
  ///
  /// - Parameter columns: those of the terminal; nil if there is none.
  public static func lines(_ chart: Chart, columns: Int?) -> [StoryLine] {
    let columns = min(mostColumns, max(leastColumns, columns ?? 80))
    return [StoryLine(chart.title.shortened(toColumns: columns), .bold)]
      + StoryLine.wrapped(chart.setting, columns: columns, atMost: 4)
      + chart.timelines.flatMap { [StoryLine()] + TimelineScreen.lines($0, columns: columns) }
      + chart.panels.flatMap { [StoryLine()] + lines($0, columns: columns) }
  }

  private static func lines(_ panel: Chart.Panel, columns: Int) -> [StoryLine] {
    let layout = Layout(panel, columns: columns)
    let key = zip([full, shaded], panel.parts).map { "\($0) \($1)" }.joined(separator: "   ")
    return [StoryLine(panel.title.shortened(toColumns: columns), .bold)]
      + StoryLine.wrapped(panel.remark, columns: columns, atMost: 3)
      + StoryLine.wrapped(key, columns: columns, atMost: 2, .grey)
      + [StoryLine(layout.headings)] + panel.rows.map { StoryLine(layout.line($0)) }
  }

  /// Where a panel's bars and figures stand.
  private struct Layout {
    let panel: Chart.Panel
    let titleColumns: Int
    let cellColumns: Int

    init(_ panel: Chart.Panel, columns: Int) {
      self.panel = panel
      titleColumns = min(24, panel.rows.map(\.title.displayColumns).max() ?? 0)
      let room = columns - gap - titleColumns
      cellColumns = max(8, room / max(1, panel.columns.count) - gap)
    }

    var headings: String { row("", panel.columns.map { cut($0) }) }

    func line(_ row: Chart.Row) -> String {
      self.row(
        row.title,
        row.cells.enumerated().map { column, cell in
          guard !cell.parts.isEmpty else { return cut(cell.words) }
          let figureColumns = figureColumns(ofColumn: column)
          let scale = panel.scale(ofColumn: column)
          let bar = Bar(cell.parts, of: scale, columns: max(1, cellColumns - figureColumns - 1)).text
          let figure = String(repeating: " ", count: max(0, figureColumns - cell.words.displayColumns))
          return bar + " " + figure + cell.words
        })
    }

    /// The figures of a column's bars stand one below the other.
    private func figureColumns(ofColumn column: Int) -> Int {
      let cells = panel.rows.compactMap { $0.cells.indices.contains(column) ? $0.cells[column] : nil }
      return cells.filter { !$0.parts.isEmpty }.map(\.words.displayColumns).max() ?? 0
    }

    private func cut(_ text: String) -> String { text.shortened(toColumns: cellColumns) }

    private func row(_ title: String, _ cells: [String]) -> String {
      let title = Screen.pad(title.shortened(toColumns: titleColumns), titleColumns)
      let gap = String(repeating: " ", count: ChartScreen.gap)
      return ([gap + title] + cells.map { Screen.pad($0, cellColumns) }).joined(separator: gap).trimmedAtEnd
    }
  }

  /// A bar of so many columns, with spaces behind it.
  struct Bar {
    let text: String

    /// - Parameter scale: what fills all columns.
    init(_ parts: [Double], of scale: Double, columns: Int) {
      let length = parts.reduce(0, +)
      let unit = scale > 0 ? Double(columns) / scale : 0
      guard parts.dropFirst().contains(where: { $0 > 0 }) else {
        text = Screen.pad(Self.fine(length * unit), columns)
        return
      }
      // Whole columns: a shaded block has no finer parts. What is there at all is seen.
      let whole = min(columns, max(1, Int((length * unit).rounded())))
      let first = parts.first ?? 0
      let least = first > 0 && whole > 1 ? 1 : 0
      let solid = min(whole - 1, max(least, Int((first * unit).rounded())))
      text = Screen.pad(
        String(repeating: full, count: solid) + String(repeating: shaded, count: whole - solid), columns)
    }

    /// To an eighth of a column; the least that can be seen for what is hardly anything.
    private static func fine(_ columns: Double) -> String {
      guard columns > 0 else { return "" }
      let eighths = max(1, Int((columns * 8).rounded()))
      let rest = eighths % 8
      let end = rest == 0 ? "" : ["▏", "▎", "▍", "▌", "▋", "▊", "▉"][rest - 1]
      return String(repeating: full, count: eighths / 8) + end
    }
  }
}
