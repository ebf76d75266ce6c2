import LabKit

/// One entry of the log.
public struct LogEntry: Hashable, Codable, Sendable {
  /// What an entry is for.
  public enum Content: Hashable, Codable, Sendable {
    /// It asks this of the state machine.
    case command(Command)
    /// From here on these are the members (thesis, 4.1).
    case members([NodeID])
    /// It is there only to be committed (thesis, 6.4).
    case nothing
  }

  /// The term in which a leader took the entry in.
  public let term: Int
  public let content: Content

  init(term: Int, _ content: Content) {
    self.term = term
    self.content = content
  }

  var command: Command? { if case .command(let command) = content { command } else { nil } }

  var members: [NodeID]? { if case .members(let members) = content { members } else { nil } }

  /// Tells this entry from others of its index and term.
  var digest: UInt64 {
    switch content {
    case .command(let command): command.id
    case .members(let members): stableHash(members.map { UInt8(truncatingIfNeeded: $0.number) })
    case .nothing: 0
    }
  }
}
