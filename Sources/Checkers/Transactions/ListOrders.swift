/// The order of each list's elements, and what follows from it for the transactions.
struct ListOrders {
  let history: TransactionHistory<ListStep>
  /// What is wrong without being a cycle, the first case of each kind.
  private(set) var anomalies: [Anomaly] = []

  /// For each read how many elements it saw that others had appended, or -1 if an earlier read in its transaction
  /// explains it. What a transaction itself appended may be seen before others have a say in its place.
  private(set) var external: [Int32]
  /// For each key the step that read the most elements that others had appended, or -1.
  private(set) var longest: [Int32]
  /// Where each key's versions begin: version `first[key] + n` is the list of the first n elements.
  private(set) var first: [Int32] = []
  /// The step that appends to each version, or -1 if nobody did or nobody read it.
  private(set) var extending: [Int32] = []
  /// For each append its place in the order of its key, or -1 if no committed transaction read it.
  private(set) var position: [Int32]
  /// For each append the transaction's one before it to the same key, or -1.
  private(set) var previousOwn: [Int32]
  /// Whether the transaction appended to the same key after this append.
  private(set) var isReplaced: [Bool]
  /// Whether a transaction took effect, as far as its client or a reader knows.
  private(set) var tookEffect: [Bool]

  var transactions: [Transaction<ListStep>] { history.transactions }

  init(_ history: TransactionHistory<ListStep>) {
    self.history = history
    let steps = history.stepKey.count
    longest = Array(repeating: -1, count: history.keys.count)
    external = Array(repeating: -1, count: steps)
    position = Array(repeating: -1, count: steps)
    previousOwn = Array(repeating: -1, count: steps)
    isReplaced = Array(repeating: false, count: steps)
    tookEffect = history.transactions.map { $0.outcome == .committed }
    findOwnAppends()
    findExternal()
    findOrders()
  }

  func owner(_ step: Int32) -> Int { Int(history.stepOwner[Int(step)]) }

  func elements(_ step: Int32) -> [Int] {
    guard step >= 0, case .read(_, let list?) = history.step(Int(step)) else { return [] }
    return list
  }

  /// Tells what each read saw of others' appends, and notes those that contradict their own transaction.
  private mutating func findExternal() {
    // Of each key in the transaction at hand: whether it was met, the last read, the last append, those since the read.
    var stamps = Array(repeating: -1, count: longest.count)
    var lastRead = Array(repeating: Int32(-1), count: longest.count)
    var lastAppend = Array(repeating: Int32(-1), count: longest.count)
    var appendsSince = Array(repeating: 0, count: longest.count)
    for place in transactions.indices where transactions[place].outcome == .committed {
      var number = history.firstStep[place]
      for step in transactions[place].steps {
        defer { number += 1 }
        let key = Int(history.stepKey[Int(number)])
        if stamps[key] != place {
          stamps[key] = place
          lastRead[key] = -1
          lastAppend[key] = -1
          appendsSince[key] = 0
        }
        switch step {
        case .append:
          lastAppend[key] = number
          appendsSince[key] += 1
        case .read(_, nil): break
        case .read(_, let list?):
          let own = ownSuffix(of: list, from: lastAppend[key])
          let before = lastRead[key]
          let isConsistent =
            own >= appendsSince[key] && (before < 0 || follows(list, before, own: appendsSince[key]))
          if !isConsistent { reportInternal(number, before, appendsSince[key]) }
          if before < 0 || !isConsistent {
            external[Int(number)] = Int32(list.count - own)
            let record = longest[key]
            if record < 0 || external[Int(record)] < external[Int(number)] { longest[key] = number }
          }
          lastRead[key] = number
          appendsSince[key] = 0
        }
      }
    }
  }

  /// Whether the list is that of an earlier read with as many more elements.
  private func follows(_ list: [Int], _ read: Int32, own: Int) -> Bool {
    let before = elements(read)
    return list.count == before.count + own && isPrefix(before[...], of: list)
  }

  /// How many of a transaction's appends to a key, the last of which is given, the list ends with.
  private func ownSuffix(of list: [Int], from append: Int32) -> Int {
    var (step, matched) = (append, 0)
    while step >= 0, matched < list.count, history.step(Int(step)).written == list[list.count - 1 - matched] {
      step = previousOwn[Int(step)]
      matched += 1
    }
    return matched
  }

  func isPrefix(_ list: ArraySlice<Int>, of longest: [Int]) -> Bool {
    list.withUnsafeBufferPointer { list in
      longest.withUnsafeBufferPointer { longest in
        guard list.count <= longest.count else { return false }
        for place in list.indices where list[place] != longest[place] { return false }
        return true
      }
    }
  }

  /// What a read saw of others' appends.
  func version(_ read: Int32) -> ArraySlice<Int> {
    read < 0 ? [] : elements(read).prefix(Int(max(0, external[Int(read)])))
  }

  private mutating func findOrders() {
    first.reserveCapacity(longest.count + 1)
    extending.reserveCapacity(history.stepKey.count)
    for key in longest.indices {
      first.append(Int32(extending.count))
      for (place, value) in version(longest[key]).enumerated() {
        guard let step = history.writes[Int32(key), value] else {
          reportUnwritten(longest[key], value)
          extending.append(-1)
          continue
        }
        guard position[step] < 0 else {
          reportDuplicate(longest[key], value)
          extending.append(-1)
          continue
        }
        position[step] = Int32(place)
        extending.append(Int32(step))
        let writer = owner(Int32(step))
        if transactions[writer].outcome != .aborted { tookEffect[writer] = true }
      }
      extending.append(-1)
    }
    first.append(Int32(extending.count))
  }

  private mutating func findOwnAppends() {
    var latest = Array(repeating: Int32(-1), count: longest.count)
    for step in 0..<history.stepKey.count {
      guard case .append = history.step(step) else { continue }
      let key = Int(history.stepKey[step])
      let before = latest[key]
      if before >= 0, owner(before) == owner(Int32(step)) {
        previousOwn[step] = before
        isReplaced[Int(before)] = true
      }
      latest[key] = Int32(step)
    }
  }

  /// Notes what is wrong, unless a case of its kind has been noted before: words cost time.
  mutating func report(_ kind: Anomaly.Kind, _ places: [Int], _ evidence: (ListOrders) -> String) {
    guard !anomalies.contains(where: { $0.kind == kind }) else { return }
    anomalies.append(
      Anomaly(
        kind: kind, level: kind.level, transactions: places.map { transactions[$0].id },
        evidence: evidence(self) + "."))
  }
}
