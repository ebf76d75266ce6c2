extension ListOrders {
  func value(_ step: Int32) -> Int { history.step(Int(step)).written ?? 0 }

  func shown(_ list: ArraySlice<Int>) -> String {
    // The end of a list tells it from others.
    let ending = list.suffix(6).map(String.init).joined(separator: " ")
    return list.count > 6 ? "[… \(ending)]" : "[\(ending)]"
  }

  /// What a step read: x = [1 2].
  func shown(_ read: Int32) -> String {
    "\(history.keys[Int(history.stepKey[Int(read)])]) = \(shown(elements(read)[...]))"
  }

  func shown(version: Int32, of key: Int32) -> String {
    let length = Int(version - first[Int(key)])
    return "\(history.keys[Int(key)]) = \(shown(self.version(longest[Int(key)]).prefix(length)))"
  }

  /// The name of the transaction that a step belongs to.
  func reader(_ step: Int32) -> String { history.name(owner(step)) }

  /// Notes that a transaction read what it appended only later.
  mutating func reportFuture(_ place: Int, _ read: Int32, _ append: Int32) {
    report(.internalInconsistency, [place]) {
      "\($0.reader(read)) read \($0.shown(read)), which has its own \($0.value(append)) where it cannot be"
    }
  }

  mutating func reportInternal(_ read: Int32, _ before: Int32, _ appends: Int) {
    report(.internalInconsistency, [owner(read)]) {
      let earlier = before < 0 ? [] : ["had read \($0.shown(before))"]
      let own =
        appends == 0
        ? [] : ["had appended \($0.ownAppends(of: $0.owner(read), to: $0.history.stepKey[Int(read)]))"]
      return "\($0.reader(read)) read \($0.shown(read)), although it itself \(list(earlier + own))"
    }
  }

  mutating func reportAborted(_ read: Int32, _ append: Int32) {
    report(.abortedRead, [owner(read), owner(append)]) {
      "\($0.reader(read)) read \($0.shown(read)), but \($0.reader(append)), which appended \($0.value(append)), "
        + "aborted"
    }
  }

  mutating func reportUnwritten(_ read: Int32, _ value: Int) {
    report(.unwrittenRead, [owner(read)]) {
      "\($0.reader(read)) read \($0.shown(read)), but nobody appended \(value)"
    }
  }

  mutating func reportDuplicate(_ read: Int32, _ value: Int) {
    report(.duplicateElement, [owner(read)]) {
      "\($0.reader(read)) read \($0.shown(read)), which has \(value) twice"
    }
  }

  mutating func reportMissed(_ kind: Anomaly.Kind, _ missed: MissedWrite) {
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
