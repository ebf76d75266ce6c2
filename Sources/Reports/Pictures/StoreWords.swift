import LabKit

/// What the clients and nodes of week 2 say, in words.
enum StoreWords {
  /// A request; nil if it is none of these.
  static func request(_ body: [UInt8]) -> String? {
    if let request = try? ClockRequest(wireBytes: body) { return words(request) }
    if let request = try? StoreRequest(wireBytes: body) { return words(request) }
    if let request = try? CartRequest(wireBytes: body) { return words(request) }
    return (try? PlacementRequest(wireBytes: body)).map(words)
  }

  /// An answer; nil if it is none of these.
  static func reply(_ body: [UInt8]) -> String? {
    if let reply = try? ClockReply(wireBytes: body) { return words(reply) }
    if let reply = try? StoreReply(wireBytes: body) { return words(reply) }
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

  private static func words(_ request: StoreRequest) -> String {
    switch request {
    case .get(let key, let quorum): "get \(key), \(words(quorum, "R"))"
    case .put(let key, let version, let context, let quorum):
      (version.value == nil ? "delete \(key)" : "put \(key)") + " as \(version.write), \(words(quorum, "W"))"
        + (context == .none ? ", without a context" : "")
    case .locate(let key): "where does \(key) lie?"
    case .view(let view):
      "view \(view.number): \(names(view.members))" + (view.next.map { ", next \(names($0))" } ?? "")
    }
  }

  private static func words(_ quorum: Quorum, _ letter: String) -> String {
    switch quorum {
    case .strict(let count): "\(letter) = \(count)"
    case .sloppy(let count): "\(letter) = \(count), sloppy"
    case .linearizable: "linearizable"
    }
  }

  private static func words(_ reply: StoreReply) -> String {
    switch reply {
    case .found(let versions, _):
      versions.isEmpty
        ? "found nothing"
        : "found " + list(versions.map { $0.value == nil ? "\($0.write), a deletion" : "\($0.write)" })
    case .stored: "stored"
    case .failed: "failed"
    case .unknown: "unknown"
    case .replicas(let nodes): "on \(names(nodes))"
    case .settled(let number): "view \(number) is settled"
    }
  }

  private static func words(_ request: CartRequest) -> String {
    guard case .change(let versions, let added, let removed) = request else { return "change a cart" }
    let merged = "versions " + versions.map(String.init).joined(separator: " ")
    return ([merged] + added.map { "add \($0)" } + removed.map { "remove \($0)" }).joined(separator: ", ")
  }

  private static func names(_ nodes: [NodeID]) -> String {
    nodes.map { "n\($0.number)" }.joined(separator: " ")
  }

  private static func list(_ items: [String]) -> String {
    items.prefix(3).joined(separator: "; ") + (items.count > 3 ? "; … \(items.count) in all" : "")
  }
}
