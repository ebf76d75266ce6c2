import LabKit

/// A vector clock (Fidge, 1988; Mattern, 1989): how many events of each process are known.
///
/// As the stamp of an event it says exactly what may have caused it: of each process, the first so many events.
public struct VectorClock: VectorClocking {
  /// The events known of each process; of one that is not among them, none.
  private(set) var counts: [ProcessID: Int] = [:]

  public init() {}

  public mutating func tick(at process: ProcessID) { counts[process, default: 0] += 1 }

  public mutating func merge(_ other: VectorClock) {
    counts.merge(other.counts, uniquingKeysWith: max)
  }

  public mutating func receive(_ other: VectorClock, at process: ProcessID) {
    merge(other)
    tick(at: process)
  }

  public func compared(to other: VectorClock) -> CausalOrder {
    switch (isCovered(by: other), other.isCovered(by: self)) {
    case (true, true): .equal
    case (true, false): .before
    case (false, true): .after
    case (false, false): .concurrent
    }
  }

  /// Whether `other` knows every event that this clock knows.
  private func isCovered(by other: VectorClock) -> Bool {
    counts.allSatisfy { process, count in count <= other.counts[process, default: 0] }
  }
}
