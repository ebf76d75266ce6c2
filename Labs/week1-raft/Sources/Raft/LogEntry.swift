import LabKit

/// One entry of the log.
public struct LogEntry: Hashable, Codable, Sendable {
  /// The term in which a leader took the entry in.
  public let term: Int
  /// What the entry asks of the state machine. Nil, for an entry that asks nothing, becomes useful in stage 1E.
  public let command: Command?
}
