import Checkers
import LabKit
import Runner

/// Many keys at once, each written without a context and read alone.
final class ManyKeys {
  private let trial: Trial
  private var writes: [Int: WriteID] = [:]
  private var count = 0

  init(_ trial: Trial) { self.trial = trial }

  private func key(_ number: Int) -> String { KeyRange.key(10_000 + number) }

  /// Writes each key once, through one node after the other, and waits until all are stored.
  func write(_ keys: Range<Int>, quorum: Int, through nodes: [Int]? = nil) throws {
    let nodes = nodes ?? Array(trial.nodes)
    var open: [Int] = []
    for number in keys {
      count += 1
      let write = WriteID(client: 9, number: count)
      writes[number] = write
      let value = String(repeating: "v", count: StoreBounds.valueBytes - 8) + "\(10_000_000 + count)"
      open.append(
        trial.request(
          StoreRequest.put(key(number), StoreVersion(write, value), .none, .strict(quorum)),
          to: nodes[number % nodes.count], client: 9, afterMicroseconds: open.count * 200, isStep: false))
    }
    let limit = keys.count / 5 + StoreBounds.answerMilliseconds
    let isDone = try trial.advance(
      until: { open.allSatisfy { self.trial.replies[$0] != nil } }, withinMilliseconds: limit,
      stepMilliseconds: 200)
    let stored = open.count { trial.replies[$0]?.body == StoreReply.stored.wireBytes }
    guard isDone, stored == keys.count else {
      throw Violation(
        property: "No progress: requests do not succeed", section: "Dynamo, 4.5",
        evidence:
          "\(keys.count) keys were written, five a millisecond, with W = \(quorum) and as many replicas in reach: "
          + "\(stored) were stored.")
    }
  }

  /// Demands that a node, asked for so many replicas' word, knows the newest version of each of these keys.
  func requireNewest(_ keys: Range<Int>, through node: Int, quorum: Int = 1) throws {
    for number in keys {
      let request = trial.request(
        StoreRequest.get(key(number), .strict(quorum)), to: node, client: 9, isStep: false)
      _ = try trial.advance(
        until: { self.trial.replies[request] != nil }, withinMilliseconds: StoreBounds.answerMilliseconds)
      var found: [WriteID] = []
      if let reply = trial.replies[request],
        case .found(let versions, _) = try StoreReply(wireBytes: reply.body)
      {
        found = versions.map(\.write)
      }
      guard let write = writes[number], found.contains(write) else {
        throw Violation(
          property: "Eventual convergence", section: "Dynamo, 4.7",
          evidence:
            "\(key(number)) was written with W = 2 or more long ago, and all that stood in the way is over; n\(node), asked with "
            + "R = \(quorum), says of it: \(found.isEmpty ? "nothing" : found.map { "\($0)" }.joined(separator: " ")).",
          nodes: [node - 1])
      }
    }
  }
}
