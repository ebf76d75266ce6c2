import LabKit

/// A Lamport clock (Lamport, 1978): a cause has a smaller time than its effect.
public struct LamportClock: LamportClocking {
  /// The time of the latest event.
  private(set) var time = 0

  public init() {}

  /// This process takes a step or sends a message. Returns the event's time.
  public mutating func tick() -> Int {
    notImplemented()
  }

  /// A message arrives that was sent at `time`. Returns the arrival's own time.
  public mutating func receive(_ time: Int) -> Int {
    notImplemented()
  }
}
