import Foundation
import Runner

/// A failing run as a file: what it takes to run it again, after an edit of the code or with a newer course, and the run as
/// it was. `SCHEMA.md` beside this file describes its JSON.
public struct FailureTrace: Codable, Sendable {
  /// Rises when a key is renamed, removed or changes its meaning.
  public var schema = 1
  public var week: String
  public var scenario: String
  /// With `0x` and in hexadecimal digits, as JSON's numbers are not exact.
  public var seed: String
  /// What the smaller run leaves out, or makes ordinary.
  public var alterations: Alterations
  /// How the run ended, and what it said.
  public var outcome: String
  public var message: String
  public var labVersion: String
  public var picture: RunPicture

  public init(
    _ picture: RunPicture, _ alterations: Alterations, outcome: Outcome, message: String,
    labVersion: String
  ) {
    self.picture = picture
    self.alterations = alterations
    self.outcome = outcome.rawValue
    self.message = message
    self.labVersion = labVersion
    week = picture.facts.week
    scenario = picture.facts.scenario
    seed = picture.facts.seed
  }

  /// - Throws: if the bytes are no such file.
  public init(json: Data) throws { self = try JSONDecoder().decode(Self.self, from: json) }

  /// The file's bytes.
  public func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self)
  }
}
