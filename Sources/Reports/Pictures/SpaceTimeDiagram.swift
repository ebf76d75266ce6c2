import Foundation

/// The space-time diagram of a run: a line a node, time downwards, messages as arrows between the lines.
public enum SpaceTimeDiagram {
  /// The picture as one HTML file that needs nothing else.
  public static func html(_ picture: RunPicture) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let data = PageText.data(json: try encoder.encode(picture))
    let facts = picture.facts
    let title = PageText.markup("\(facts.property) – \(facts.scenario)")
    let place =
      "\(facts.title) · \(facts.nodeCount) nodes · seed \(facts.seed)"
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="\(SpaceTimePage.policy)">
      <title>\(title)</title>
      <style>
      \(SpaceTimePage.style)
      </style>
      </head>
      <body>
      <header>
      <p class="place"><b>\(PageText.markup(facts.scenario))</b> \(PageText.markup(place))</p>
      <h1><span class="broken" aria-hidden="true">✘</span> \(PageText.markup(facts.property))\
      \(facts.section.map { " <small>\(PageText.markup($0))</small>" } ?? "")</h1>
      <p class="evidence">\(PageText.markup(facts.evidence))</p>
      \(facts.rule.map { "<p class=\"rule\"><b>The rule</b> \(PageText.markup($0))</p>" } ?? "")
      </header>
      \(facts.contradiction.map(HistoryDiagram.section) ?? "")
      \(SpaceTimePage.body)
      <script type="application/json" id="picture">\(data)</script>
      <script>
      \(SpaceTimePage.script)
      </script>
      </body>
      </html>

      """
  }
}
