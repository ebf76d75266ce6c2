import Checkers
import LabKit
import Runner

/// Clocks under test, each held by a probe, and what may have caused what, as the simulator knows it.
final class ClockRun {
  /// An event, the process that it belongs to, and when it was.
  struct Event {
    let process: ProcessID
    let stamped: StampedEvent
    let timeMicroseconds: Int
  }

  /// What happens to nodes and clocks while they live.
  struct Weather {
    var hasCrashes = false
    var hasJumps = false
  }

  let trial: Trial
  private(set) var history = CausalHistory()
  private(set) var events: [Event] = []
  /// Judges an event as soon as it has its stamp.
  var judge: (_ event: Int) throws -> Void = { _ in }
  /// The running process of each node, and its number in the history.
  private var processes: [(id: ProcessID, number: Int)?]
  /// The events that sent a link's messages, in order.
  private var sendings: [Link: [Int]] = [:]
  /// The event that sent what the running handler was handed.
  private var sending: Int?
  private var crashedNodes: [Int] = []

  private struct Link: Hashable {
    let from: Int
    let to: Int
  }

  init(_ trial: Trial) {
    self.trial = trial
    processes = Array(repeating: nil, count: trial.nodeCount + 1)
    trial.observe = { [unowned self] time, record in try follow(record, at: time) }
  }

  // MARK: Causes

  private func follow(_ record: TraceRecord, at time: Int) throws {
    switch record {
    case .started(let node, let boot):
      processes[node] = (ProcessID(node: NodeID(node), boot: boot), history.addProcess())
    case .delivered(let node, let from, _, let number):
      let sent = sendings[Link(from: from, to: node)] ?? []
      guard sent.indices.contains(number - 1) else {
        throw LabError("n\(node) was handed a message that n\(from) did not send")
      }
      sending = sent[number - 1]
    case .requested: sending = nil
    case .output(let node, let body):
      guard let process = processes[node] else { throw LabError("n\(node) is down and stamps an event") }
      let stamped = try StampedEvent(wireBytes: body)
      let event = history.append(
        to: process.number, receiving: stamped.kind == .arrival ? sending : nil)
      events.append(Event(process: process.id, stamped: stamped, timeMicroseconds: time))
      try judge(event)
    case .sent(let to, _, _):
      // A probe shows the stamp of a sending before it sends.
      guard let from = events.last?.process.node.number else { return }
      sendings[Link(from: from, to: to), default: []].append(events.count - 1)
    default: break
    }
  }

  /// An event in words: "n1's send at 12.345 ms".
  func name(_ event: Int) -> String {
    let (process, time) = (events[event].process, events[event].timeMicroseconds)
    let kind =
      switch events[event].stamped.kind {
      case .step: "step"
      case .send: "send"
      case .arrival: "arrival"
      }
    return "\(process)'s \(kind) at \(time / 1_000).\(String(1_000 + time % 1_000).dropFirst()) ms"
  }

  func nodes(of events: [Int]) -> [Int] {
    Set(events.map { self.events[$0].process.node.number - 1 }).sorted()
  }

  // MARK: Workload

  /// Lets every node take steps and send messages for a while. At the end all are up, all has arrived, and
  /// enough has happened to judge by.
  func live(_ weather: Weather = Weather(), rounds: Int = 30) throws {
    for _ in 0..<rounds {
      trial.boot(crashedNodes)
      crashedNodes = []
      for _ in 0..<2 { act() }
      let victim = trial.choices.element(of: Array(trial.nodes))
      let offset = trial.choices.next(in: -ClockBounds.jumpMilliseconds...ClockBounds.jumpMilliseconds)
      if weather.hasCrashes, trial.choices.chance(partsPerMillion: 150_000) {
        trial.crash(victim)
        crashedNodes = [victim]
      } else if weather.hasJumps, trial.choices.chance(partsPerMillion: 300_000) {
        setWallClock(of: victim, milliseconds: offset)
      }
      try trial.advance(milliseconds: trial.choices.next(in: 1...8))
    }
    trial.boot(crashedNodes)
    try trial.advance(milliseconds: 200)
    let arrivals = events.count { $0.stamped.kind == .arrival }
    guard events.count >= 20, arrivals >= 5 else {
      throw NotExercised("only \(events.count) events, \(arrivals) of them arrivals")
    }
  }

  private func act() {
    let (node, receiver) = (trial.choices.next(in: trial.nodes), trial.choices.next(in: trial.nodes))
    _ = trial.request(
      node == receiver ? ClockRequest.step : .send(to: NodeID(receiver)), to: node,
      afterMicroseconds: trial.choices.next(in: 0...4_000))
  }

  /// Lets a wall clock be off by so much from now on.
  func setWallClock(of node: Int, milliseconds: Int) {
    trial.command(
      .setClock(node: node, driftPartsPerMillion: 0, wallOffsetMicroseconds: milliseconds * 1_000))
  }

  // MARK: Questions

  /// Some of the events, in their order.
  func sample(_ count: Int = 24) -> [Int] {
    Array(trial.choices.shuffled(Array(events.indices)).prefix(count)).sorted()
  }

  func stamp(_ event: Int) -> [UInt8] { events[event].stamped.stamp }

  /// How each of some stamps lies to each, by the student's own comparison.
  func orders(of stamps: [[UInt8]]) throws -> [[CausalOrder]] {
    guard case .orders(let orders) = try ask(.compare(stamps)), orders.count == stamps.count * stamps.count
    else { throw LabError("a probe did not compare \(stamps.count) stamps") }
    return stamps.indices.map { row in Array(orders[(row * stamps.count)..<((row + 1) * stamps.count)]) }
  }

  /// The stamp of all that two stamps know, by the student's own merging.
  func merged(_ first: [UInt8], _ second: [UInt8]) throws -> [UInt8] {
    guard case .merged(let stamp) = try ask(.merge(first, second)) else {
      throw LabError("a probe did not merge two stamps")
    }
    return stamp
  }

  private func ask(_ question: ClockRequest) throws -> ClockReply {
    let number = trial.request(question, to: trial.choices.next(in: trial.nodes), isStep: false)
    guard try trial.advance(until: { trial.replies[number] != nil }, withinMilliseconds: 10),
      let reply = trial.replies[number]
    else { throw NotExercised("a node that was asked is down") }
    return try ClockReply(wireBytes: reply.body)
  }
}
