/// A read of a key's initial version by a transaction that should have seen a write of the key.
struct MissedWrite {
  var read: ExternalRead
  var writer: Int32
}

/// What reads tell of the order of writes if transactions are seen whole.
///
/// The ideas are those of Biswas and Enea ("On the complexity of checking transactional consistency", OOPSLA 2019) and
/// of AWDIT (PLDI 2025): if a transaction must have seen a write of x and yet read another one, then the latter is
/// the later one.
struct WriteOrderInference<Step: TransactionStep> {
  var history: TransactionHistory<Step>
  /// Reads in the order of their transactions.
  var reads: [ExternalRead]
  var tookEffect: [Bool]

  /// Tells that the transaction `earlier` wrote the key of `read` before the writer of `read` did.
  typealias Order = (_ earlier: Int32, _ read: ExternalRead) -> Void

  private func groups(_ body: (Range<Int>) -> Void) {
    var start = 0
    while start < reads.count {
      var end = start + 1
      while end < reads.count, reads[end].transaction == reads[start].transaction { end += 1 }
      body(start..<end)
      start = end
    }
  }

  /// What follows if whoever reads one write of a transaction sees all of them (read atomic).
  ///
  /// Takes for each read the steps of the transaction read from, hence linear time where transactions are short.
  func atomic(_ order: Order) -> MissedWrite? {
    var missed: MissedWrite?
    var readOfKey = Array(repeating: -1, count: history.keys.count)
    var reader = Array(repeating: Int32(-1), count: history.transactions.count)
    groups { group in
      for index in group { readOfKey[Int(reads[index].key)] = index }
      for index in group {
        let writer = Int(reads[index].writer)
        guard writer >= 0, tookEffect[writer], reader[writer] != reads[index].transaction else { continue }
        reader[writer] = reads[index].transaction
        for step in Int(history.firstStep[writer])..<Int(history.firstStep[writer + 1]) {
          let other = readOfKey[Int(history.stepKey[step])]
          guard other >= 0, history.step(step).written != nil else { continue }
          relate(Int32(writer), reads[other], order, &missed)
        }
      }
      for index in group { readOfKey[Int(reads[index].key)] = -1 }
    }
    return missed
  }

  private func relate(_ earlier: Int32, _ read: ExternalRead, _ order: Order, _ missed: inout MissedWrite?) {
    guard earlier != read.writer, earlier != read.transaction else { return }
    if read.writer == ExternalRead.initial {
      if missed == nil { missed = MissedWrite(read: read, writer: earlier) }
    } else if read.writer >= 0, tookEffect[Int(read.writer)] {
      order(earlier, read)
    }
  }

  /// What follows if whoever sees a transaction also sees what came before it, as a client's own order and reads tell
  /// (causal consistency with one order of writes for all).
  ///
  /// - Parameter onlyKnown: tells only of contradictions to what came before what.
  func causal(onlyKnown: Bool = false, _ order: Order) -> MissedWrite? {
    guard !history.isTooWideForClocks, let past = CausalPast(history, reads, tookEffect) else { return nil }
    var missed: MissedWrite?
    for read in reads {
      past.forEachLastWriter(of: read.key, before: read.transaction) { earlier in
        let isFree = read.writer >= 0 && !past.comes(read.writer, before: earlier)
        if onlyKnown && isFree { return }
        relate(earlier, read, order, &missed)
      }
    }
    return missed
  }
}

extension TransactionHistory {
  /// Whether the vector clocks of all transactions would take more than 1 GB, counted with those of unknown outcome
  /// as clients of their own.
  var isTooWideForClocks: Bool {
    let clients = Set(transactions.map(\.client)).count + transactions.count { $0.outcome == .unknown }
    return transactions.count * clients > 250_000_000
  }
}

/// For each transaction how much of each client's own order came before it.
struct CausalPast {
  /// Why a history is left undecided whose clocks would take too much memory.
  static let tooWide = "the history has too many transactions for so many clients"

  private var clients: Int
  /// The number of each transaction's client, and the transaction's place in that client's order.
  private var client: [Int32]
  private var index: [Int32]
  /// The row of each transaction: for each client the number of its transactions that came before.
  private var clocks: [Int32]
  /// Of each key the transactions that wrote it, by client and in the client's order.
  private var writers: [[(client: Int32, index: Int32, transaction: Int32)]]

  /// Nil if transactions come before themselves, so that there is no past.
  init?<Step>(_ history: TransactionHistory<Step>, _ reads: [ExternalRead], _ tookEffect: [Bool]) {
    let count = history.transactions.count
    var edges = DependencyEdges(transactions: count)
    edges.addSessionOrder(of: history, among: tookEffect)
    for read in reads where read.writer >= 0 && tookEffect[Int(read.writer)] {
      edges.add(read.writer, read.transaction, .writeRead)
    }
    var numbers: [Int: Int32] = [:]
    client = Array(repeating: 0, count: count)
    index = Array(repeating: 0, count: count)
    var lengths: [Int32] = []
    for (place, transaction) in history.transactions.enumerated() where tookEffect[place] {
      // One whose end nobody saw comes before nothing of its client: it counts as a client of its own.
      let known = transaction.outcome == .committed ? numbers[transaction.client] : nil
      let number = known ?? Int32(lengths.count)
      if known == nil { lengths.append(0) }
      if transaction.outcome == .committed { numbers[transaction.client] = number }
      client[place] = number
      index[place] = lengths[Int(number)]
      lengths[Int(number)] += 1
    }
    clients = lengths.count
    clocks = Array(repeating: 0, count: count * clients)
    let graph = DirectedGraph(nodes: count, from: edges.from, to: edges.to)
    guard let order = graph.topologicalOrder() else { return nil }
    for node in order {
      for slot in Int(graph.rows[node])..<Int(graph.rows[node + 1]) {
        let target = Int(graph.targets[slot])
        for column in 0..<clients {
          let (from, to) = (node * clients + column, target * clients + column)
          clocks[to] = max(clocks[to], clocks[from])
        }
        let own = target * clients + Int(client[node])
        clocks[own] = max(clocks[own], index[node] + 1)
      }
    }
    writers = Array(repeating: [], count: history.keys.count)
    for place in history.transactions.indices where tookEffect[place] {
      for step in Int(history.firstStep[place])..<Int(history.firstStep[place + 1])
      where history.step(step).written != nil {
        let key = Int(history.stepKey[step])
        if writers[key].last?.transaction != Int32(place) {
          writers[key].append((client[place], index[place], Int32(place)))
        }
      }
    }
    for key in writers.indices { writers[key].sort { ($0.client, $0.index) < ($1.client, $1.index) } }
  }

  func comes(_ first: Int32, before second: Int32) -> Bool {
    clocks[Int(second) * clients + Int(client[Int(first)])] > index[Int(first)]
  }

  /// Calls `body` with each client's last transaction that wrote `key` and came before `transaction`.
  func forEachLastWriter(of key: Int32, before transaction: Int32, _ body: (Int32) -> Void) {
    let list = writers[Int(key)]
    var start = 0
    while start < list.count {
      let client = list[start].client
      let end = list.partition(from: start) { $0.client <= client }
      let seen = clocks[Int(transaction) * clients + Int(client)]
      let after = list.partition(from: start) { $0.client <= client && $0.index < seen }
      if after > start { body(list[after - 1].transaction) }
      start = end
    }
  }
}

extension Array {
  /// The first place from `start` on at which `isBefore` no longer holds, given that it holds up to some place only.
  fileprivate func partition(from start: Int, where isBefore: (Element) -> Bool) -> Int {
    var (low, high) = (start, count)
    while low < high {
      let middle = low + (high - low) / 2
      if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
