/// What each transaction read of the others' writes, and what follows from it.
///
/// The version that a step wrote has the step's number; those that keys hold initially come after, one a key.
struct RegisterVersions {
  let history: TransactionHistory<RegisterStep>
  /// What is wrong without being a cycle, the first case of each kind.
  private(set) var anomalies: [Anomaly] = []

  /// The reads of what others wrote, in the order of the transactions.
  private(set) var reads: [ExternalRead] = []
  /// For each write the last one of its transaction to the same key.
  private var final: [Int32]
  /// Whether a transaction took effect, as far as its client or a reader knows.
  private(set) var tookEffect: [Bool]

  private var transactions: [Transaction<RegisterStep>] { history.transactions }

  init(_ history: TransactionHistory<RegisterStep>) {
    self.history = history
    final = Array(repeating: -1, count: history.stepKey.count)
    tookEffect = history.transactions.map { $0.outcome == .committed }
    findFinal()
    findReads()
  }

  private func owner(_ step: Int32) -> Int { Int(history.stepOwner[Int(step)]) }

  private mutating func findFinal() {
    var latest = Array(repeating: Int32(-1), count: history.keys.count)
    for step in final.indices.reversed() where history.step(step).written != nil {
      let key = Int(history.stepKey[step])
      let later = latest[key]
      if later < 0 || owner(later) != owner(Int32(step)) { latest[key] = Int32(step) }
      final[step] = latest[key]
    }
  }

  /// Tells what each read saw, and notes those that cannot be right.
  private mutating func findReads() {
    let keys = history.keys.count
    // Of each key in the transaction at hand: whether it was met, its own last write, the version read.
    var stamps = Array(repeating: -1, count: keys)
    var ownWrite = Array(repeating: Int32(-1), count: keys)
    var versionRead = Array(repeating: Int32(-1), count: keys)
    for place in transactions.indices where transactions[place].outcome == .committed {
      var number = history.firstStep[place]
      for step in transactions[place].steps {
        defer { number += 1 }
        let key = Int(history.stepKey[Int(number)])
        if stamps[key] != place {
          stamps[key] = place
          ownWrite[key] = -1
          versionRead[key] = -1
        }
        guard case .read(_, let value) = step else {
          ownWrite[key] = number
          continue
        }
        guard let read = read(number, place, key, value) else { continue }
        if Int(read.writer) == place {
          if read.version != ownWrite[key] { reportInternal(number, ownWrite[key]) }
          continue
        }
        if ownWrite[key] >= 0 {
          reportInternal(number, ownWrite[key])
        } else if versionRead[key] == read.version {
          continue
        } else if versionRead[key] >= 0 {
          reportUnrepeated(number)
        }
        versionRead[key] = read.version
        checkWriter(of: read)
        reads.append(read.writer >= 0 ? finalVersion(of: read) : read)
      }
    }
  }

  /// What a step read, or nil if nobody wrote it.
  private mutating func read(_ number: Int32, _ place: Int, _ key: Int, _ value: Int?) -> ExternalRead? {
    var version = Int32(final.count + key)
    var writer = ExternalRead.initial
    if let value {
      guard let write = history.writes[Int32(key), value] else {
        report(.unwrittenRead, [place]) {
          "\($0.reader(number)) read \($0.shown(number)), but nobody wrote \(value)"
        }
        return nil
      }
      (version, writer) = (Int32(write), Int32(owner(Int32(write))))
    }
    return ExternalRead(
      transaction: Int32(place), key: Int32(key), version: version, writer: writer, step: number)
  }

  private func finalVersion(of read: ExternalRead) -> ExternalRead {
    var read = read
    read.version = final[Int(read.version)]
    return read
  }

  private mutating func checkWriter(of read: ExternalRead) {
    guard read.writer >= 0 else { return }
    let (writer, place) = (Int(read.writer), Int(read.transaction))
    if transactions[writer].outcome == .aborted {
      report(.abortedRead, [place, writer]) {
        "\($0.reader(read.step)) read \($0.shown(read.step)), but \($0.reader(read.version)), which wrote it, aborted"
      }
    } else {
      tookEffect[writer] = true
    }
    let last = final[Int(read.version)]
    if last != read.version {
      report(.intermediateRead, [place, writer]) {
        "\($0.reader(read.step)) read \($0.shown(read.step)), but \($0.reader(last)), which wrote it, then wrote "
          + $0.shown(last)
      }
    }
  }
}

// MARK: - For consistency of other kinds

extension RegisterVersions {
  /// A read that no store could answer so, whatever the order of the writes.
  var impossibleRead: Anomaly? {
    anomalies.first { $0.kind != .intermediateRead }
  }

  /// The keys that a transaction wrote, and the versions that it left.
  func finalWrites(of place: Int) -> [(key: Int, version: Int32)] {
    (history.firstStep[place]..<history.firstStep[place + 1]).filter { final[Int($0)] == $0 }
      .map { (Int(history.stepKey[Int($0)]), $0) }
  }

  /// For each key the transactions that wrote it.
  func writersOfKeys() -> [[Int32]] {
    var writers = Array(repeating: [Int32](), count: history.keys.count)
    for step in final.indices where final[step] == Int32(step) && tookEffect[owner(Int32(step))] {
      writers[Int(history.stepKey[step])].append(Int32(owner(Int32(step))))
    }
    return writers
  }
}

// MARK: - Dependencies

extension RegisterVersions {
  /// What each transaction depends on, as far as the level cares; notes anomalies that are no cycles.
  mutating func dependencies(for level: IsolationLevel) -> DependencyEdges {
    var edges = DependencyEdges(transactions: transactions.count)
    edges.reserve(3 * reads.count)
    for read in reads where read.writer >= 0 && tookEffect[Int(read.writer)] {
      edges.add(read.writer, read.transaction, .writeRead, step: read.step)
    }
    let kinds = level.kinds
    if kinds.contains(.inferred) { addInferredOrder(kinds, to: &edges) }
    if kinds.contains(.session) { edges.addSessionOrder(of: history, among: tookEffect) }
    if kinds.contains(.realTime) { edges.addRealTimeOrder(of: history, among: tookEffect) }
    return edges
  }

  private mutating func addInferredOrder(_ kinds: EdgeKinds, to edges: inout DependencyEdges) {
    let inference = WriteOrderInference(history: history, reads: reads, tookEffect: tookEffect)
    var orders: [(earlier: Int32, read: ExternalRead)] = []
    if let missed = inference.atomic({ orders.append(($0, $1)) }) { reportMissed(.fracturedRead, missed) }
    for order in orders { edges.add(order.earlier, order.read.writer, .inferred, step: order.read.step) }
    if kinds.contains(.causal) {
      let missed = inference.causal { edges.add($0, $1.writer, .causal, step: $1.step) }
      if let missed { reportMissed(.causalityViolation, missed) }
    }
    if kinds.contains(.readWrite) { addAntiDependencies(orders, to: &edges) }
  }

  /// Adds that readers of a version come before those who certainly wrote a later one.
  private mutating func addAntiDependencies(
    _ orders: [(earlier: Int32, read: ExternalRead)], to edges: inout DependencyEdges
  ) {
    let ownWrites = ownWrites()
    var successors = VersionSuccessors(versions: final.count + history.keys.count)
    for step in final.indices where final[step] == Int32(step) && tookEffect[owner(Int32(step))] {
      successors.add(Int32(owner(Int32(step))), to: Int32(final.count) + history.stepKey[step])
    }
    var updaters = Array(repeating: Int32(-1), count: final.count + history.keys.count)
    for read in reads where ownWrites[Int(read.step)] {
      let earlier = updaters[Int(read.version)]
      if earlier < 0 {
        updaters[Int(read.version)] = read.transaction
      } else if earlier != read.transaction {
        report(.lostUpdate, [Int(earlier), Int(read.transaction)]) {
          let names = "\($0.history.name(Int(earlier))) and \($0.reader(read.step))"
          return "\(names) both read \($0.shown(read.step)) and both wrote \($0.history.keys[Int(read.key)])"
        }
      }
      if read.writer >= 0 { successors.add(read.transaction, to: read.version) }
    }
    for (earlier, read) in orders {
      if let version = lastWrite(of: Int(earlier), to: read.key) { successors.add(read.writer, to: version) }
    }
    successors.addAntiDependencies(
      of: reads, updaters: updaters, wroteKey: { ownWrites[Int($0.step)] }, to: &edges)
  }

  private func lastWrite(of place: Int, to key: Int32) -> Int32? {
    (history.firstStep[place]..<history.firstStep[place + 1]).last {
      history.stepKey[Int($0)] == key && final[Int($0)] == $0
    }
  }

  /// For each step whether its transaction wrote the step's key.
  private func ownWrites() -> [Bool] {
    var result = Array(repeating: false, count: final.count)
    var stamps = Array(repeating: -1, count: history.keys.count)
    for place in transactions.indices {
      let steps = Int(history.firstStep[place])..<Int(history.firstStep[place + 1])
      for step in steps where final[step] >= 0 { stamps[Int(history.stepKey[step])] = place }
      for step in steps { result[step] = stamps[Int(history.stepKey[step])] == place }
    }
    return result
  }
}

// MARK: - Words

extension RegisterVersions {
  /// Notes what is wrong, unless a case of its kind has been noted before: words cost time.
  private mutating func report(
    _ kind: Anomaly.Kind, _ places: [Int], _ evidence: (RegisterVersions) -> String
  ) {
    guard !anomalies.contains(where: { $0.kind == kind }) else { return }
    anomalies.append(
      Anomaly(
        kind: kind, level: kind.level, transactions: places.map { transactions[$0].id },
        evidence: evidence(self) + "."))
  }

  /// The name of the transaction that a step belongs to.
  private func reader(_ step: Int32) -> String { history.name(owner(step)) }

  /// What a step read or wrote: x = 1.
  func shown(_ step: Int32) -> String {
    switch history.step(Int(step)) {
    case .read(let key, let value): "\(key) = \(value.map(String.init) ?? "nothing")"
    case .write(let key, let value): "\(key) = \(value)"
    }
  }

  private mutating func reportInternal(_ read: Int32, _ ownWrite: Int32) {
    report(.internalInconsistency, [owner(read)]) {
      let own =
        ownWrite < 0
        ? "which it itself wrote only later" : "although it itself had written \($0.shown(ownWrite))"
      return "\($0.reader(read)) read \($0.shown(read)), \(own)"
    }
  }

  private mutating func reportUnrepeated(_ read: Int32) {
    report(.internalInconsistency, [owner(read)]) {
      "\($0.reader(read)) read \($0.shown(read)), although it had read another value before"
    }
  }

  private mutating func reportMissed(_ kind: Anomaly.Kind, _ missed: MissedWrite) {
    anomalies.append(anomaly(kind, missed))
  }

  /// The anomaly that a reader of an initial value should have seen a write.
  func anomaly(_ kind: Anomaly.Kind, _ missed: MissedWrite) -> Anomaly {
    let (writer, step) = (history.name(Int(missed.writer)), missed.read.step)
    let sight = kind == .fracturedRead ? "saw a write of" : "came after"
    let write = lastWrite(of: Int(missed.writer), to: missed.read.key).map(shown) ?? "it"
    return Anomaly(
      kind: kind, level: kind.level,
      transactions: [missed.writer, missed.read.transaction].map { transactions[Int($0)].id },
      evidence: "\(reader(step)) \(sight) \(writer), which wrote \(write), but read \(shown(step)).")
  }

  /// Why a dependency leads from one transaction to another, in words.
  func reason(_ kind: EdgeKind, _ from: Int, _ to: Int, _ step: Int) -> String {
    let (earlier, later) = (history.name(from), history.name(to))
    let read = shown(Int32(step))
    let key = history.stepKey[step]
    func write(_ place: Int) -> String { lastWrite(of: place, to: key).map(shown) ?? history.keys[Int(key)] }
    switch kind {
    case .writeRead: return "\(later) read \(read), which \(earlier) wrote"
    case .readWrite: return "\(earlier) read \(read), and \(later) wrote \(write(to)) later"
    case .inferred:
      return
        "\(reader(Int32(step))) saw a write of \(earlier), which wrote \(write(from)), and yet read \(read) of "
        + later
    case .causal:
      return
        "\(reader(Int32(step))) came after \(earlier), which wrote \(write(from)), and yet read \(read) of "
        + later
    case .writeWrite, .session, .realTime, .link: return ""
    }
  }
}
