import LabKit
import Runner

extension Trial {
  /// Boots all nodes. No smaller run does without that.
  func start() throws {
    try always {
      boot(nodes)
      try advance(milliseconds: 1)
    }
  }

  /// Lets a node fall in the midst of a handler that asks for such an effect: after any number of its effects, or after one
  /// of `counts`. `peer` is whom it sends to or hears from, if not anybody. Returns the watch, which `unwatch` ends.
  func strike(
    _ node: Int, at event: Watch.Event = .persisted, to peer: Int? = nil, occurrence: Int,
    after counts: @escaping (_ hit: WatchHit, _ effect: Int?) -> ClosedRange<Int> = { hit, _ in
      0...hit.effects.count
    }
  ) -> Int {
    watch(Watch(event, on: node, peer: peer, occurrence: occurrence)) { [unowned self] hit, effect in
      applyFirst(choices.next(in: counts(hit, effect)))
      crash(hit.node)
    }
  }
}
