import LabKit

/// One entry of the log.
public struct LogEntry: Hashable, Codable, Sendable {
  /// The term in which a leader took the entry in.
  public let term: Int
  /// What the entry asks of the state machine; nil if it is there only to be committed (thesis, 6.4).
  public let command: Command?
  /// Who is a member from this entry on; nil if that stays as it is (thesis, 4.1).
  public let members: [NodeID]?

  init(term: Int, command: Command? = nil, members: [NodeID]? = nil) {
    self.term = term
    self.command = command
    self.members = members
  }

  /// Tells this entry from others of its index and term.
  var digest: UInt64 {
    if let members { return stableHash(members.map { UInt8(truncatingIfNeeded: $0.number) }) }
    return command?.id ?? 0
  }
}
