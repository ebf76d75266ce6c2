import LabKit

/// What the clients and nodes of week 2's stages 2A and 2B say, in words.
enum StoreWords {
  /// A request; nil if it is none of these.
  static func request(_ body: [UInt8]) -> String? {
    if let request = try? ClockRequest(wireBytes: body) { return words(request) }
    return (try? PlacementRequest(wireBytes: body)).map(words)
  }

  /// An answer; nil if it is none of these.
  static func reply(_ body: [UInt8]) -> String? {
    if let reply = try? ClockReply(wireBytes: body) { return words(reply) }
    return (try? PlacementReply(wireBytes: body)).map(words)
  }

  /// What a clock's probe announces; nil if it is something else.
  static func output(_ body: [UInt8]) -> String? {
    guard let event = try? StampedEvent(wireBytes: body) else { return nil }
    // A vector has no fixed numbers: only its comparison says what it holds.
    let stamp =
      event.numbers.isEmpty ? "" : " stamped (\(event.numbers.map(String.init).joined(separator: ", ")))"
    return "\(event.kind)\(stamp), wall clock \(event.wall)"
  }

  private static func words(_ request: ClockRequest) -> String {
    switch request {
    case .step: "take a step"
    case .send(let receiver): "send a message to n\(receiver.number)"
    case .compare(let stamps): "compare \(stamps.count) stamps, each with each"
    case .merge: "merge two stamps"
    }
  }

  private static func words(_ reply: ClockReply) -> String {
    switch reply {
    case .orders(let orders): "\(orders.count) comparisons"
    case .merged: "the merged stamp"
    }
  }

  private static func words(_ request: PlacementRequest) -> String {
    switch request {
    case .begin(let hash): "begin anew, with a hash of \(hash.bits) bits"
    case .add(let node, let weight): "add n\(node.number), weight \(weight)"
    case .remove(let node): "remove n\(node.number)"
    case .owners(let keys): "the owners of \(keys.count) keys"
    case .preferenceLists(let keys, let count): "\(count) nodes each for \(keys.count) keys"
    }
  }

  private static func words(_ reply: PlacementReply) -> String {
    switch reply {
    case .done: "done"
    case .owners(let owners): list(owners.map { $0.map { "n\($0.number)" } ?? "none" })
    case .preferenceLists(let lists):
      list(lists.map { $0.map { "n\($0.number)" }.joined(separator: " ") })
    }
  }

  private static func list(_ items: [String]) -> String {
    items.prefix(3).joined(separator: "; ") + (items.count > 3 ? "; … \(items.count) in all" : "")
  }
}
