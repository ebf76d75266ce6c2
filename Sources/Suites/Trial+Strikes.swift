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
  /// of `counts`. Returns the watch, which `unwatch` ends.
  func strike(
    _ node: Int, at event: Watch.Event = .persisted, occurrence: Int,
    after counts: @escaping (_ hit: WatchHit, _ effect: Int?) -> ClosedRange<Int> = { hit, _ in
      0...hit.effects.count
    }
  ) -> Int {
    watch(Watch(event, on: node, occurrence: occurrence)) { [unowned self] hit, effect in
      applyFirst(choices.next(in: counts(hit, effect)))
      crash(hit.node)
    }
  }
}
