import LabKit

/// The letters that the post has not acknowledged. They have a position of their own: whatever is made anew of the same events,
/// no letter is written again.
struct Letters: Hashable, Codable {
  private(set) var position = 0
  private(set) var unsent: [Letter] = []

  /// Takes the next event; one that it has taken, or that is not the next, changes nothing.
  mutating func apply(_ event: StoredEvent) {
    guard event.position == position + 1 else { return }
    position += 1
    guard event.record.schema > 1, event.record.change <= -Letter.leastCents else { return }
    // Every node writes the same letter, under the same id.
    unsent.append(
      Letter(id: "\(event.position)", account: event.account, version: event.version))
  }

  /// The post has sent it.
  mutating func posted(_ id: String) { unsent.removeAll { $0.id == id } }
}
