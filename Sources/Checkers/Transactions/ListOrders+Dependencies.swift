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
          inspect(number)
          continue
        }
        if stamps[key] != place || length[key] < seen { (length[key], reader[key]) = (seen, number) }
        stamps[key] = place
        reads.append(externalRead(place, key, seen, number))
        if firstAborted[key] < seen {
          reportAborted(number, extending[Int(first[key] + firstAborted[key])])
        }
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

  /// Looks for what is wrong with a list that fits no order.
  private mutating func inspect(_ read: Int32) {
    var seen: Set<Int> = []
    for value in version(read) {
      if !seen.insert(value).inserted { reportDuplicate(read, value) }
      guard let append = history.writes[history.stepKey[Int(read)], value] else {
        reportUnwritten(read, value)
        continue
      }
      if transactions[owner(Int32(append))].outcome == .aborted { reportAborted(read, Int32(append)) }
    }
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
