import Runner

/// A timeline as a drawing: lanes of spans above, curves below, and the spans' shades behind both.
enum TimelineDrawing {
  private static let (width, left, right) = (1_200.0, 190.0, 20.0)
  private static let (laneHeight, curveHeight, gap) = (20.0, 76.0, 16.0)

  static func section(_ timeline: Chart.Timeline) -> String {
    """
    <section>
    <h2>\(PageText.markup(timeline.title))</h2>
    <p>\(PageText.markup(timeline.remark))</p>
    <figure class="timeline">\(drawing(timeline))</figure>
    </section>
    """
  }

  private static func drawing(_ timeline: Chart.Timeline) -> String {
    let lanesHeight = Double(timeline.lanes.count) * laneHeight
    let height = lanesHeight + Double(timeline.curves.count) * (curveHeight + gap) + 30
    let unit = (width - left - right) / Double(max(1, timeline.seconds))
    func x(_ seconds: Double) -> Double { left + min(max(0, seconds), Double(timeline.seconds)) * unit }
    let title = PageText.markup(timeline.title)
    var svg = "<svg viewBox=\"0 0 \(number(width)) \(number(height))\" role=\"img\" aria-label=\"\(title)\">"
    for seconds in stride(from: 0, through: timeline.seconds, by: 5) {
      let at = number(x(Double(seconds)))
      svg +=
        "<line class=\"grid\" x1=\"\(at)\" x2=\"\(at)\" y1=\"0\" y2=\"\(number(height - 20))\"/>"
        + "<text class=\"scale\" x=\"\(at)\" y=\"\(number(height - 6))\" text-anchor=\"middle\">\(seconds) s</text>"
    }
    for (position, lane) in timeline.lanes.enumerated() {
      let y = Double(position) * laneHeight
      svg +=
        "<text class=\"title\" x=\"\(number(left - 8))\" y=\"\(number(y + 14))\">\(PageText.markup(lane.title))</text>"
      for span in lane.spans {
        let (start, length) = (number(x(span.start)), number(max(1.5, x(span.end) - x(span.start))))
        svg +=
          "<g><title>\(PageText.markup(span.words))</title><rect class=\"shade\" x=\"\(start)\" y=\"\(number(lanesHeight))\" "
          + "width=\"\(length)\" height=\"\(number(height - 20 - lanesHeight))\"/><rect class=\"second\" x=\"\(start)\" "
          + "y=\"\(number(y + 4))\" width=\"\(length)\" height=\"\(number(laneHeight - 6))\" rx=\"2\"/></g>"
      }
    }
    for (position, curve) in timeline.curves.enumerated() {
      let top = lanesHeight + Double(position) * (curveHeight + gap) + gap
      svg += drawing(curve, top: top, x: x)
    }
    return svg + "</svg>"
  }

  private static func drawing(_ curve: Chart.Curve, top: Double, x: (Double) -> Double) -> String {
    let bottom = top + curveHeight
    func y(_ value: Double) -> Double {
      bottom - min(1, max(0, curve.scale > 0 ? value / curve.scale : 0)) * curveHeight
    }
    let (end, edge) = (number(width - right), number(left - 8))
    var svg =
      "<text class=\"title\" x=\"\(edge)\" y=\"\(number(top + curveHeight / 2 + 4))\">\(PageText.markup(curve.title))</text>"
      + "<text class=\"scale\" x=\"\(edge)\" y=\"\(number(top + 9))\" text-anchor=\"end\">\(short(curve.scale))</text>"
      + "<text class=\"scale\" x=\"\(edge)\" y=\"\(number(bottom))\" text-anchor=\"end\">0</text>"
      + "<line class=\"axis\" x1=\"\(number(left))\" x2=\"\(end)\" y1=\"\(number(bottom))\" y2=\"\(number(bottom))\"/>"
    // A line breaks off where there was nothing to measure.
    for run in runs(curve.values) {
      let points = run.map { "\(number(x(Double($0.second) + 0.5))),\(number(y($0.value)))" }
      svg += "<polyline class=\"curve\" points=\"\(points.joined(separator: " "))\"/>"
    }
    for (second, value) in curve.values.enumerated() {
      guard let value else { continue }
      svg +=
        "<rect x=\"\(number(x(Double(second))))\" y=\"\(number(top))\" width=\"\(number(x(Double(second + 1)) - x(Double(second))))\" "
        + "height=\"\(number(curveHeight))\" fill=\"transparent\"><title>second \(second): \(short(value))</title></rect>"
    }
    return svg
  }

  private static func runs(_ values: [Double?]) -> [[(second: Int, value: Double)]] {
    var runs: [[(second: Int, value: Double)]] = [[]]
    for (second, value) in values.enumerated() {
      if let value {
        runs[runs.count - 1].append((second, value))
      } else if runs.last?.isEmpty == false {
        runs.append([])
      }
    }
    return runs.filter { !$0.isEmpty }
  }

  /// To a tenth of a pixel.
  private static func number(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }

  private static func short(_ value: Double) -> String {
    value == value.rounded() ? "\(Int(value))" : "\((value * 10).rounded() / 10)"
  }
}
