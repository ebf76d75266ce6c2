/// A watch and how often it has matched and hit.
struct ArmedWatch {
  let number: Int
  let watch: Watch
  var matches = 0
  var hits = 0
}

/// A handler whose effects wait for the judge.
struct StoppedHandler {
  /// Counted from 0.
  let node: Int
  let result: HandlerResult
  /// The effects take place up to here, ...
  var end: Int
  /// ... and then the node crashes.
  var isCutShort: Bool
  let matches: [WatchHit.Match]
  /// The next effect to take place.
  var next = 0
  /// The judge has heard of it.
  var isTold = false
  /// What the judge commanded in one breath with the boot whose handler this is, before it heard of the hit.
  var postponed: [WorldCommand] = []
}

extension WorldCore {
  /// What the world stopped for, if it is stopped.
  var hit: WatchHit? {
    guard let handler = stopped.last, handler.isTold else { return nil }
    return WatchHit(
      node: handler.node + 1, matches: handler.matches,
      effects: handler.result.effects[handler.next..<handler.end].map { kind(of: $0, in: handler.result) })
  }

  private func kind(of effect: Effect, in result: HandlerResult) -> EffectKind {
    switch effect {
    case .send(let message, let receiver):
      .send(to: Int(receiver), kind: names.text(messages.kind(result.slots[Int(message)])))
    case .setTimer(let name, _): .setTimer(names.text(name))
    case .cancelTimer(let name): .cancelTimer(names.text(name))
    case .persist(let key, _): .persist(key: names.text(key))
    case .reply(let position):
      .reply(
        client: result.replies[Int(position)].token.client,
        operation: result.replies[Int(position)].token.operation)
    case .output: .output
    }
  }

  /// Forgets what a node's stopped handler still asked for; true if there was anything.
  func dropEffects(of node: Int) -> Bool {
    var remained = false
    for position in stopped.indices where stopped[position].node == node {
      remained = remained || stopped[position].next < stopped[position].end
      stopped[position].end = stopped[position].next
      stopped[position].isCutShort = false
    }
    return remained
  }

  /// The watches that a handler hits. Counts every match.
  func matches(
    _ event: NodeEvent, _ result: HandlerResult, count: Int, _ index: Int,
    statusBefore: SIMD8<Int64>
  ) -> [WatchHit.Match] {
    let statusAfter = processes[index].status
    var hits: [WatchHit.Match] = []
    for position in watches.indices {
      let watch = watches[position].watch
      guard watch.node == nil || watch.node == index + 1,
        watch.conditions.allSatisfy({ $0.holds(before: statusBefore, after: statusAfter) })
      else { continue }
      var found: WatchHit.Match?
      func note(_ effect: Int?) {
        watches[position].matches += 1
        guard found == nil, watches[position].matches >= watch.occurrence else { return }
        found = WatchHit.Match(watch: watches[position].number, effect: effect)
      }
      if watch.matches(event) || watch.event == .statusChanged && statusBefore != statusAfter { note(nil) }
      for (offset, effect) in result.effects.prefix(count).enumerated() where watch.matches(effect) {
        note(offset)
      }
      guard let found else { continue }
      watches[position].hits += 1
      hits.append(found)
    }
    watches.removeAll { $0.hits >= $0.watch.maximumHits }
    return hits
  }
}

extension Watch {
  fileprivate func matches(_ handled: NodeEvent) -> Bool {
    switch (handled, event) {
    case (.start, .started), (.timer, .timerFired), (.request, .requested): true
    case (.message(_, _, let sender), .received): peer == nil || peer == sender
    default: false
    }
  }

  fileprivate func matches(_ effect: Effect) -> Bool {
    switch (effect, event) {
    case (.persist, .persisted), (.reply, .replied), (.output, .output), (.setTimer, .timerSet): true
    case (.send(_, let receiver), .sent): peer == nil || peer == Int(receiver)
    default: false
    }
  }
}
