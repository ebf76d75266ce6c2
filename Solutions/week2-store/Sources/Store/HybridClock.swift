import LabKit

/// A stamp of a hybrid logical clock: a reading of a wall clock, and a counter for the events that share it.
public struct HybridTime: HybridTimestamp {
  public let physical: Int
  public let counter: Int

  public static func < (left: HybridTime, right: HybridTime) -> Bool {
    (left.physical, left.counter) < (right.physical, right.counter)
  }
}

/// A hybrid logical clock (Kulkarni and others, 2014): a Lamport clock that stays close to the wall clock.
public struct HybridClock: HybridClocking {
  /// The latest stamp given or received.
  private(set) var latest = HybridTime(physical: 0, counter: 0)

  public init() {}

  public mutating func tick(wall: Int) -> HybridTime {
    let isNew = wall > latest.physical
    latest =
      isNew
      ? HybridTime(physical: wall, counter: 0)
      : HybridTime(physical: latest.physical, counter: latest.counter + 1)
    return latest
  }

  public mutating func receive(_ timestamp: HybridTime, wall: Int) -> HybridTime {
    latest = max(latest, timestamp)
    return tick(wall: wall)
  }
}
