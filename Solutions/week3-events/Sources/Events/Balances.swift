import LabKit

/// What queries are answered from: a projection of all events. It can be thrown away and made anew, for it knows up to which
/// position it has come.
struct Balances: Hashable, Codable {
  struct Line: Hashable, Codable {
    var cents = 0
    var version = 0
  }

  private(set) var position = 0
  private(set) var total = 0
  private var lines: [String: Line] = [:]

  subscript(account: String) -> Line { lines[account] ?? Line() }

  /// Takes the next event; one that it has taken, or that is not the next, changes nothing.
  mutating func apply(_ event: StoredEvent) {
    guard event.position == position + 1 else { return }
    position += 1
    total += event.record.change
    lines[event.account, default: Line()].cents += event.record.change
    lines[event.account]?.version = event.version
  }
}
