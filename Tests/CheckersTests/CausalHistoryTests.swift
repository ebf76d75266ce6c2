import Checkers
import Testing

@Suite("Causal histories")
struct CausalHistoryTests {
  /// A random history, and for each event the events that a walk back over all causes meets.
  private func random(_ seed: UInt64) -> (history: CausalHistory, pasts: [Set<Int>]) {
    var generator = Generator(seed: seed)
    var history = CausalHistory()
    var (processes, pasts): ([Int], [Set<Int>]) = ([], [])
    for _ in 0..<60 {
      if processes.isEmpty || generator.below(10) == 0 { processes.append(history.addProcess()) }
      let process = processes[generator.below(processes.count)]
      let receives = history.count > 0 && generator.below(2) == 0
      let event = history.append(
        to: process, receiving: receives ? generator.below(history.count) : nil)
      var past: Set<Int> = []
      for cause in history.directCauses(of: event) { past.formUnion(pasts[cause].union([cause])) }
      pasts.append(past)
    }
    return (history, pasts)
  }

  @Test("happened-before is what a walk over all causes finds", arguments: 0..<50)
  func closure(seed: UInt64) {
    let (history, pasts) = random(seed)
    for first in 0..<history.count {
      for second in 0..<history.count {
        #expect(history.happenedBefore(first, second) == pasts[second].contains(first))
        let expected: CausalHistory.Order =
          first == second
          ? .equal
          : pasts[second].contains(first) ? .before : pasts[first].contains(second) ? .after : .concurrent
        #expect(history.order(of: first, to: second) == expected)
      }
    }
  }

  @Test("events of one process are in order, and those of two that never met are concurrent")
  func processes() {
    var history = CausalHistory()
    let (one, two) = (history.addProcess(), history.addProcess())
    let events = [history.append(to: one), history.append(to: one), history.append(to: two)]
    #expect(history.order(of: events[0], to: events[1]) == .before)
    #expect(history.order(of: events[1], to: events[2]) == .concurrent)
    let arrival = history.append(to: two, receiving: events[0])
    #expect(history.order(of: arrival, to: events[0]) == .after)
    #expect(history.order(of: arrival, to: events[1]) == .concurrent)
    #expect(history.directCauses(of: arrival) == [events[2], events[0]])
  }
}
