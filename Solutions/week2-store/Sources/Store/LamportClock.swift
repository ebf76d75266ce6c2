import LabKit

/// A Lamport clock (Lamport, 1978): a cause has a smaller time than its effect.
public struct LamportClock: LamportClocking {
  /// The time of the latest event.
  private(set) var time = 0

  public init() {}

  public mutating func tick() -> Int {
    time += 1
    return time
  }

  public mutating func receive(_ time: Int) -> Int {
    self.time = max(self.time, time)
    return tick()
  }
}
