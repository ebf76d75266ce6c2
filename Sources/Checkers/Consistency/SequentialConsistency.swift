/// Whether a store of registers looks to all clients as if their operations had been taken one at a time, each client's
/// in its own order (Lamport, "How to make a multiprocessor computer that correctly executes multiprocess programs",
/// 1979), where no value is written to a key twice.
///
/// To decide this is NP-complete even so (Gibbons and Korach 1997). What dependencies tell is asked first; then orders
/// are searched, remembering where the search has been, until one is found or the budget is spent.
public struct SequentialConsistency: Sendable {
  public init() {}

  private static let section = "Lamport 1979"

  /// Decides within `budget` configurations. A history of single operations is one of transactions of one step each.
  public func check(_ history: TransactionHistory<RegisterStep>, budget: Int = 1_000_000) -> Verdict {
    let property = "Sequential consistency"
    if let known = RegisterIsolation(.strongSessionSerializable).anomalies(in: history).first {
      return .violated(known.violation(of: property, section: Self.section))
    }
    var search = SequentialSearch(RegisterVersions(history))
    switch search.run(budget: budget) {
    case true?: return .holds
    case nil: return .undecided(reason: "no order was found within \(budget) configurations")
    case false?:
      return .violated(Violation(property: property, section: Self.section, evidence: search.evidence))
    }
  }
}

/// A depth-first search through the orders that keep each client's own.
private struct SequentialSearch {
  /// An operation as the search sees it.
  private struct Call {
    var place: Int
    /// The keys and versions that it reads.
    var reads: [(key: Int, version: Int32)]
    /// The keys that it writes and the versions that they then hold.
    var writes: [(key: Int, version: Int32)]
  }

  /// How far an order has come. The positions and the versions tell the rest.
  private struct Configuration {
    var positions: [Int32]
    var versions: [Int32]
    /// For each key how many reads of its version are still to come.
    var awaited: [Int32]
  }

  /// What may be taken one after the other: a client's operations, or a single one whose end nobody saw.
  private struct Line {
    var calls: [Call] = []
    /// The line and the position in it that must be reached before this one begins.
    var after: (line: Int, position: Int32)?
  }

  private let history: TransactionHistory<RegisterStep>
  private var lines: [Line] = []
  private var start: Configuration
  /// For each version how many operations read it.
  private var readers: [Int32: Int32] = [:]
  private var furthest: Configuration
  private var furthestCount = -1

  init(_ versions: RegisterVersions) {
    history = versions.history
    let steps = versions.history.stepKey.count
    let initial = versions.history.keys.indices.map { Int32(steps + $0) }
    start = Configuration(positions: [], versions: initial, awaited: [])
    furthest = start
    var lineOfClient: [Int: Int] = [:]
    var next = 0
    for (place, transaction) in history.transactions.enumerated() where versions.tookEffect[place] {
      var call = Call(place: place, reads: [], writes: versions.finalWrites(of: place))
      while next < versions.reads.count, versions.reads[next].transaction == Int32(place) {
        let read = versions.reads[next]
        call.reads.append((Int(read.key), read.version))
        readers[read.version, default: 0] += 1
        next += 1
      }
      let own = lineOfClient[transaction.client]
      if transaction.outcome == .unknown {
        let after = own.map { (line: $0, position: Int32(lines[$0].calls.count)) }
        lines.append(Line(calls: [call], after: after))
      } else if let own {
        lines[own].calls.append(call)
      } else {
        lineOfClient[transaction.client] = lines.count
        lines.append(Line(calls: [call]))
      }
    }
    start.positions = Array(repeating: 0, count: lines.count)
    start.awaited = initial.map { readers[$0] ?? 0 }
  }

  /// Whether there is an order; nil if the budget does not suffice to tell.
  mutating func run(budget: Int) -> Bool? {
    var seen: Set<[Int32]> = []
    var open = [start]
    while var configuration = open.popLast() {
      takeReads(&configuration)
      note(configuration)
      if isDone(configuration) { return true }
      guard seen.insert(configuration.positions + configuration.versions).inserted else { continue }
      if seen.count > budget { return nil }
      // The operation called first is tried first, hence put on the stack last.
      let candidates = lines.indices.compactMap { line in
        enabled(line, configuration).map { (line: line, call: $0) }
      }
      for (line, call) in candidates.sorted(by: { $0.call.place > $1.call.place }) {
        if let after = taking(call, in: line, configuration) { open.append(after) }
      }
    }
    return false
  }

  private func isDone(_ configuration: Configuration) -> Bool {
    lines.indices.allSatisfy { Int(configuration.positions[$0]) == lines[$0].calls.count }
  }

  /// The next operation of a line, if its turn can be now.
  private func enabled(_ line: Int, _ configuration: Configuration) -> Call? {
    let position = Int(configuration.positions[line])
    guard position < lines[line].calls.count else { return nil }
    if let after = lines[line].after, configuration.positions[after.line] < after.position { return nil }
    let call = lines[line].calls[position]
    return call.reads.allSatisfy { configuration.versions[$0.key] == $0.version } ? call : nil
  }

  /// The configuration after an operation, nil if it replaces a version that is still to be read: it will not return.
  private func taking(_ call: Call, in line: Int, _ configuration: Configuration) -> Configuration? {
    var after = configuration
    after.positions[line] += 1
    for read in call.reads { after.awaited[read.key] -= 1 }
    for write in call.writes {
      guard after.awaited[write.key] == 0 else { return nil }
      after.versions[write.key] = write.version
      after.awaited[write.key] = readers[write.version] ?? 0
    }
    return after
  }

  /// Takes what only reads and can be taken: that hinders nothing.
  private func takeReads(_ configuration: inout Configuration) {
    var took = true
    while took {
      took = false
      for line in lines.indices {
        while let call = enabled(line, configuration), call.writes.isEmpty,
          let after = taking(call, in: line, configuration)
        {
          configuration = after
          took = true
        }
      }
    }
  }

  private mutating func note(_ configuration: Configuration) {
    let count = configuration.positions.reduce(0) { $0 + Int($1) }
    if count > furthestCount { (furthestCount, furthest) = (count, configuration) }
  }

  /// How far the best order comes, and what cannot follow it.
  var evidence: String {
    let next = lines.indices.compactMap { line -> String? in
      let position = Int(furthest.positions[line])
      guard position < lines[line].calls.count else { return nil }
      return history.name(lines[line].calls[position].place)
    }
    let all = lines.reduce(0) { $0 + $1.calls.count }
    return
      "At most \(furthestCount) of \(all) operations can be put in an order that keeps each client's own; "
      + "\(list(next, last: "or")) cannot be put next without making a later read wrong."
  }
}
