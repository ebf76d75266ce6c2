/// What goes round and round at the end of a run: from one ringing of a timer to the next, the same events.
struct RepeatedRound {
  let count: Int
  private let milliseconds: Int
  private let timer: RunPicture.Event
  private let events: ArraySlice<RunPicture.Event>

  /// The timer whose rounds are alike most often, weighed by what happens in them; nil if none comes round three times.
  init?(_ picture: RunPicture) {
    let lastFault = picture.faults.compactMap(\.endEvent).max() ?? 0
    let events = picture.events[min(lastFault, picture.events.count)...]
    struct Timer: Hashable {
      let node: Int
      let label: String
    }
    var rings: [Timer: [Int]] = [:]
    for event in events where event.kind == .timer {
      rings[Timer(node: event.node, label: event.label ?? ""), default: []].append(event.id)
    }
    var best: (weight: Int, count: Int, first: Int, end: Int, last: Int)?
    for (_, places) in rings.sorted(by: { ($0.value[0]) < ($1.value[0]) }) where places.count > 3 {
      var rounds: [Set<String>: (count: Int, first: Int, end: Int, last: Int)] = [:]
      for (start, end) in zip(places, places.dropFirst()) {
        let key = Set(events[start..<end].map(Self.token))
        rounds[key, default: (0, start, end, start)].count += 1
        rounds[key]?.last = start
      }
      guard let round = rounds.values.max(by: { ($0.count, $1.first) < ($1.count, $0.first) }),
        round.count >= 3
      else { continue }
      // A round of many things tells more; one that never comes again tells nothing.
      let weight = round.count * min(8, round.end - round.first)
      if weight > best?.weight ?? 0 { best = (weight, round.count, round.first, round.end, round.last) }
    }
    guard let best else { return nil }
    count = best.count
    timer = picture.events[best.first]
    self.events = picture.events[best.first..<best.end]
    milliseconds = (picture.events[best.last].timeMicroseconds - timer.timeMicroseconds) / 1_000
  }

  private static func token(_ event: RunPicture.Event) -> String {
    "\(event.node) \(event.kind) \(event.label ?? "") \(event.from ?? 0)"
  }

  func lines(columns: Int, atMost limit: Int) -> [StoryLine] {
    var lines = [
      StoryLine("Again and again, \(count) times in \(Screen.seconds(milliseconds)):", .bold),
      StoryLine.row("  " + timer.words, timer.place, columns: columns),
    ]
    let steps = received(isLost: false) + received(isLost: true)
    if !steps.isEmpty {
      lines += StoryLine.wrapped(
        "  " + steps.joined(separator: "; "), columns: columns, indent: "  ", atMost: max(1, limit - 2))
    }
    return Array(lines.prefix(limit))
  }

  /// Who receives what, or what is lost: one sender's to several nodes together, then several senders' to one.
  private func received(isLost: Bool) -> [String] {
    struct Step: Hashable {
      let label: String
      let from: [Int]
      let to: [Int]
    }
    var steps: [Step] = []
    for event in events where event.kind == (isLost ? .lost : .receive) {
      let step = Step(label: event.label ?? "", from: [event.from ?? 0], to: [event.node])
      if let place = steps.firstIndex(where: { $0.label == step.label && $0.from == step.from }) {
        steps[place] = Step(label: step.label, from: step.from, to: Set(steps[place].to + step.to).sorted())
      } else if let place = steps.firstIndex(where: { $0.label == step.label && $0.to == step.to }) {
        steps[place] = Step(label: step.label, from: Set(steps[place].from + step.from).sorted(), to: step.to)
      } else {
        steps.append(step)
      }
    }
    func names(_ nodes: [Int]) -> String { nodes.map { "n\($0)" }.joined(separator: " ") }
    return steps.map { step in
      isLost
        ? "\(step.label) from \(names(step.from)) to \(names(step.to)) is lost"
        : "\(names(step.to)) ← \(step.label) from \(names(step.from))"
    }
  }
}
