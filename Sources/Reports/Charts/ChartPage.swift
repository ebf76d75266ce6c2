import Runner

/// A chart as one HTML file that needs nothing else: a drawing a column, beside each other or, on a narrow screen, below.
public enum ChartPage {
  public static func html(_ chart: Chart) -> String {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="\(policy)">
    <title>\(PageText.markup(chart.title))</title>
    <style>
    \(style)
    </style>
    </head>
    <body>
    <header>
    <h1>\(PageText.markup(chart.title))</h1>
    <p>\(PageText.markup(chart.setting))</p>
    </header>
    <main>
    \((chart.timelines.map(TimelineDrawing.section) + chart.panels.map(section)).joined(separator: "\n"))
    </main>
    </body>
    </html>

    """
  }

  private static func section(_ panel: Chart.Panel) -> String {
    let drawings = panel.columns.indices.map { drawing(panel, column: $0) }
    return """
      <section>
      <h2>\(PageText.markup(panel.title))</h2>
      <p>\(PageText.markup(panel.remark))</p>
      \(key(panel))
      <div class="columns">
      \(drawings.joined(separator: "\n"))
      </div>
      </section>
      """
  }

  private static func key(_ panel: Chart.Panel) -> String {
    guard !panel.parts.isEmpty else { return "" }
    let items = zip(["first", "second"], panel.parts).map { style, words in
      "<li><svg width=\"14\" height=\"14\" aria-hidden=\"true\"><rect class=\"\(style)\" width=\"14\" height=\"14\" rx=\"2\"/></svg> \(PageText.markup(words))</li>"
    }
    return "<ul class=\"key\">\(items.joined())</ul>"
  }

  // MARK: A drawing

  private static let (width, rowHeight, barHeight) = (340, 24, 15)
  private static let characterWidth = 8

  /// One column of a panel: the titles of the rows, their bars, and the figure behind each.
  private static func drawing(_ panel: Chart.Panel, column: Int) -> String {
    let rows = panel.rows.compactMap { row in
      row.cells.indices.contains(column) ? (title: row.title, cell: row.cells[column]) : nil
    }
    let left = 16 + characterWidth * min(20, rows.map(\.title.displayColumns).max() ?? 0)
    let bars = rows.filter { !$0.cell.parts.isEmpty }
    let right = 14 + characterWidth * (bars.map(\.cell.words.displayColumns).max() ?? 0)
    let scale = panel.scale(ofColumn: column)
    let unit = scale > 0 ? Double(width - left - right) / scale : 0
    let height = rows.count * rowHeight + 4
    let title = PageText.markup(panel.columns[column])
    let inWords = PageText.markup(rows.map { "\($0.title): \($0.cell.words)" }.joined(separator: "; "))
    var svg =
      "<svg viewBox=\"0 0 \(width) \(height)\" role=\"img\" aria-label=\"\(title): \(inWords)\">"
    if !bars.isEmpty {
      svg += "<line class=\"axis\" x1=\"\(left)\" x2=\"\(left)\" y1=\"0\" y2=\"\(bars.count * rowHeight)\"/>"
    }
    for (number, row) in rows.enumerated() {
      svg += line(row.title, row.cell, y: number * rowHeight, left: left, unit: unit)
    }
    return "<figure><figcaption>\(title)</figcaption>\(svg)</svg></figure>"
  }

  private static func line(_ title: String, _ cell: Chart.Cell, y: Int, left: Int, unit: Double) -> String {
    let base = y + 16
    let tip = PageText.markup("\(title): \(cell.words)")
    var svg = "<g><title>\(tip)</title>"
    svg += "<text class=\"title\" x=\"\(left - 8)\" y=\"\(base)\">\(PageText.markup(title))</text>"
    var x = Double(left)
    for (style, part) in zip(["first", "second"], cell.parts) where part > 0 {
      // What is there at all is seen.
      let length = max(1.5, part * unit)
      svg +=
        "<rect class=\"\(style)\" x=\"\(rounded(x))\" y=\"\(y + 4)\" width=\"\(rounded(length))\" height=\"\(barHeight)\"/>"
      x += length
    }
    let style = cell.parts.isEmpty ? "words" : "figure"
    return svg
      + "<text class=\"\(style)\" x=\"\(rounded(x + 6))\" y=\"\(base)\">\(PageText.markup(cell.words))</text></g>"
  }

  /// To a tenth of a pixel.
  private static func rounded(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }

  // MARK: What every page has

  /// The page fetches nothing, and runs nothing.
  private static let policy = "default-src 'none'; style-src 'unsafe-inline'"

  // swift-format-ignore
  private static let style = #"""
    :root {
      color-scheme: light dark;
      --paper: #ffffff; --panel: #f4f6f8; --ink: #1a1f26; --muted: #5a6573; --rule: #cfd6de;
      --first: #2f6fb0; --second: #d9822b;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #13171c; --panel: #1c2229; --ink: #e8ecf1; --muted: #a0acba; --rule: #3a4450;
        --first: #6fb1f0; --second: #f0b35a;
      }
    }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
    header { padding: 14px 20px; border-left: 6px solid var(--first); background: var(--panel); }
    h1 { margin: 0 0 2px; font-size: 22px; line-height: 1.2; overflow-wrap: anywhere; }
    header p, section p { margin: 2px 0; max-width: 75ch; overflow-wrap: anywhere; }
    main { padding: 0 20px 20px; max-width: 1280px; }
    section { padding-top: 20px; }
    h2 { margin: 0; font-size: 17px; }
    .key { display: flex; flex-wrap: wrap; gap: 2px 18px; list-style: none; margin: 4px 0; padding: 0; color: var(--muted); }
    .key svg { vertical-align: -2px; }
    .columns { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 310px), 1fr)); gap: 14px 24px; margin-top: 8px; }
    figure { margin: 0; padding: 10px 12px; background: var(--panel); border-radius: 8px; max-width: 440px; }
    figcaption { font-weight: 600; margin-bottom: 4px; overflow-wrap: anywhere; }
    figure svg { display: block; width: 100%; height: auto; font: 13px/1 system-ui, sans-serif; }
    svg text { fill: var(--ink); font-variant-numeric: tabular-nums; }
    svg .title { fill: var(--muted); text-anchor: end; }
    svg .words { font-weight: 600; }
    svg .axis { stroke: var(--rule); }
    .first { fill: var(--first); }
    .second { fill: var(--second); }
    .timeline { max-width: 1240px; overflow-x: auto; }
    .timeline svg { min-width: 720px; }
    .grid { stroke: var(--rule); stroke-width: 0.5; }
    .shade { fill: var(--second); opacity: 0.13; }
    .curve { fill: none; stroke: var(--first); stroke-width: 1.5; }
    svg .scale { fill: var(--muted); font-size: 11px; }
    @media (max-width: 500px) {
      header { padding: 10px 12px; }
      main { padding: 0 12px 12px; }
      figure { padding: 8px; }
    }
    """#
}
