/// Figures beside each other, of which the student's own code has made some: what `lab chart` draws.
///
/// It says what is to be seen, not how: `Reports` draws it on a terminal and as a page.
public struct Chart: Sendable, Hashable {
  /// "2B Placement"
  public let title: String
  /// What was done to get the figures, in a sentence or two.
  public let setting: String
  /// Above the panels.
  public let timelines: [Timeline]
  public let panels: [Panel]

  public init(title: String, setting: String, timelines: [Timeline] = [], panels: [Panel] = []) {
    self.title = title
    self.setting = setting
    self.timelines = timelines
    self.panels = panels
  }

  /// A grid of rows and columns, whose cells are bars with a figure, or words.
  public struct Panel: Sendable, Hashable {
    public let title: String
    /// What to look for in it.
    public let remark: String
    /// What the parts of a bar are, the first one first; empty where bars have one part.
    public let parts: [String]
    public let columns: [String]
    public let rows: [Row]
    /// Whether the bars of all columns have one scale, and may be compared across.
    public let sharesScale: Bool

    public init(
      title: String, remark: String, parts: [String] = [], columns: [String], rows: [Row],
      sharesScale: Bool = false
    ) {
      self.title = title
      self.remark = remark
      self.parts = parts
      self.columns = columns
      self.rows = rows
      self.sharesScale = sharesScale
    }

    /// The length of a whole bar in a column.
    public func scale(ofColumn column: Int) -> Double {
      let cells = rows.flatMap { row in
        sharesScale ? row.cells : row.cells.indices.contains(column) ? [row.cells[column]] : []
      }
      return cells.map(\.length).max() ?? 0
    }
  }

  public struct Row: Sendable, Hashable {
    public let title: String
    /// A cell a column.
    public let cells: [Cell]

    public init(_ title: String, _ cells: [Cell]) {
      self.title = title
      self.cells = cells
    }
  }

  public struct Cell: Sendable, Hashable {
    /// The lengths of a bar's parts; empty for words alone.
    public let parts: [Double]
    /// The figure, as it is written beside the bar.
    public let words: String

    public var length: Double { parts.reduce(0, +) }

    public static func bar(_ parts: Double..., words: String) -> Cell { Cell(parts: parts, words: words) }
    public static func words(_ words: String) -> Cell { Cell(parts: [], words: words) }
  }
}

/// How a stage's chart comes about.
public struct ChartPlan: Sendable {
  /// What it shows, in a line.
  public let summary: String
  /// Runs the student's program for its figures.
  public let make: @Sendable (SuiteRunner) -> Observation<Chart>

  public init(_ summary: String, make: @escaping @Sendable (SuiteRunner) -> Observation<Chart>) {
    self.summary = summary
    self.make = make
  }
}
