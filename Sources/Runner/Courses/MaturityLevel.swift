/// How far somebody has come over all weeks: the next level is reached when more stages have been passed in full.
public struct MaturityLevel: Sendable {
  /// From 1 on.
  public let number: Int
  public let title: String
  /// The stages that it asks for beside those of the levels below it.
  public let stages: [Stage]

  public init(_ number: Int, _ title: String, stages: [Stage]) {
    self.number = number
    self.title = title
    self.stages = stages
  }

  /// The highest level whose stages, and those of all below it, have been passed, with the next one and what is missing for it.
  ///
  /// - Parameter levels: from the lowest to the highest; the lowest asks for nothing.
  /// - Parameter points: the most that any run gave for a stage.
  public static func reached(_ levels: [MaturityLevel], points: (Stage) -> Int) -> (
    level: MaturityLevel, next: MaturityLevel?, missing: [Stage]
  )? {
    func missing(_ level: MaturityLevel) -> [Stage] { level.stages.filter { points($0) < $0.maxPoints } }
    guard let level = levels.prefix(while: { missing($0).isEmpty }).last else { return nil }
    let next = levels.first { $0.number > level.number }
    return (level, next, next.map(missing) ?? [])
  }
}
