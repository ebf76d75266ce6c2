import LabKit

/// A stamp of a hybrid logical clock: a reading of a wall clock, and a counter for the events that share it.
public struct HybridTime: HybridTimestamp {
  public let physical: Int
  public let counter: Int

  public static func < (left: HybridTime, right: HybridTime) -> Bool {
    notImplemented()
  }
}

/// A hybrid logical clock (Kulkarni and others, 2014): a Lamport clock that stays close to the wall clock.
public struct HybridClock: HybridClocking {
  public init() {}

  /// This process takes a step or sends a message. `wall` is what the wall clock says now, in milliseconds.
  public mutating func tick(wall: Int) -> HybridTime {
    notImplemented()
  }

  /// A message arrives that was sent at `timestamp`. Returns the arrival's own stamp.
  public mutating func receive(_ timestamp: HybridTime, wall: Int) -> HybridTime {
    notImplemented()
  }
}
