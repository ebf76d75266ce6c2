extension Suite {
  /// A stage, and those of its scenarios that were asked for.
  public struct Selection: Sendable {
    public let stage: Stage
    public let scenarios: [Scenario]
  }

  /// The scenarios that some names mean; all of them if there is no name.
  ///
  /// A name is a stage, a scenario, or the last part of a scenario's name if only one scenario has it. Upper and lower
  /// case are one.
  public func selection(_ names: [String]) throws(UnknownScenario) -> [Selection] {
    var chosen: Set<String> = []
    for name in names { chosen.formUnion(try identifiers(meantBy: name)) }
    return stages.compactMap { stage in
      let scenarios = stage.scenarios.filter { names.isEmpty || chosen.contains($0.id) }
      return scenarios.isEmpty ? nil : Selection(stage: stage, scenarios: scenarios)
    }
  }

  /// The stage that a name means.
  public func stage(named name: String) throws(UnknownScenario) -> Stage {
    let wanted = name.lowercased()
    if let stage = stages.first(where: { $0.id.lowercased() == wanted }) { return stage }
    throw UnknownScenario(name: name, suite: self)
  }

  private func identifiers(meantBy name: String) throws(UnknownScenario) -> [String] {
    let wanted = name.lowercased()
    let all = stages.flatMap(\.scenarios).map(\.id)
    if let stage = stages.first(where: { $0.id.lowercased() == wanted }) { return stage.scenarios.map(\.id) }
    if let exact = all.first(where: { $0.lowercased() == wanted }) { return [exact] }
    let ending = all.filter { $0.lowercased().hasSuffix("." + wanted) }
    guard ending.count == 1 else { throw UnknownScenario(name: name, suite: self) }
    return ending
  }
}

/// A name that means no stage and no scenario of a week.
public struct UnknownScenario: Error, Sendable, CustomStringConvertible {
  public let name: String
  public let week: String
  public let nearest: String?
  public let known: [(stage: String, scenarios: [String])]

  init(name: String, suite: Suite) {
    self.name = name
    week = suite.week
    let stages = suite.stages
    let scenarios = stages.flatMap(\.scenarios).map(\.id)
    let endings = scenarios.compactMap { id in id.split(separator: ".").last.map { (String($0), id) } }
    let near = NearestName.of(name, among: stages.map(\.id) + scenarios + endings.map(\.0))
    nearest = near.map { near in endings.first { $0.0 == near }?.1 ?? near }
    known = stages.map { ($0.id, $0.scenarios.map(\.id)) }
  }

  public var description: String {
    let lines = known.map { "  \($0.stage)  \($0.scenarios.joined(separator: " "))" }
    let question = nearest.map { " Did you mean \($0)?" } ?? ""
    return "\(week) has no stage or scenario \"\(name)\".\(question) It has:\n"
      + lines.joined(separator: "\n")
  }
}
