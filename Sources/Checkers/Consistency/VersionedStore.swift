/// What a store without a leader promises of the versions of a key (DeCandia and others, "Dynamo", 2007, 4.4 and 4.5;
/// Almeida and others, "Scalable and accurate causality tracking for eventually consistent stores", 2014).
///
/// One write *supersedes* another if its client had read it, or something that superseded it: that is what the context says
/// that it passes on. Writes of which neither supersedes the other are *concurrent*.
public struct VersionedStore: Sendable {
  /// What becomes of concurrent writes.
  public enum Concurrency: Sendable {
    /// Any of them may win.
    case lastWriterWins
    /// All of them stay until a client who has read them writes.
    case siblings
  }

  public var concurrency: Concurrency
  /// How many replicas a key has.
  public var replicas: Int

  public init(_ concurrency: Concurrency, replicas: Int) {
    self.concurrency = concurrency
    self.replicas = replicas
  }

  /// Whether the reads of a history are what the store promises. Linear in the reads times the writes.
  public func check(_ history: VersionHistory) -> Verdict {
    let key = KeyHistory(history)
    for read in history.reads {
      if let violation = key.invention(in: read) ?? key.impossibleSiblings(in: read) {
        return .violated(violation)
      }
      let due = key.writes.indices.filter { isDue($0, at: read, in: history) }
      if let violation = key.return(of: due, in: read) ?? key.loss(of: due, in: read, concurrency) {
        return .violated(violation)
      }
    }
    return .holds
  }

  /// Whether a read must know of a write: it was acknowledged before, and the two have a replica in common.
  private func isDue(_ write: Int, at read: VersionHistory.Read, in history: VersionHistory) -> Bool {
    let write = history.writes[write]
    guard let acknowledged = write.acknowledgedMicroseconds, acknowledged < read.callMicroseconds else {
      return false
    }
    return read.quorum.map { $0 + write.quorum > replicas } ?? true
  }
}

/// A key's history, with what each write supersedes.
private struct KeyHistory {
  let history: VersionHistory
  /// By each write, the writes that its client had read, and all that those supersede.
  private var superseded: [Set<Int>] = []
  /// By each write, those in whose place it may stand: what it supersedes, and earlier writes of the same client, and those in
  /// whose place these may stand. A store may count the writes of clients.
  private var replaceable: [Set<Int>] = []
  /// The writes by their names.
  private let places: [String: Int]

  var writes: [VersionHistory.Write] { history.writes }

  init(_ history: VersionHistory) {
    self.history = history
    places = Dictionary(
      history.writes.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    for (place, write) in history.writes.enumerated() {
      var known: Set<Int> = []
      var passed: Set<Int> = []
      if let earlier = history.writes[..<place].lastIndex(where: { $0.client == write.client }) {
        passed = replaceable[earlier].union([earlier])
      }
      for version in write.context.map({ history.reads[$0].found }) ?? [] {
        // What nobody had called by then is an invention, and judged as one.
        guard let seen = places[version.name], seen < place else { continue }
        known.insert(seen)
        known.formUnion(superseded[seen])
        passed.formUnion(replaceable[seen])
      }
      superseded.append(known)
      replaceable.append(passed.union(known))
    }
  }

  private func found(in read: VersionHistory.Read) -> [Int] { read.found.compactMap { places[$0.name] } }

  /// A version that nobody can have written by then.
  func invention(in read: VersionHistory.Read) -> Violation? {
    for version in read.found {
      guard let place = places[version.name], writes[place].callMicroseconds <= read.returnMicroseconds else {
        return violation(
          "Nothing is invented", read, "\(version.name), which nobody had written to \(history.key)")
      }
      if writes[place].value != version.value {
        return violation(
          "Nothing is invented", read,
          "\(version.name) as \(shown(version.value)); it was written as \(shown(writes[place].value))")
      }
      if writes[place].hasFailed {
        return violation(
          "A failed write never happens", read,
          "\(version.name), and its client had been told that it failed, which means: never")
      }
    }
    return nil
  }

  /// A version beside another that supersedes it.
  func impossibleSiblings(in read: VersionHistory.Read) -> Violation? {
    let found = found(in: read)
    for older in found where !writes[older].isRepeated {
      guard let newer = found.first(where: { superseded[$0].contains(older) }) else { continue }
      return violation(
        "A version goes when it is superseded", read,
        "\(writes[older].name) beside \(writes[newer].name), whose client had read \(path(to: older, from: newer))"
      )
    }
    return nil
  }

  /// A version that a write supersedes of which the read must know.
  func `return`(of due: [Int], in read: VersionHistory.Read) -> Violation? {
    for older in found(in: read) where !writes[older].isRepeated {
      guard let newer = due.first(where: { superseded[$0].contains(older) }) else { continue }
      return violation(
        "No superseded version comes back", read,
        "\(writes[older].name); \(acknowledgement(newer, read)), and its client had read \(path(to: older, from: newer))"
      )
    }
    return nil
  }

  /// A write of which the read must know, and of which it shows no sign.
  func loss(of due: [Int], in read: VersionHistory.Read, _ concurrency: VersionedStore.Concurrency)
    -> Violation?
  {
    let found = found(in: read)
    // A deletion may have been left out of what was returned.
    let deletions = writes.indices.filter {
      writes[$0].value == nil && writes[$0].callMicroseconds <= read.returnMicroseconds
    }
    for write in due where writes[write].value != nil && !found.contains(write) {
      let isExcused =
        switch concurrency {
        case .siblings: (found + deletions).contains { replaceable[$0].contains(write) }
        case .lastWriterWins:
          found.contains { !superseded[write].contains($0) }
            || found.isEmpty && deletions.contains { !superseded[write].contains($0) }
        }
      if isExcused { continue }
      let words = found.isEmpty ? "nothing" : list(found.map { writes[$0].name })
      let reason =
        switch concurrency {
        case .siblings where found.isEmpty: "and nobody who had read it has deleted it"
        case .siblings: "and nobody who wrote \(words) had read it"
        case .lastWriterWins where found.isEmpty: "and nobody has deleted it since"
        case .lastWriterWins: "and its client had read \(words) before"
        }
      return violation(
        "Acknowledged writes are read", read, "\(words); \(acknowledgement(write, read)), \(reason)")
    }
    return nil
  }

  // MARK: Words

  private func acknowledgement(_ write: Int, _ read: VersionHistory.Read) -> String {
    let time = writes[write].acknowledgedMicroseconds ?? 0
    let what = writes[write].value == nil ? "\(writes[write].name), a deletion," : writes[write].name
    return
      "\(what) had been acknowledged \(milliseconds(read.callMicroseconds - time)) before"
      + (read.quorum.map { " (W = \(writes[write].quorum), R = \($0))" } ?? " (W = \(writes[write].quorum))")
  }

  /// How a write came to know of an earlier one: "c1.2", or "c2.1, whose client had read c1.2".
  private func path(to older: Int, from newer: Int) -> String {
    let read = writes[newer].context.map { history.reads[$0] }
    let seen = read.map(found) ?? []
    if seen.contains(older) { return writes[older].name }
    guard let next = seen.first(where: { superseded[$0].contains(older) }) else { return writes[older].name }
    return "\(writes[next].name), which superseded \(writes[older].name)"
  }

  private func shown(_ value: String?) -> String { value.map { "\"\($0)\"" } ?? "a deletion" }

  private func violation(_ property: String, _ read: VersionHistory.Read, _ words: String) -> Violation {
    Violation(
      property: property, section: "Dynamo, 4.4",
      evidence:
        "client \(read.client) read \(history.key) through \(name(read.node)) and was given \(words).",
      nodes: [read.node])
  }
}
