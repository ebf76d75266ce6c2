import Foundation

/// What is kept of a smaller run, beside its scenario and seed: enough to run it again, whatever the code is by then.
public struct ShrunkRecord: Sendable, Codable, Equatable {
  /// Rises when a key gets another meaning.
  public var schema = 1
  public var alterations: Alterations
  /// What the smaller run said.
  public var message: String
  public var nodes: Int

  public init(_ run: ShrunkRun) {
    alterations = run.alterations
    message = run.result.message ?? ""
    nodes = run.after.nodes
  }

  public init(text: String) throws {
    self = try JSONDecoder().decode(Self.self, from: Data(text.utf8))
  }

  public func text() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}
