import Runner

/// What all seeds of a scenario came to together, beside what each band asks for.
public struct PoolTable: Sendable {
  public let lines: [String]

  /// Nil if the seeds were not judged together.
  public init?(_ result: ScenarioResult) {
    guard let pool = result.scenario.pool, let verdict = result.pooled else { return nil }
    var rows = [
      ["over \(result.seedsRun) seeds together", "yours"] + pool.bands.indices.map { "band \($0 + 1)" }
    ]
    for (position, quantity) in pool.quantities.enumerated() {
      let value = verdict.values[position]
      let limits = pool.bands.map { band in
        band.limits[position].map { limit in
          let mark = pool.isMet(limit, by: value, of: quantity) ? "✔" : "✘"
          return "\(quantity.isToBeGreat ? "≥" : "≤") \(limit) \(mark)"
        } ?? ""
      }
      rows.append([quantity.name, value.map { "\($0)" } ?? "none"] + limits)
    }
    rows.append(
      ["points", "\(verdict.points)"]
        + pool.bands.indices.map { "\(pool.bands[$0].points) \($0 < verdict.reached ? "✔" : "✘")" })
    let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].displayColumns }.max() ?? 0
    }
    lines = rows.map { row in
      let cells = zip(row, widths).enumerated().map { column, cell in
        let space = String(repeating: " ", count: cell.1 - cell.0.displayColumns)
        return column == 0 ? cell.0 + space : space + cell.0
      }
      return ("      " + cells.joined(separator: "  ")).trimmedAtEnd
    }
  }
}
