import LabKit

/// Keeps what one node takes apart from what all others need: so many attempts at it may be under way, so many calls may wait,
/// and no more are taken (Nygard, "Release It!", 2nd edition, 2018, chapter 5). Stage 4B.
struct Bulkhead: Hashable {
  enum Admission {
    /// It has a permit.
    case begins
    /// It waits for a permit.
    case waits
    /// There is no place.
    case rejected
  }

  private let permits: Int
  private let places: Int
  private(set) var underWay = 0
  /// The calls that wait, the longest first.
  private(set) var waiting: [Int] = []

  init(_ settings: ProxySettings) {
    permits = settings.permits
    places = settings.places
  }

  mutating func admit(_ call: Int) -> Admission {
    if underWay < permits {
      underWay += 1
      return .begins
    }
    guard waiting.count < places else { return .rejected }
    waiting.append(call)
    return .waits
  }

  /// Takes a permit back, and gives it to whoever has waited longest. Returns that call.
  mutating func release() -> Int? {
    guard !waiting.isEmpty else {
      underWay -= 1
      return nil
    }
    return waiting.removeFirst()
  }

  /// A call does not wait any more.
  mutating func forget(_ call: Int) { waiting.removeAll { $0 == call } }
}
