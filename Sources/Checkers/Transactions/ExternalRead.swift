/// A read by a committed transaction of a version that others made.
struct ExternalRead {
  /// The place of the transaction in the history.
  var transaction: Int32
  var key: Int32
  /// The number of the version read.
  var version: Int32
  /// The transaction that made the version, `initial`, or `unknown`.
  var writer: Int32
  /// The step that read.
  var step: Int32

  /// Stands for the writer of what a key holds before all writes.
  static let initial: Int32 = -1
  /// Stands for a writer that cannot be told.
  static let unknown: Int32 = -2
}

/// For each version of a key the transactions that made later ones, next to it as far as that is known.
///
/// A reader of a version comes before each of them.
struct VersionSuccessors {
  private var heads: [Int32]
  private var next: [Int32] = []
  private var successors: [Int32] = []

  init(versions: Int) { heads = Array(repeating: -1, count: versions) }

  mutating func add(_ transaction: Int32, to version: Int32) {
    next.append(heads[Int(version)])
    heads[Int(version)] = Int32(successors.count)
    successors.append(transaction)
  }

  /// Adds to `edges` that readers come before those who made later versions.
  ///
  /// - Parameter updaters: for each version the first transaction that both read it and wrote its key, or -1.
  ///   A second one is a lost update, which is reported as such and needs no edges.
  func addAntiDependencies(
    of reads: [ExternalRead], updaters: [Int32], wroteKey: (ExternalRead) -> Bool,
    to edges: inout DependencyEdges
  ) {
    var hubs: [Int32: Int32] = [:]
    for read in reads {
      let head = heads[Int(read.version)]
      guard head >= 0 else { continue }
      if next[Int(head)] < 0 || updaters[Int(read.version)] == read.transaction {
        // A reader that itself made a later version must not come before itself by way of a node shared with others.
        var entry = head
        while entry >= 0 {
          let successor = successors[Int(entry)]
          if successor != read.transaction {
            edges.add(read.transaction, successor, .readWrite, step: read.step)
          }
          entry = next[Int(entry)]
        }
      } else if !wroteKey(read) {
        let hub: Int32
        if let known = hubs[read.version] {
          hub = known
        } else {
          hub = edges.addNode()
          hubs[read.version] = hub
          var entry = head
          while entry >= 0 {
            edges.add(hub, successors[Int(entry)], .link)
            entry = next[Int(entry)]
          }
        }
        edges.add(read.transaction, hub, .readWrite, step: read.step)
      }
    }
  }
}
