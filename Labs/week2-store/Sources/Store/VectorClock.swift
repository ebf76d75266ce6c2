import LabKit

/// A vector clock (Fidge, 1988; Mattern, 1989): how many events of each process are known. It is its own stamp.
public struct VectorClock: VectorClocking {
  /// The events known of each process; of one that is not among them, none.
  private(set) var counts: [ProcessID: Int] = [:]

  public init() {}

  /// `process`, whose clock this is, takes a step or sends a message.
  public mutating func tick(at process: ProcessID) {
    notImplemented()
  }

  /// Takes in all that `other` knows. This is no event.
  public mutating func merge(_ other: VectorClock) {
    notImplemented()
  }

  /// A message with the stamp `other` arrives at `process`, whose clock this is.
  public mutating func receive(_ other: VectorClock, at process: ProcessID) {
    notImplemented()
  }

  /// How this stamp lies to another: before, after, equal, or concurrent.
  public func compared(to other: VectorClock) -> CausalOrder {
    notImplemented()
  }
}
