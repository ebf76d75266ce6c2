import Checkers
import LabKit
import Runner

/// A service in a world with nodes of the course: how the judge asks nodes, and lets them fall and rise.
final class ServiceRun {
  static let log = NodeID.log.number

  let trial: Trial
  /// The number of the student's node.
  let service: Int
  /// The judge is a client of its own.
  private let client: Int
  private let answerMilliseconds: Int
  private var strikes: [Int] = []

  init(_ trial: Trial, service: Int, client: Int, answerMilliseconds: Int) {
    self.trial = trial
    self.service = service
    self.client = client
    self.answerMilliseconds = answerMilliseconds
  }

  // MARK: Asking

  /// Asks a node that is up, and waits for its answer.
  func ask<Reply: WireValue>(_ body: some WireValue, _ node: Int) throws -> Reply {
    let request = trial.request(body, to: node, client: client, isStep: false)
    _ = try trial.advance(
      until: { trial.replies[request] != nil }, withinMilliseconds: answerMilliseconds, stepMilliseconds: 1)
    guard let reply = trial.replies[request] else {
      throw Violation(
        property: "No progress: a request is never answered", section: "contract",
        evidence:
          "n\(node) has been asked \(answerMilliseconds) ms ago, in the calm, and has not answered.",
        nodes: [node - 1], kind: .progress)
    }
    return try Reply(wireBytes: reply.body)
  }

  /// All that is in the log of a topic, by partition.
  func records(of topic: String) throws -> [[LogRecord]] {
    try (0..<LogBounds.partitions).map { number in
      let reply: LogReply = try ask(
        LogRequest.poll(Partition(topic, number), from: 0, limit: 100_000), Self.log)
      guard case .records(let records, _) = reply else { throw LabError("the log answered \(reply)") }
      return records
    }
  }

  /// Demands a verdict on the service, or on others as well.
  func demand(_ verdict: Verdict, nodes: [Int]? = nil) throws {
    guard case .violated(var violation) = verdict else { return try trial.demand(verdict) }
    violation.nodes = (nodes ?? [service]).map { $0 - 1 }
    try trial.demand(.violated(violation))
  }

  // MARK: Faults

  /// Lets a node fall in the midst of a handler that asks for such an effect, after any number of its effects. `peer` is whom
  /// it sends to, if not anybody.
  func strike(_ node: Int, at event: Watch.Event, to peer: Int? = nil, occurrence: Int) {
    strikes.append(trial.strike(node, at: event, to: peer, occurrence: occurrence))
  }

  /// Lets the service fall between any two effects, soon.
  func strikeService(within occurrences: Int, at events: [Watch.Event] = [.persisted, .sent, .replied]) {
    strike(
      service, at: trial.choices.element(of: events), occurrence: trial.choices.next(in: 1...occurrences))
  }

  /// Lets the links between two nodes lose, double and delay what they carry.
  func disturb(_ first: Int, _ second: Int) {
    trial.command(.setLink(from: first, to: second, .harsh))
    trial.command(.setLink(from: second, to: first, .harsh))
  }

  /// Boots whatever has fallen. Whoever was to fall and has not does not any more.
  func raiseTheFallen() throws {
    for strike in strikes { trial.unwatch(strike) }
    strikes = []
    try trial.advance(milliseconds: 1)
    trial.boot(trial.nodes.filter { !trial.isUp[$0] })
    try trial.advance(milliseconds: 1)
  }

  func endFaults() throws {
    trial.heal()
    trial.setAllLinks(LinkProfile())
    try raiseTheFallen()
  }
}
