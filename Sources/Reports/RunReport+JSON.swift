import Foundation
import Runner

/// The document that `lab test --json` prints; SCHEMA.md beside this file describes each key.
extension RunReport: Encodable {
  private enum Key: String, CodingKey {
    case schema, week, labVersion, run, outcome, points, maxPoints, bonusPoints, maxBonusPoints, seed, mode,
      wallSeconds, buildErrors, warnings, stages, shrunk
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(Self.schema, forKey: .schema)
    try container.encode(week, forKey: .week)
    try container.encode(labVersion, forKey: .labVersion)
    // Optional values are written as null, so that a document always has the same keys.
    try container.encode(run, forKey: .run)
    try container.encode(outcome, forKey: .outcome)
    try container.encode(points, forKey: .points)
    try container.encode(maxPoints, forKey: .maxPoints)
    try container.encode(bonusPoints, forKey: .bonusPoints)
    try container.encode(maxBonusPoints, forKey: .maxBonusPoints)
    try container.encode(Screen.seed(seed), forKey: .seed)
    try container.encode(isApart ? "apart" : "together", forKey: .mode)
    try container.encode(seconds(wallMilliseconds), forKey: .wallSeconds)
    try container.encode(buildErrors.map(Screen.harmless), forKey: .buildErrors)
    try container.encode(warnings.map(Screen.harmless), forKey: .warnings)
    try container.encode(stages, forKey: .stages)
    try container.encode(shrunk.map(ShrunkReport.init), forKey: .shrunk)
  }

  /// The document as text, its keys in alphabetical order.
  public func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }
}

extension StageReport: Encodable {
  private enum Key: String, CodingKey { case id, title, isBonus, outcome, points, maxPoints, scenarios }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(result.stage.id, forKey: .id)
    try container.encode(result.stage.title, forKey: .title)
    try container.encode(result.stage.isBonus, forKey: .isBonus)
    try container.encode(result.outcome, forKey: .outcome)
    try container.encode(result.points, forKey: .points)
    try container.encode(result.maxPoints, forKey: .maxPoints)
    try container.encode(scenarios, forKey: .scenarios)
  }
}

extension ScenarioReport: Encodable {
  private enum Key: String, CodingKey {
    case id, title, outcome, points, maxPoints, seedsRun, seedsFailed, failingSeed, nodes, violation, failure,
      virtualSeconds, wallSeconds, bands
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(result.scenario.id, forKey: .id)
    try container.encode(result.scenario.title, forKey: .title)
    try container.encode(result.outcome, forKey: .outcome)
    try container.encode(result.points, forKey: .points)
    try container.encode(result.scenario.points, forKey: .maxPoints)
    try container.encode(result.seedsRun, forKey: .seedsRun)
    try container.encode(result.seedsFailed, forKey: .seedsFailed)
    try container.encode(result.failingSeed.map(Screen.seed), forKey: .failingSeed)
    try container.encode(result.failingSeed == nil ? nil : result.nodeCount, forKey: .nodes)
    try container.encode(result.message.map(Screen.harmless), forKey: .violation)
    try container.encode(failure, forKey: .failure)
    try container.encode(seconds(result.virtualMilliseconds), forKey: .virtualSeconds)
    try container.encode(seconds(result.wallMilliseconds), forKey: .wallSeconds)
    try container.encode(BandsReport(result), forKey: .bands)
  }
}

/// What all seeds of a scenario came to together.
private struct BandsReport: Encodable {
  let reached, of: Int
  let values: [String: Int?]

  init?(_ result: ScenarioResult) {
    guard let pool = result.scenario.pool, let verdict = result.pooled else { return nil }
    reached = verdict.reached
    of = pool.bands.count
    values = Dictionary(uniqueKeysWithValues: zip(pool.quantities.map(\.name), verdict.values))
  }
}

/// A smaller run of the first failure.
private struct ShrunkReport: Encodable {
  let nodes, events, eventsBefore, faults, requests: Int
  let violation: String

  init(_ run: ShrunkRun) {
    nodes = run.after.nodes
    events = run.after.events
    eventsBefore = run.before.events
    faults = run.after.faults
    requests = run.after.requests
    violation = Screen.harmless(run.result.message ?? "")
  }
}

private func seconds(_ milliseconds: Int) -> Double { Double(milliseconds) / 1_000 }
