/// The order of each list's elements, and what follows from it for the transactions.
struct ListOrders {
  let history: TransactionHistory<ListStep>
  /// What is wrong without being a cycle, the first case of each kind.
  private(set) var anomalies: [Anomaly] = []

  /// For each read how many elements it saw that others had appended, or -1 if an earlier read in its transaction
  /// explains it. What a transaction itself appended may be seen before others have a say in its place.
  private var external: [Int32]
  /// For each key the step that read the most elements that others had appended, or -1.
  private var longest: [Int32]
  /// Where each key's versions begin: version `first[key] + n` is the list of the first n elements.
  private var first: [Int32] = []
  /// The step that appends to each version, or -1 if nobody did or nobody read it.
  private var extending: [Int32] = []
  /// For each append its place in the order of its key, or -1 if no committed transaction read it.
  private var position: [Int32]
  /// For each append the transaction's one before it to the same key, or -1.
  private var previousOwn: [Int32]
  /// Whether the transaction appended to the same key after this append.
  private var isReplaced: [Bool]
  /// Whether a transaction took effect, as far as its client or a reader knows.
  private var tookEffect: [Bool]

  private var transactions: [Transaction<ListStep>] { history.transactions }

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

  private func owner(_ step: Int32) -> Int { Int(history.stepOwner[Int(step)]) }

  private func elements(_ step: Int32) -> [Int] {
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

  private func isPrefix(_ list: ArraySlice<Int>, of longest: [Int]) -> Bool {
    list.withUnsafeBufferPointer { list in
      longest.withUnsafeBufferPointer { longest in
        guard list.count <= longest.count else { return false }
        for place in list.indices where list[place] != longest[place] { return false }
        return true
      }
    }
  }

  /// What a read saw of others' appends.
  private func version(_ read: Int32) -> ArraySlice<Int> {
    read < 0 ? [] : elements(read).prefix(Int(max(0, external[Int(read)])))
  }

  private mutating func findOrders() {
    first.reserveCapacity(longest.count + 1)
    extending.reserveCapacity(history.stepKey.count)
    for key in longest.indices {
      first.append(Int32(extending.count))
      for (place, value) in version(longest[key]).enumerated() {
        guard let step = history.writes[Int32(key), value] else {
          let read = longest[key]
          report(.unwrittenRead, [owner(read)]) {
            "\($0.reader(read)) read \($0.shown(read)), but nobody appended \(value)"
          }
          extending.append(-1)
          continue
        }
        guard position[step] < 0 else {
          let read = longest[key]
          report(.duplicateElement, [owner(read)]) {
            "\($0.reader(read)) read \($0.shown(read)), which has \(value) twice"
          }
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
  private mutating func report(_ kind: Anomaly.Kind, _ places: [Int], _ evidence: (ListOrders) -> String) {
    guard !anomalies.contains(where: { $0.kind == kind }) else { return }
    anomalies.append(
      Anomaly(
        kind: kind, level: kind.level, transactions: places.map { transactions[$0].id },
        evidence: evidence(self) + "."))
  }
}

// MARK: - Dependencies

extension ListOrders {
  /// What each transaction depends on, as far as the level cares; notes anomalies that are no cycles.
  mutating func dependencies(for level: IsolationLevel) -> DependencyEdges {
    var edges = DependencyEdges(transactions: transactions.count)
    let reads = externalReads()
    edges.reserve(position.count + 2 * reads.count)
    var successors = VersionSuccessors(versions: extending.count)
    addWriteOrder(to: &edges, &successors)
    for read in reads where read.writer >= 0 && tookEffect[Int(read.writer)] {
      edges.add(read.writer, read.transaction, .writeRead, step: read.step)
    }
    let kinds = level.kinds
    if kinds.contains(.readWrite) {
      let appended = appendedKeys(reads)
      let updaters = findUpdaters(reads, appended)
      successors.addAntiDependencies(
        of: reads, updaters: updaters, wroteKey: { appended[Int($0.step)] }, to: &edges)
    } else if kinds.contains(.inferred) {
      // Where anti-dependencies count, they tell all that this does.
      let inference = WriteOrderInference(history: history, reads: reads, tookEffect: tookEffect)
      let missed = inference.atomic { edges.add($0, $1.writer, .inferred, step: $1.step) }
      if let missed { reportMissed(.fracturedRead, missed) }
      if kinds.contains(.causal) {
        let missed = inference.causal { edges.add($0, $1.writer, .causal, step: $1.step) }
        if let missed { reportMissed(.causalityViolation, missed) }
      }
    }
    if kinds.contains(.session) { edges.addSessionOrder(of: history, among: tookEffect) }
    if kinds.contains(.realTime) { edges.addRealTimeOrder(of: history, among: tookEffect) }
    return edges
  }

  /// Adds that the writers of neighbouring elements come one after the other, and after the last element read those
  /// whose appends nobody read.
  private func addWriteOrder(to edges: inout DependencyEdges, _ successors: inout VersionSuccessors) {
    var last = Array(repeating: Int32(-1), count: longest.count)
    for key in longest.indices {
      var waiting = first[key]
      for version in first[key]..<(first[key + 1] - 1) {
        let step = extending[Int(version)]
        guard step >= 0, tookEffect[owner(step)] else { continue }
        let writer = Int32(owner(step))
        // What nobody or an aborted transaction appended is passed over.
        while waiting <= version {
          successors.add(writer, to: waiting)
          waiting += 1
        }
        let before = last[key]
        if before >= 0, owner(before) != Int(writer) {
          edges.add(Int32(owner(before)), writer, .writeWrite, step: step)
        }
        last[key] = step
      }
    }
    for step in position.indices where position[step] < 0 {
      let place = owner(Int32(step))
      guard tookEffect[place], case .append = history.step(step) else { continue }
      let before = previousOwn[step]
      if before >= 0, position[Int(before)] < 0 { continue }
      let key = Int(history.stepKey[step])
      successors.add(Int32(place), to: first[key + 1] - 1)
      if last[key] >= 0, owner(last[key]) != place {
        edges.add(Int32(owner(last[key])), Int32(place), .writeWrite, step: Int32(step))
      }
    }
  }

  /// For each version the first transaction that read it and appended to its key, or -1; a second is a lost update.
  private mutating func findUpdaters(_ reads: [ExternalRead], _ appended: [Bool]) -> [Int32] {
    var updaters = Array(repeating: Int32(-1), count: extending.count)
    for read in reads where appended[Int(read.step)] {
      let earlier = updaters[Int(read.version)]
      if earlier < 0 {
        updaters[Int(read.version)] = read.transaction
      } else if earlier != read.transaction {
        report(.lostUpdate, [Int(earlier), Int(read.transaction)]) {
          let names = "\($0.history.name(Int(earlier))) and \($0.reader(read.step))"
          let version = $0.shown(version: read.version, of: read.key)
          return "\(names) both read \(version) and both appended to \($0.history.keys[Int(read.key)])"
        }
      }
    }
    return updaters
  }

  /// For each step that is one of `reads`, whether its transaction appended to the same key.
  private func appendedKeys(_ reads: [ExternalRead]) -> [Bool] {
    var result = Array(repeating: false, count: position.count)
    var stamps = Array(repeating: Int32(-1), count: longest.count)
    var index = 0
    while index < reads.count {
      let place = reads[index].transaction
      for step in history.firstStep[Int(place)]..<history.firstStep[Int(place) + 1] {
        if case .append = history.step(Int(step)) { stamps[Int(history.stepKey[Int(step)])] = place }
      }
      while index < reads.count, reads[index].transaction == place {
        result[Int(reads[index].step)] = stamps[Int(reads[index].key)] == place
        index += 1
      }
    }
    return result
  }

  /// The reads of what others appended, in the order of the transactions; notes reads that cannot be right.
  private mutating func externalReads() -> [ExternalRead] {
    var reads: [ExternalRead] = []
    reads.reserveCapacity(position.count / 2)
    let orders = longest.map { Array(version($0)) }
    let firstAborted = abortedPositions()
    // The longest version of each key that the transaction at hand read, and the step that read it.
    var stamps = Array(repeating: -1, count: longest.count)
    var length = Array(repeating: Int32(0), count: longest.count)
    var reader = Array(repeating: Int32(-1), count: longest.count)
    for place in transactions.indices where transactions[place].outcome == .committed {
      let steps = history.firstStep[place]..<history.firstStep[place + 1]
      for number in steps where external[Int(number)] >= 0 {
        let key = Int(history.stepKey[Int(number)])
        let seen = external[Int(number)]
        guard isPrefix(version(number), of: orders[key]) else {
          let other = longest[key]
          report(.incompatibleOrder, [owner(other), place]) { orders in
            let reads = [other, number].map { "\(orders.reader($0)) read \(orders.shown($0))" }
            return "\(reads[0]), but \(reads[1]): neither extends the other"
          }
          continue
        }
        if stamps[key] != place || length[key] < seen { (length[key], reader[key]) = (seen, number) }
        stamps[key] = place
        reads.append(externalRead(place, key, seen, number))
        if firstAborted[key] < seen { reportAborted(place, number, key, firstAborted[key]) }
      }
      for append in steps where position[Int(append)] >= 0 {
        let key = Int(history.stepKey[Int(append)])
        if stamps[key] == place, position[Int(append)] < length[key] {
          reportFuture(place, reader[key], append)
        }
      }
    }
    return reads
  }

  private mutating func externalRead(_ place: Int, _ key: Int, _ length: Int32, _ number: Int32)
    -> ExternalRead
  {
    let version = first[key] + length
    // The initial version has no last element, nor has one whose last element nobody appended.
    let last = length > 0 ? extending[Int(version) - 1] : -1
    let writer = last < 0 ? Int(ExternalRead.unknown) : owner(last)
    if last >= 0, writer != place, isReplaced[Int(last)] {
      report(.intermediateRead, [place, writer]) {
        "\($0.reader(number)) read \($0.shown(number)), but \($0.reader(last)) appended to "
          + "\($0.history.keys[key]) again after \($0.value(last))"
      }
    }
    return ExternalRead(
      transaction: Int32(place), key: Int32(key), version: version,
      writer: length == 0 ? ExternalRead.initial : writer == place ? ExternalRead.unknown : Int32(writer),
      step: number)
  }

  /// For each key the place in its order of the first element that an aborted transaction appended.
  private func abortedPositions() -> [Int32] {
    longest.indices.map { key in
      for version in first[key]..<(first[key + 1] - 1) {
        let step = extending[Int(version)]
        if step >= 0, transactions[owner(step)].outcome == .aborted { return version - first[key] }
      }
      return .max
    }
  }
}

// MARK: - Words

extension ListOrders {
  private func value(_ step: Int32) -> Int { history.step(Int(step)).written ?? 0 }

  private func shown(_ list: ArraySlice<Int>) -> String {
    // The end of a list tells it from others.
    let ending = list.suffix(6).map(String.init).joined(separator: " ")
    return list.count > 6 ? "[… \(ending)]" : "[\(ending)]"
  }

  /// What a step read: x = [1 2].
  private func shown(_ read: Int32) -> String {
    "\(history.keys[Int(history.stepKey[Int(read)])]) = \(shown(elements(read)[...]))"
  }

  private func shown(version: Int32, of key: Int32) -> String {
    let length = Int(version - first[Int(key)])
    return "\(history.keys[Int(key)]) = \(shown(self.version(longest[Int(key)]).prefix(length)))"
  }

  /// The name of the transaction that a step belongs to.
  private func reader(_ step: Int32) -> String { history.name(owner(step)) }

  /// Notes that a transaction read what it appended only later.
  private mutating func reportFuture(_ place: Int, _ read: Int32, _ append: Int32) {
    report(.internalInconsistency, [place]) {
      "\($0.reader(read)) read \($0.shown(read)), which has its own \($0.value(append)) where it cannot be"
    }
  }

  private mutating func reportInternal(_ read: Int32, _ before: Int32, _ appends: Int) {
    report(.internalInconsistency, [owner(read)]) {
      let earlier = before < 0 ? [] : ["had read \($0.shown(before))"]
      let own =
        appends == 0
        ? [] : ["had appended \($0.ownAppends(of: $0.owner(read), to: $0.history.stepKey[Int(read)]))"]
      return "\($0.reader(read)) read \($0.shown(read)), although it itself \(list(earlier + own))"
    }
  }

  private mutating func reportAborted(_ place: Int, _ read: Int32, _ key: Int, _ position: Int32) {
    let append = extending[Int(first[key] + position)]
    report(.abortedRead, [place, owner(append)]) {
      "\($0.reader(read)) read \($0.shown(read)), but \($0.reader(append)), which appended \($0.value(append)), "
        + "aborted"
    }
  }

  private mutating func reportMissed(_ kind: Anomaly.Kind, _ missed: MissedWrite) {
    report(kind, [Int(missed.writer), Int(missed.read.transaction)]) {
      let (writer, step) = ($0.history.name(Int(missed.writer)), missed.read.step)
      let sight = kind == .fracturedRead ? "saw a write of \(writer)" : "came after \(writer)"
      let appended = $0.ownAppends(of: Int(missed.writer), to: missed.read.key)
      return
        "\($0.reader(step)) \(sight), but read \($0.shown(step)) without what \(writer) appended: \(appended)"
    }
  }

  /// Why a dependency leads from one transaction to another, in words.
  func reason(_ kind: EdgeKind, _ from: Int, _ to: Int, _ step: Int) -> String {
    let (earlier, later) = (history.name(from), history.name(to))
    let number = Int32(step)
    let key = history.keys[Int(history.stepKey[step])]
    switch kind {
    case .writeRead:
      let appended = ownAppends(of: from, to: history.stepKey[step])
      return "\(later) read \(shown(number)), where \(earlier) had appended \(appended)"
    case .readWrite:
      let appended = ownAppends(of: to, to: history.stepKey[step])
      return "\(earlier) read \(shown(number)) without what \(later) appended: \(appended)"
    case .writeWrite where position[step] < 0:
      return
        "\(later) appended \(value(number)) to \(key) after the longest list that was read, the end of which is "
        + "by \(earlier)"
    case .writeWrite:
      return "\(later) appended \(value(number)) to \(key) after \(earlier) had appended "
        + ownAppends(of: from, to: history.stepKey[step])
    case .inferred, .causal:
      return inferredReason(kind, earlier, later, step: step)
    case .session, .realTime, .link: return ""
    }
  }

  private func ownAppends(of place: Int, to key: Int32) -> String {
    let steps = history.firstStep[place]..<history.firstStep[place + 1]
    let appended = steps.filter { history.stepKey[Int($0)] == key }.compactMap {
      history.step(Int($0)).written
    }
    return list(appended.map(String.init))
  }

  private func inferredReason(_ kind: EdgeKind, _ earlier: String, _ later: String, step: Int) -> String {
    let reader = history.name(owner(Int32(step)))
    let sight = kind == .inferred ? "saw a write of \(earlier)" : "saw what comes after \(earlier)"
    return "\(reader) \(sight), and read \(shown(Int32(step))), of which \(later) wrote the end"
  }
}
