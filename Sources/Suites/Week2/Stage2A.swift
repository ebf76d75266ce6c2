import Checkers
import LabKit
import Runner

extension Stage {
  /// 2A: clocks that tell which event came first (Lamport, 1978; Fidge, 1988; Mattern, 1989; Kulkarni and others, 2014).
  static let timeAndOrder = Stage(
    "2A", "Time and order", needs: [], hours: 3,
    scenarios: [lamport, vector, storm, merge, servers, synchronised, jump])

  // MARK: Lamport clocks

  private static let lamport = Scenario(
    "2A.lamport", "Lamport clocks, with loss, overtaking and crashes", points: 2,
    bound: "every cause before its effect", program: "lamport", clusterSizes: [3, 4, 5]
  ) { trial in
    let run = ClockRun(trial)
    run.judge = { [unowned run] event in
      let time = run.events[event].stamped.numbers[0]
      for cause in run.history.directCauses(of: event) {
        let earlier = run.events[cause].stamped.numbers[0]
        guard earlier >= time else { continue }
        throw Violation(
          property: "Clock condition", section: "Lamport, 1978",
          evidence:
            "\(run.name(event)) has time \(time), and \(run.name(cause)), which caused it, has time \(earlier)",
          nodes: run.nodes(of: [event, cause]))
      }
    }
    trial.setAllLinks(stormyLinks)
    trial.boot(trial.nodes)
    try run.live(.init(hasCrashes: true))
  }

  /// Messages are lost, doubled, and overtake each other.
  private static let stormyLinks = LinkProfile(
    delayMicroseconds: 1_000...30_000, lossPartsPerMillion: 100_000, duplicationPartsPerMillion: 100_000)

  // MARK: Vector clocks

  private static let vector = Scenario(
    "2A.vector", "vector clocks tell before, after and concurrent", points: 2,
    bound: "every pair exactly", program: "vector", clusterSizes: [3, 4, 5]
  ) { trial in
    let run = ClockRun(trial)
    trial.boot(trial.nodes)
    try run.live()
    try run.judgeOrders()
  }

  private static let storm = Scenario(
    "2A.storm", "vector clocks, with loss, overtaking and crashes", points: 1,
    bound: "every pair exactly", program: "vector", clusterSizes: [3, 4, 5]
  ) { trial in
    let run = ClockRun(trial)
    trial.setAllLinks(stormyLinks)
    trial.boot(trial.nodes)
    try run.live(.init(hasCrashes: true))
    guard run.events.contains(where: { $0.process.boot > 1 }) else {
      throw NotExercised("no node came back and did something")
    }
    try run.judgeOrders()
  }

  private static let merge = Scenario(
    "2A.merge", "merged vector clocks know what either knew", points: 1,
    bound: "every pair exactly", program: "vector", clusterSizes: [3, 4, 5]
  ) { trial in
    let run = ClockRun(trial)
    trial.boot(trial.nodes)
    try run.live()
    try run.judgeMerging()
  }

  // MARK: Hybrid logical clocks

  private static let offsets = ClockBounds.serverOffsetsMilliseconds

  private static let servers = Scenario(
    "2A.servers", "hybrid clocks on three servers that disagree", points: 1,
    bound: "\(offsets[1]) ms fast and \(-offsets[2]) ms slow", program: "hybrid", clusterSizes: [3]
  ) { trial in
    let run = ClockRun(trial)
    run.judgeHybridStamps()
    trial.boot(trial.nodes)
    for (node, offset) in zip(trial.nodes, offsets) {
      run.setWallClock(of: node, milliseconds: offset)
    }
    try run.live()
    try run.judgeHybridComparison()
  }

  private static let synchronised = Scenario(
    "2A.close", "hybrid clocks stay close to synchronised wall clocks", points: 2,
    bound: "at most \(ClockBounds.synchronisedMilliseconds) ms from the wall clock", program: "hybrid",
    clusterSizes: [3, 4, 5]
  ) { trial in
    let run = ClockRun(trial)
    run.judgeHybridStamps(within: ClockBounds.synchronisedMilliseconds)
    trial.setAllLinks(stormyLinks)
    trial.boot(trial.nodes)
    for node in trial.nodes {
      run.setWallClock(
        of: node, milliseconds: trial.choices.next(in: 0...ClockBounds.synchronisedMilliseconds))
    }
    try run.live(.init(hasCrashes: true))
    try run.judgeHybridComparison()
  }

  private static let jump = Scenario(
    "2A.jump", "hybrid clocks where wall clocks jump, forth and back", points: 1,
    bound: "up to \(ClockBounds.jumpMilliseconds) ms", program: "hybrid", clusterSizes: [3, 4, 5]
  ) { trial in
    let run = ClockRun(trial)
    run.judgeHybridStamps()
    trial.boot(trial.nodes)
    try run.live(.init(hasJumps: true))
    let hasGoneBack = run.events.indices.contains { event in
      run.history.directCauses(of: event).contains { cause in
        run.events[cause].process == run.events[event].process
          && run.events[cause].stamped.wall > run.events[event].stamped.wall
      }
    }
    guard hasGoneBack else { throw NotExercised("no wall clock went back between two events of its node") }
    try run.judgeHybridComparison()
  }
}

// MARK: Vector clocks are exact

extension ClockRun {
  /// Of every two of some events, the student's comparison says how they lie to each other.
  fileprivate func judgeOrders() throws {
    let sample = sample()
    let orders = try orders(of: sample.map(stamp))
    var counts: [CausalOrder: Int] = [:]
    for (row, first) in sample.enumerated() {
      for (column, second) in sample.enumerated() {
        let expected = CausalOrder(history.order(of: first, to: second))
        counts[expected, default: 0] += 1
        guard orders[row][column] != expected else { continue }
        throw Violation(
          property: "Vector clocks are exact", section: "Mattern, 1989",
          evidence:
            "\(name(first)) \(expected.words) \(name(second)), and the comparison of their stamps says \(orders[row][column])",
          nodes: nodes(of: [first, second]))
      }
    }
    guard counts[.before, default: 0] > 0, counts[.concurrent, default: 0] > 0 else {
      throw NotExercised("no two of the events were concurrent, or none was the cause of another")
    }
  }

  /// What two events know together: each of them, what they know, and nothing else.
  fileprivate func judgeMerging() throws {
    let sample = sample(12)
    let all = sample.flatMap { first in sample.map { (first, $0) } }
    let concurrent = all.filter { history.order(of: $0, to: $1) == .concurrent }
    guard !concurrent.isEmpty else { throw NotExercised("no two of the merged stamps were concurrent") }
    let pairs = (0..<3).flatMap { _ in
      [trial.choices.element(of: all), trial.choices.element(of: concurrent)]
    }
    let knows = { (event: Int, other: Int) in
      event == other || self.history.happenedBefore(other, event)
    }
    let merged = try pairs.map { try self.merged(stamp($0), stamp($1)) }
    let reversed = try pairs.map { try self.merged(stamp($1), stamp($0)) }
    let orders = try orders(of: sample.map(stamp) + merged + reversed)
    for (number, (first, second)) in pairs.enumerated() {
      for row in [sample.count + number, sample.count + pairs.count + number] {
        for (column, event) in sample.enumerated() {
          let isKnown = knows(first, event) || knows(second, event)
          let knowsBoth = knows(event, first) && knows(event, second)
          let expected: CausalOrder =
            switch (knowsBoth, isKnown) {
            case (true, true): .equal
            case (true, false): .before
            case (false, true): .after
            case (false, false): .concurrent
            }
          guard orders[row][column] != expected else { continue }
          throw Violation(
            property: "Merging is exact", section: "Mattern, 1989",
            evidence:
              "the stamps of \(name(first)) and \(name(second)), merged, are \(orders[row][column]) to that of \(name(event)); they should be \(expected)",
            nodes: nodes(of: [first, second, event]))
        }
      }
    }
  }
}

// MARK: Hybrid logical clocks

extension ClockRun {
  /// Judges every stamp: above its causes, close to the wall clock, with a counter no larger than needed.
  fileprivate func judgeHybridStamps(within most: Int? = nil) {
    /// For each event, the latest reading of any wall clock among it and its causes.
    var latestReadings: [Int] = []
    judge = { [unowned self] event in
      let stamped = events[event].stamped
      let (physical, counter) = (stamped.numbers[0], stamped.numbers[1])
      let causes = history.directCauses(of: event)
      let latest = causes.reduce(stamped.wall) { max($0, latestReadings[$1]) }
      latestReadings.append(latest)
      for cause in causes where words(cause) >= words(event) {
        throw Violation(
          property: "A hybrid clock goes forward", section: "Kulkarni and others, 2014",
          evidence:
            "\(name(event)) is stamped \(shown(event)), and \(name(cause)), which caused it, \(shown(cause))",
          nodes: nodes(of: [event, cause]))
      }
      guard (stamped.wall...latest).contains(physical) else {
        let limit =
          physical < stamped.wall
          ? "behind its own wall clock"
          : "ahead of every wall clock that it or any of its causes has read"
        throw Violation(
          property: "Close to physical time", section: "Kulkarni and others, 2014",
          evidence:
            "\(name(event)) is stamped \(shown(event)), \(limit): \(physical < stamped.wall ? stamped.wall : latest)",
          nodes: nodes(of: [event]))
      }
      if let most, physical - stamped.wall > most {
        throw Violation(
          property: "Bounded drift", section: "Kulkarni and others, 2014",
          evidence:
            "\(name(event)) is stamped \(shown(event)) where the wall clock says \(stamped.wall); no two wall clocks are \(most) ms apart",
          nodes: nodes(of: [event]))
      }
      let sharing = (0..<event).count {
        events[$0].stamped.numbers[0] == physical && history.happenedBefore($0, event)
      }
      guard (0...sharing).contains(counter) else {
        throw Violation(
          property: "A small counter", section: "Kulkarni and others, 2014",
          evidence:
            "\(name(event)) is stamped \(shown(event)), and of what may have caused it \(sharing) events have that physical part",
          nodes: nodes(of: [event]))
      }
    }
  }

  /// The student's `<` orders stamps by their physical part, then by their counter.
  fileprivate func judgeHybridComparison() throws {
    let sample = sample(16)
    let orders = try orders(of: sample.map(stamp))
    for (row, first) in sample.enumerated() {
      for (column, second) in sample.enumerated() {
        let expected: CausalOrder =
          words(first) < words(second) ? .before : words(first) == words(second) ? .equal : .after
        guard orders[row][column] != expected else { continue }
        throw Violation(
          property: "Order of hybrid stamps", section: "contract",
          evidence: "\(shown(first)) is \(expected) \(shown(second)), and `<` says \(orders[row][column])",
          nodes: nodes(of: [first, second]))
      }
    }
  }

  /// Physical part and counter.
  private func words(_ event: Int) -> (Int, Int) {
    (events[event].stamped.numbers[0], events[event].stamped.numbers[1])
  }

  private func shown(_ event: Int) -> String { "(\(words(event).0), \(words(event).1))" }
}

extension CausalOrder {
  fileprivate init(_ order: CausalHistory.Order) {
    self =
      switch order {
      case .before: .before
      case .after: .after
      case .equal: .equal
      case .concurrent: .concurrent
      }
  }

  /// Between two events: "a happened before b".
  fileprivate var words: String {
    switch self {
    case .before: "happened before"
    case .after: "happened after"
    case .equal: "is the same event as"
    case .concurrent: "is concurrent to"
    }
  }
}
