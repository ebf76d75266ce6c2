extension DependencyEdges {
  /// Adds each client's order: a committed transaction comes before what its client calls next.
  mutating func addSessionOrder<Step>(of history: TransactionHistory<Step>, among isNode: [Bool]) {
    var latest: [Int: Int32] = [:]
    for (place, transaction) in history.transactions.enumerated() where isNode[place] {
      if let before = latest[transaction.client] { add(before, Int32(place), .session) }
      // One whose end nobody saw may take effect later than what follows it.
      if transaction.outcome == .committed { latest[transaction.client] = Int32(place) }
    }
  }

  /// Adds the order of time: a transaction that had returned comes before those called later.
  ///
  /// A chain of auxiliary nodes stands for the moments between, so that the edges are as many as the transactions.
  mutating func addRealTimeOrder<Step>(of history: TransactionHistory<Step>, among isNode: [Bool]) {
    var returns = history.transactions.indices.filter {
      isNode[$0] && history.transactions[$0].outcome == .committed
    }
    .map { (time: history.transactions[$0].return ?? .max, place: Int32($0)) }
    returns.sort { ($0.time, $0.place) < ($1.time, $1.place) }
    var next = 0
    var moment: Int32?
    for (place, transaction) in history.transactions.enumerated() where isNode[place] {
      if next < returns.count, returns[next].time < transaction.call {
        let later = addNode()
        if let moment { add(moment, later, .link) }
        while next < returns.count, returns[next].time < transaction.call {
          add(returns[next].place, later, .realTime)
          next += 1
        }
        moment = later
      }
      if let moment { add(moment, Int32(place), .link) }
    }
  }
}
