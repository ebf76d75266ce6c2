import Checkers
import LabKit
import Runner

/// The view service of stage 2F: it hands out views of who the members are, to each node at a time of its own, and again
/// until the node has settled it. It is never wrong, and there is one change at a time.
final class ViewService {
  private struct Delivery {
    var requests: [Int]
    var boot: Int
    var sentMilliseconds: Int
  }

  private static let client = 99
  private static let patienceMilliseconds = 1_000

  private let trial: Trial
  private var number = 0
  private(set) var members: [Int]
  /// Who the members will be, while a change is under way.
  private(set) var next: [Int]?
  /// Nodes that have left for good.
  private(set) var gone: Set<Int> = []
  /// How long after a view has been made it reaches a node for the first time.
  var delayMilliseconds = 0...300
  private var dueMilliseconds: [Int: Int] = [:]
  private var deliveries: [Int: Delivery] = [:]
  private var settled: Set<Int> = []

  init(_ trial: Trial) {
    self.trial = trial
    members = Array(1...trial.firstMembers)
  }

  /// The nodes that are to settle the present view.
  var concerned: [Int] {
    Set(members + (next ?? []) + leavers).subtracting(gone).sorted()
  }

  /// Nodes that were members before the change that the present view closes.
  private var leavers: [Int] = []

  var isSettled: Bool { settled.isSuperset(of: concerned) }
  var unsettled: [Int] { concerned.filter { !settled.contains($0) } }

  /// Two changes one after the other: the spare node joins; then a member of now leaves.
  func joinThenLeave() -> [[Int]] {
    let leaver = trial.choices.element(of: members)
    let joined = members + [trial.nodeCount]
    return [joined, joined.filter { $0 != leaver }]
  }

  /// Opens a change. `lost`: members that have fallen for good.
  func open(_ members: [Int], lost: [Int] = []) {
    gone.formUnion(lost)
    leavers = []
    next = members.sorted()
    handOut()
  }

  /// Closes the change that is under way.
  func close() {
    leavers = members
    members = next ?? members
    next = nil
    handOut()
  }

  private func handOut() {
    number += 1
    deliveries = [:]
    settled = []
    for node in concerned {
      dueMilliseconds[node] = trial.nowMilliseconds + trial.choices.next(in: delayMilliseconds)
    }
  }

  /// Hears who has settled the view, and asks the others that are up.
  func serve() throws {
    for node in unsettled where trial.isUp[node] && trial.nowMilliseconds >= dueMilliseconds[node, default: 0]
    {
      if let delivery = deliveries[node] {
        // It may answer any of the times that it was asked.
        if let reply = delivery.requests.lazy.compactMap({ self.trial.replies[$0] }).first {
          try take(StoreReply(wireBytes: reply.body), from: node)
          continue
        }
        let age = trial.nowMilliseconds - delivery.sentMilliseconds
        guard delivery.boot != trial.boots[node] || age >= Self.patienceMilliseconds else { continue }
      }
      let view = MembershipView(
        number: number, members: members.map { NodeID($0) }, next: next?.map { NodeID($0) })
      let request = trial.request(StoreRequest.view(view), to: node, client: Self.client, isStep: false)
      let earlier = deliveries[node].map { $0.boot == trial.boots[node] ? $0.requests : [] } ?? []
      deliveries[node] = Delivery(
        requests: earlier + [request], boot: trial.boots[node], sentMilliseconds: trial.nowMilliseconds)
    }
  }

  private func take(_ reply: StoreReply, from node: Int) throws {
    guard case .settled(let number) = reply else {
      throw Violation(
        property: "The answer fits the request", section: "contract",
        evidence: "n\(node) was given a view and answered something else.", nodes: [node - 1])
    }
    guard number == self.number else {
      throw Violation(
        property: "The answer fits the request", section: "contract",
        evidence: "n\(node) was given view \(self.number) and says that it has settled view \(number).",
        nodes: [node - 1])
    }
    settled.insert(node)
  }
}

extension StoreClients {
  /// Changes the members while the clients work, and waits until the change is closed. The clients ask members, and, from when
  /// it is closed, the new ones.
  ///
  /// `lost`: members that have fallen for good. `during` is called now and then with how long the change has been open, and
  /// says whether something still keeps nodes from each other.
  func change(
    _ service: ViewService, to members: [Int], lost: [Int] = [],
    during: (_ milliseconds: Int) throws -> Bool = { _ in false }
  ) throws {
    service.open(members, lost: lost)
    try settle(service, during)
    service.close()
    reachable = Set(service.concerned).sorted()
    try settle(service, during)
    reachable = service.members
  }

  private func settle(_ service: ViewService, _ during: (_ milliseconds: Int) throws -> Bool) throws {
    let start = trial.nowMilliseconds
    var calmSince = start + service.delayMilliseconds.upperBound
    let isSettled = try work(
      until: {
        if try during(trial.nowMilliseconds - start) { calmSince = trial.nowMilliseconds }
        try service.serve()
        return service.isSettled || trial.nowMilliseconds - calmSince > StoreBounds.settleMilliseconds
      }, withinMilliseconds: 120_000)
    guard isSettled, service.isSettled else {
      let who = service.unsettled.map { "n\($0)" }.joined(separator: " ")
      throw Violation(
        property: "No progress: a view is settled", section: "contract",
        evidence:
          "Members \(service.members.map { "n\($0)" }.joined(separator: " "))"
          + (service.next.map { ", next \($0.map { "n\($0)" }.joined(separator: " "))" } ?? "")
          + ": \(StoreBounds.settleMilliseconds / 1_000) s in which nothing failed, and \(who) has not settled the view.",
        nodes: service.unsettled.map { $0 - 1 }, kind: .progress)
    }
  }
}
