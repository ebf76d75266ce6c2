extension Chart {
  /// One run from its beginning to its end: what happened in lanes of spans, and below it how quantities went meanwhile.
  public struct Timeline: Sendable, Hashable {
    public let title: String
    /// What to look for in it.
    public let remark: String
    /// How long the run was.
    public let seconds: Int
    public let lanes: [Lane]
    public let curves: [Curve]

    public init(title: String, remark: String, seconds: Int, lanes: [Lane], curves: [Curve]) {
      self.title = title
      self.remark = remark
      self.seconds = seconds
      self.lanes = lanes
      self.curves = curves
    }
  }

  /// Spans that have to do with one thing.
  public struct Lane: Sendable, Hashable {
    public let title: String
    public let spans: [Span]

    public init(_ title: String, _ spans: [Span]) {
      self.title = title
      self.spans = spans
    }
  }

  /// Something that went on for a while.
  public struct Span: Sendable, Hashable {
    /// In seconds from the beginning.
    public let start: Double
    public let end: Double
    public let words: String

    public init(start: Double, end: Double, words: String) {
      self.start = start
      self.end = end
      self.words = words
    }
  }

  /// A quantity over time.
  public struct Curve: Sendable, Hashable {
    /// With its unit: "slowest page, ms".
    public let title: String
    /// One for each second; nil where there was nothing to measure.
    public let values: [Double?]
    /// What the top of the drawing stands for.
    public let scale: Double
    /// Whether it is the low values that must not be lost where there is no room for all.
    public let isLowBad: Bool

    public init(_ title: String, _ values: [Double?], scale: Double, isLowBad: Bool = false) {
      self.title = title
      self.values = values
      self.scale = scale
      self.isLowBad = isLowBad
    }
  }
}
