/// Whether reads of registers are out of date by no more than a bound, where no value is written to a key twice.
///
/// What a read returned counts as replaced by another write only where that is certain: the one had returned when the
/// other was called (Golab, Li and Shah, "Analyzing consistency properties for fun and profit", PODC 2011; by versions,
/// Aiyer, Alvisi and Bazzi, "On the availability of non-strict quorum systems", DISC 2005). A read that is reported is
/// too old indeed.
public struct BoundedStaleness: Sendable {
  public enum Bound: Sendable, Equatable {
    /// A read may return what was replaced up to so many microseconds before it was called.
    case microseconds(Int)
    /// A read may return what was replaced up to so many times; 0 for no stale reads at all.
    case versions(Int)
  }

  public var bound: Bound

  public init(_ bound: Bound) { self.bound = bound }

  private typealias Write = (call: Int, end: Int, transaction: Int)

  /// Whether all reads keep to the bound. A history of single operations is one of transactions of one step each.
  public func check(_ history: TransactionHistory<RegisterStep>) -> Verdict {
    let versions = RegisterVersions(history)
    if let wrong = versions.impossibleRead { return .violated(violation(wrong.evidence)) }
    let writes = versions.writersOfKeys().map { writers in
      writers.map { place -> Write in
        let transaction = history.transactions[Int(place)]
        let isKnown = transaction.outcome == .committed
        return (transaction.call, isKnown ? transaction.return ?? .max : .max, Int(place))
      }
      .sorted { $0.call < $1.call }
    }
    for read in versions.reads {
      let reader = history.transactions[Int(read.transaction)]
      let own = read.writer >= 0 ? history.transactions[Int(read.writer)] : nil
      let known = own.map { $0.outcome == .committed ? $0.return ?? .max : .max } ?? .min
      let newer = replacing(writes[Int(read.key)], after: known, before: reader.call)
      guard let first = newer.first, let evidence = excess(newer, at: reader.call) else { continue }
      return .violated(
        violation(
          "\(history.name(Int(read.transaction))), called at \(milliseconds(reader.call)), read "
            + "\(versions.shown(read.step)), \(evidence) by \(history.name(first.transaction)), which had returned at "
            + "\(milliseconds(first.end))."))
    }
    return .holds
  }

  /// The writes that certainly lie between two moments, the first to return first, as many as the bound needs.
  private func replacing(_ writes: [Write], after start: Int, before end: Int) -> [Write] {
    var (low, high) = (0, writes.count)
    while low < high {
      let middle = low + (high - low) / 2
      if writes[middle].call <= start { low = middle + 1 } else { high = middle }
    }
    var found: [Write] = []
    for write in writes[low...] {
      if write.call >= end { break }
      guard write.end < end else { continue }
      found.append(write)
      switch bound {
      // The first to return may be called after one that took longer, but not after that one has returned.
      case .microseconds: if let first = found.map(\.end).min(), write.call > first { return sorted(found) }
      case .versions(let most): if found.count > most { return sorted(found) }
      }
    }
    return sorted(found)
  }

  private func sorted(_ writes: [Write]) -> [Write] { writes.sorted { $0.end < $1.end } }

  private func excess(_ newer: [Write], at time: Int) -> String? {
    switch bound {
    case .microseconds(let most):
      guard let first = newer.first, time - first.end > most else { return nil }
      return "\(milliseconds(time - first.end)) after it was replaced"
    case .versions(let most):
      return newer.count > most
        ? "after it was replaced \(newer.count) time\(newer.count == 1 ? "" : "s"), first" : nil
    }
  }

  private func violation(_ evidence: String) -> Violation {
    let limit =
      switch bound {
      case .microseconds(let most): milliseconds(most)
      case .versions(let most): "\(most) version\(most == 1 ? "" : "s")"
      }
    return Violation(
      property: "Staleness of at most \(limit)", section: "Golab, Li and Shah 2011", evidence: evidence)
  }
}
