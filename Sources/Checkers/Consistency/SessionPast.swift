/// A link of a chain: one more write that a client made, or one more that it read.
struct SessionLink {
  /// The node of the graph that stands for all of the chain up to here.
  var node: Int32
  /// Which chain: each client has one of what it wrote and one of what it read.
  var chain: Int32
  /// How many links come before it in the chain.
  var place: Int32
  /// The transaction that made the write.
  var writer: Int32
}

/// For each node of a graph of sessions which writes it must see: of each chain the first so many.
///
/// What is seen of a chain is always its beginning, so that a number a chain says it all.
struct SessionPast {
  /// Writes of one key by one client, as far as one chain holds them.
  private struct Trail {
    var chain: Int32
    var client: Int
    /// Where in the chain they are.
    var places: [Int32] = []
    /// For each of these places the client's latest write up to it.
    var latest: [Int32] = []
  }

  private let history: TransactionHistory<RegisterStep>
  private let chains: Int
  /// The row of each node: of each chain how many links it must see.
  private var clocks: [Int32]
  /// By key, those of committed transactions.
  private var trails: [[Trail]]
  /// By key, writes of whose end nobody knows: nothing of their client is ordered after them.
  private var loose: [[Int32]]
  /// For each transaction the chains that hold its writes, with the first place.
  private var places: [[(chain: Int32, place: Int32)]]

  init(
    _ history: TransactionHistory<RegisterStep>, _ graph: DirectedGraph, _ order: [Int],
    _ links: [SessionLink], chains: Int
  ) {
    self.history = history
    self.chains = chains
    clocks = Array(repeating: 0, count: graph.nodes * chains)
    trails = Array(repeating: [], count: history.keys.count)
    loose = trails.map { _ in [] }
    places = Array(repeating: [], count: history.transactions.count)
    for link in links {
      clocks[Int(link.node) * chains + Int(link.chain)] = link.place + 1
      let writer = Int(link.writer)
      if !places[writer].contains(where: { $0.chain == link.chain }) {
        if places[writer].isEmpty, history.transactions[writer].outcome != .committed {
          for key in keysWritten(by: writer) { loose[key].append(link.writer) }
        }
        places[writer].append((link.chain, link.place))
      }
    }
    layOutTrails(links)
    clocks.withUnsafeMutableBufferPointer { clocks in
      for node in order {
        let own = node * chains
        for slot in Int(graph.rows[node])..<Int(graph.rows[node + 1]) {
          let target = Int(graph.targets[slot]) * chains
          for chain in 0..<chains where clocks[target + chain] < clocks[own + chain] {
            clocks[target + chain] = clocks[own + chain]
          }
        }
      }
    }
  }

  private mutating func layOutTrails(_ links: [SessionLink]) {
    struct Name: Hashable {
      var key: Int
      var chain: Int32
      var client: Int
    }
    var numbers: [Name: Int] = [:]
    for link in links where history.transactions[Int(link.writer)].outcome == .committed {
      let client = history.transactions[Int(link.writer)].client
      for key in keysWritten(by: Int(link.writer)) {
        let name = Name(key: key, chain: link.chain, client: client)
        let number = numbers[name] ?? trails[key].count
        if number == trails[key].count {
          numbers[name] = number
          trails[key].append(Trail(chain: link.chain, client: client))
        }
        // A client has one operation open at a time: its later transactions have greater places.
        let latest = max(trails[key][number].latest.last ?? link.writer, link.writer)
        guard latest != trails[key][number].latest.last else { continue }
        trails[key][number].places.append(link.place)
        trails[key][number].latest.append(latest)
      }
    }
    for key in trails.indices { trails[key].sort { $0.client < $1.client } }
  }

  /// The keys that a transaction wrote, each once.
  func keysWritten(by transaction: Int) -> [Int] {
    var keys: [Int] = []
    for step in Int(history.firstStep[transaction])..<Int(history.firstStep[transaction + 1])
    where history.step(step).written != nil {
      let key = Int(history.stepKey[step])
      if !keys.contains(key) { keys.append(key) }
    }
    return keys
  }

  /// Whether a node must see what a transaction wrote.
  func sees(_ node: Int, _ writer: Int32) -> Bool {
    places[Int(writer)].contains { clocks[node * chains + Int($0.chain)] > $0.place }
  }

  /// Calls `body` with writes of a key that a node must see: of each client the latest, and all of whose end nobody knows.
  func forEachLastWriter(of key: Int32, seenBy node: Int, _ body: (Int32) -> Void) {
    var client: Int?
    var latest: Int32 = -1
    for trail in trails[Int(key)] {
      if trail.client != client {
        if latest >= 0 { body(latest) }
        (client, latest) = (trail.client, -1)
      }
      let seen = clocks[node * chains + Int(trail.chain)]
      let after = trail.places.partitioningIndex { $0 >= seen }
      if after > 0 { latest = max(latest, trail.latest[after - 1]) }
    }
    if latest >= 0 { body(latest) }
    for writer in loose[Int(key)] where sees(node, writer) { body(writer) }
  }

  /// Tells of each read which writes of its key, being seen, must come before the one that it returned. Answers with a read
  /// that returned nothing and must see a write.
  ///
  /// - Parameters:
  ///   - first: the node of the first transaction's reads.
  ///   - order: is told that `earlier` comes before the writer of `read`, unless that sees it anyway.
  func overwritten(
    _ reads: [ExternalRead], readsFrom first: Int, _ order: (_ earlier: Int32, _ read: ExternalRead) -> Void
  ) -> MissedWrite? {
    var missed: MissedWrite?
    var start = 0
    for (index, read) in reads.enumerated() {
      if reads[start].transaction != read.transaction { start = index }
      func consider(_ writer: Int32) {
        // One that reads what came of its own write: its client's write before that takes its place.
        if writer == read.transaction {
          if let before = write(before: writer, of: read.key, seenBy: first + Int(writer)) {
            consider(before)
          }
        } else if writer == read.writer {
          return
        } else if read.writer == ExternalRead.initial {
          if missed == nil { missed = MissedWrite(read: read, writer: writer) }
        } else if !sees(Int(read.writer), writer) {
          order(writer, read)
        }
      }
      forEachLastWriter(of: read.key, seenBy: first + Int(read.transaction), consider)
      // What the transaction read of other keys is seen too, and no link before it holds it.
      for other in reads[start...].prefix(while: { $0.transaction == read.transaction })
      where other.writer >= 0 && other.writer != read.writer && wrote(other.writer, read.key) {
        consider(other.writer)
      }
      if missed != nil { return missed }
    }
    return nil
  }

  private func write(before transaction: Int32, of key: Int32, seenBy node: Int) -> Int32? {
    (0..<transaction).last { earlier in
      let (before, after) = (history.transactions[Int(earlier)], history.transactions[Int(transaction)])
      return before.client == after.client && before.outcome == .committed && wrote(earlier, key)
        && sees(node, earlier)
    }
  }

  private func wrote(_ transaction: Int32, _ key: Int32) -> Bool {
    let steps = Int(history.firstStep[Int(transaction)])..<Int(history.firstStep[Int(transaction) + 1])
    return steps.contains { history.step($0).written != nil && history.stepKey[$0] == key }
  }
}
