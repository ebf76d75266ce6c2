/// Whether a store of registers looks to all clients as if their operations had been taken one at a time, each client's
/// in its own order (Lamport, "How to make a multiprocessor computer that correctly executes multiprocess programs",
/// 1979), where no value is written to a key twice.
///
/// To decide this is NP-complete even so (Gibbons and Korach 1997). What dependencies tell is asked first; then orders
/// are searched, remembering where the search has been, until one is found or the budget is spent.
public struct SequentialConsistency: Sendable {
  public init() {}

  private static let section = "Lamport 1979"

  /// Decides within `budget` configurations, fewer if they would take too much memory. A history of single operations is one of transactions of one step each.
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

  /// An operation taken, and what it replaced.
  private struct Move {
    var line: Int
    var replaced: [(key: Int, version: Int32, awaited: Int32)]
  }

  /// A place to come back to: the number of moves before it, and the lines that are still to be tried.
  private struct Fork {
    var moves: Int
    var lines: [Int]
  }

  /// What may be taken one after the other: a client's operations, or a single one whose end nobody saw.
  private struct Line {
    var calls: [Call] = []
    /// The line and the position in it that must be reached before this one begins.
    var after: (line: Int, position: Int32)?
  }

  /// How many positions are remembered at most, which take 400 MB.
  private static let mostPositions = 100_000_000

  private let history: TransactionHistory<RegisterStep>
  private var lines: [Line] = []
  private var total = 0
  /// For each version how many operations read it.
  private var readers: [Int32: Int32] = [:]
  /// How far each line has come. This tells the rest: of the versions written, one that is still to be read must be
  /// the present one, and the others do not matter.
  private var positions: [Int32]
  /// What each key holds, and how many reads of that are still to come.
  private var versions: [Int32]
  private var awaited: [Int32]
  private var moves: [Move] = []
  private var furthest: [Int32] = []
  private var furthestCount = -1

  init(_ versions: RegisterVersions) {
    history = versions.history
    let steps = versions.history.stepKey.count
    let initial = versions.history.keys.indices.map { Int32(steps + $0) }
    self.versions = initial
    positions = []
    awaited = []
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
    positions = Array(repeating: 0, count: lines.count)
    awaited = initial.map { readers[$0] ?? 0 }
    total = lines.reduce(0) { $0 + $1.calls.count }
  }

  /// Whether there is an order; nil if the budget does not suffice to tell.
  mutating func run(budget: Int) -> Bool? {
    var seen: Set<[Int32]> = []
    var forks: [Fork] = []
    takeReads()
    if moves.count == total { return true }
    note()
    forks.append(Fork(moves: 0, lines: candidates()))
    while let fork = forks.last {
      guard let line = fork.lines.last else {
        undo(to: fork.moves)
        forks.removeLast()
        continue
      }
      forks[forks.count - 1].lines.removeLast()
      let before = moves.count
      guard take(line) else { continue }
      takeReads()
      if moves.count == total { return true }
      note()
      if seen.insert(positions).inserted {
        if seen.count > budget || seen.count * lines.count > Self.mostPositions { return nil }
        forks.append(Fork(moves: before, lines: candidates()))
      } else {
        undo(to: before)
      }
    }
    return false
  }

  /// The lines whose next operation can be taken; the one called first comes last, to be tried first.
  private func candidates() -> [Int] {
    lines.indices.compactMap { line in next(line).map { (line: line, place: $0.place) } }
      .sorted { $0.place > $1.place }.map(\.line)
  }

  /// The next operation of a line, if its turn can be now.
  private func next(_ line: Int) -> Call? {
    let position = Int(positions[line])
    guard position < lines[line].calls.count else { return nil }
    if let after = lines[line].after, positions[after.line] < after.position { return nil }
    let call = lines[line].calls[position]
    return call.reads.allSatisfy { versions[$0.key] == $0.version } ? call : nil
  }

  /// Takes a line's next operation, unless it replaces a version that is still to be read: that will not return.
  private mutating func take(_ line: Int) -> Bool {
    guard let call = next(line) else { return false }
    for read in call.reads { awaited[read.key] -= 1 }
    guard call.writes.allSatisfy({ awaited[$0.key] == 0 }) else {
      for read in call.reads { awaited[read.key] += 1 }
      return false
    }
    positions[line] += 1
    moves.append(Move(line: line, replaced: call.writes.map { ($0.key, versions[$0.key], awaited[$0.key]) }))
    for write in call.writes {
      versions[write.key] = write.version
      awaited[write.key] = readers[write.version] ?? 0
    }
    return true
  }

  private mutating func undo(to count: Int) {
    while moves.count > count {
      let move = moves.removeLast()
      positions[move.line] -= 1
      for (key, version, reads) in move.replaced { (versions[key], awaited[key]) = (version, reads) }
      for read in lines[move.line].calls[Int(positions[move.line])].reads { awaited[read.key] += 1 }
    }
  }

  /// Takes what only reads and can be taken: that hinders nothing.
  private mutating func takeReads() {
    var took = true
    while took {
      took = false
      for line in lines.indices {
        while let call = next(line), call.writes.isEmpty, take(line) { took = true }
      }
    }
  }

  private mutating func note() {
    if moves.count > furthestCount { (furthestCount, furthest) = (moves.count, positions) }
  }

  /// How far the best order comes, and what cannot follow it.
  var evidence: String {
    let next = lines.indices.compactMap { line -> String? in
      let position = Int(furthest[line])
      guard position < lines[line].calls.count else { return nil }
      return history.name(lines[line].calls[position].place)
    }
    return
      "At most \(furthestCount) of \(total) operations can be put in an order that keeps each client's own; "
      + "\(list(next, last: "or")) cannot be put next without making a later read wrong."
  }
}
