import LabKit

/// One entry of the log.
public struct LogEntry: Hashable, Codable, Sendable {
  /// The term in which a leader took the entry in.
  public let term: Int
  /// What the entry asks of the state machine; nil if it is there only to be committed (thesis, 6.4).
  public let command: Command?
}
