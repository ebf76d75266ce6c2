import Checkers
import LabKit
import Runner

/// Parcels that come into the log, a carrier that will not take all of them, and an operator.
final class DispatchClients {
  static let carrier = NodeID.carrier.number
  static let service = 3
  private static let customers = ["ana", "ben", "eve", "kim", "lee", "max"]

  let trial: Trial
  let run: ServiceRun
  var restMilliseconds = 0...40
  /// Of a hundred parcels, so many are rejected a few times.
  var rejectedPercent = 10
  /// Of a hundred parcels, so many are refused for good; one of a customer at a time.
  var refusedPercent = 0
  /// Whether the service may fall while it answers an operator.
  var strikesRedrives = false
  private let feed: LogFeed
  private var rules: ParcelRules
  private var parcelCount = 0
  /// The parcel of each customer that is refused for good.
  private var refused: [String: String] = [:]
  /// Who asked what is held back of a customer.
  private var looks: [(customer: String, request: Int)] = []
  private var redrives: [(customer: String, request: Int, boot: Int)] = []
  private var nextAtMilliseconds = 0
  /// How far each partition was read, while what is in hand is judged.
  private var read: [Partition: Int]?

  /// - Parameter isCalm: whether no message is lost or late and nobody falls.
  init(_ trial: Trial, isCalm: Bool) {
    self.trial = trial
    feed = LogFeed(trial)
    rules = ParcelRules(
      leastAttempts: DispatchBounds.leastAttempts, mostAttempts: isCalm ? DispatchBounds.mostAttempts : nil)
    run = ServiceRun(
      trial, service: Self.service, client: 3, answerMilliseconds: DispatchBounds.answerMilliseconds)
    trial.observe = { [unowned self] _, record in try observe(record) }
  }

  // MARK: Watching

  private func observe(_ record: TraceRecord) throws {
    guard case .output(_, let body) = record else { return }
    do {
      if let effect = try? CarrierEffect(wireBytes: body) {
        if effect.isTaken {
          try rules.noteTaken(effect.parcel.id, of: effect.parcel.customer)
        } else {
          try rules.noteRejected(effect.parcel.id)
        }
      } else if let news = try? LogNews(wireBytes: body) {
        switch news {
        case .read(let partition, let next) where partition.topic == Parcel.topic:
          try noteRead(partition, next)
        case .appended(let record, Parcel.deadLetters): try rules.noteLetter(record.value, of: record.key)
        default: return
        }
      }
    } catch var violation as Violation {
      violation.nodes = [Self.carrier - 1, Self.service - 1]
      throw violation
    }
  }

  private func noteRead(_ partition: Partition, _ next: Int) throws {
    guard var read else { return }
    read[partition] = max(next, read[partition] ?? 0)
    self.read = read
    let inHand = read.values.reduce(0, +) - rules.takenCount
    guard inHand > DispatchBounds.mostInHand else { return }
    throw Violation(
      property: "No more is taken in hand than can be held", section: "contract",
      evidence:
        "n\(Self.service) has polled \(read.values.reduce(0, +)) parcels, and \(rules.takenCount) of them are taken: "
        + "\(inHand) are in hand; \(DispatchBounds.mostInHand) may be.", kind: .budget)
  }

  // MARK: Parcels

  func work(milliseconds: Int, untilServiceFalls: Bool = false) throws {
    let end = trial.nowMilliseconds + trial.waiting(milliseconds)
    while trial.nowMilliseconds < end, !untilServiceFalls || trial.isUp[Self.service] {
      if trial.nowMilliseconds >= nextAtMilliseconds { send() }
      try feed.step(milliseconds: max(1, min(10, end - trial.nowMilliseconds)), also: lookAfter)
    }
  }

  private func send() {
    nextAtMilliseconds = trial.nowMilliseconds + trial.choices.next(in: restMilliseconds)
    let customer = trial.choices.element(of: Self.customers)
    let choice = trial.choices.next(in: 0...99)
    let times = trial.choices.next(in: 1...DispatchBounds.leastAttempts - 1)
    guard trial.takes(.request) else { return }
    parcelCount += 1
    let id = "p\(parcelCount)"
    if choice < refusedPercent, refused[customer] == nil {
      refused[customer] = id
      arrange(.reject(id: id, times: .max))
    } else if choice >= 100 - rejectedPercent {
      arrange(.reject(id: id, times: times))
    }
    rules.expect(id, of: customer)
    feed.add(.init(topic: Parcel.topic, key: customer, value: id))
  }

  /// Many parcels come at once, and the carrier takes its time.
  func flood(parcels: Int, carrierMilliseconds: Int) {
    arrange(.work(milliseconds: carrierMilliseconds))
    read = [:]
    for _ in 0..<parcels { send() }
  }

  private func arrange(_ request: CarrierRequest) {
    _ = trial.request(request, to: Self.carrier, client: 2, isStep: false)
  }

  // MARK: The operator

  /// An operator looks after a customer whose parcel is refused. If parcels are held back, the carrier takes what it refused,
  /// and they are handed over again.
  func redrive() {
    let customers = refused.keys.sorted()
    guard !customers.isEmpty, trial.isUp[Self.service] else { return }
    let customer = trial.choices.element(of: customers)
    guard trial.takes(.request) else { return }
    let request = trial.request(
      DispatchRequest.heldBack(customer: customer), to: Self.service, client: 2, afterMicroseconds: 1,
      isStep: false)
    looks.append((customer, request))
  }

  private func lookAfter() throws {
    for (customer, request) in looks {
      guard let reply = trial.replies[request] else { continue }
      looks.removeAll { $0.request == request }
      guard case .heldBack(1...) = try DispatchReply(wireBytes: reply.body),
        let id = refused.removeValue(forKey: customer)
      else { continue }
      arrange(.reject(id: id, times: trial.choices.next(in: 0...DispatchBounds.leastAttempts - 1)))
      rules.redrive(customer)
      ask(toRedrive: customer)
      guard strikesRedrives, trial.choices.chance(partsPerMillion: 500_000) else { continue }
      run.strike(Self.service, at: .replied, occurrence: 1)
    }
    redriveAgain()
  }

  private func ask(toRedrive customer: String) {
    let request = trial.request(
      DispatchRequest.redrive(customer: customer), to: Self.service, client: 2, afterMicroseconds: 1,
      isStep: false)
    redrives.append((customer, request, trial.boots[Self.service]))
  }

  /// Operators who were not answered ask again.
  private func redriveAgain() {
    for (customer, request, boot) in redrives where trial.replies[request] == nil {
      guard trial.isUp[Self.service], boot != trial.boots[Self.service] else { continue }
      redrives.removeAll { $0.request == request }
      ask(toRedrive: customer)
    }
  }

  // MARK: The end

  func closeInCalm(withinMilliseconds limit: Int = DispatchBounds.settleMilliseconds) throws {
    try trial.always {
      try run.endFaults()
      try feed.finish(withinMilliseconds: limit, also: lookAfter)
      let end = trial.nowMilliseconds + limit
      while trial.nowMilliseconds < end {
        if case .holds = try verdict() { break }
        try feed.step(milliseconds: 100, also: lookAfter)
      }
      try run.demand(verdict(), nodes: [Self.carrier, Self.service])
      try judgeHeldBack()
      trial.crash(Self.service)
      try run.raiseTheFallen()
      try judgeHeldBack()
      try trial.advance(milliseconds: 1_000)
      try run.demand(verdict(), nodes: [Self.carrier, Self.service])
    }
  }

  private func verdict() throws -> Verdict {
    let letters = try run.records(of: Parcel.deadLetters).joined().map { (id: $0.value, customer: $0.key) }
    return rules.checkEnd(refused: Set(refused.values), letters: letters)
  }

  /// Dispatch knows what it holds back.
  private func judgeHeldBack() throws {
    for customer in Self.customers {
      let reply: DispatchReply = try run.ask(DispatchRequest.heldBack(customer: customer), Self.service)
      guard case .heldBack(let count) = reply else {
        throw Violation(
          property: "The answer fits the request", section: "contract",
          evidence: "n\(Self.service) was asked what it holds back of \(customer) and answered \(reply).",
          nodes: [Self.service - 1])
      }
      guard count != rules.waiting(of: customer) else { continue }
      throw Violation(
        property: "What is held back is known", section: "contract",
        evidence:
          "n\(Self.service) says that it holds back \(count) parcels of \(customer), in the calm; "
          + "\(rules.waiting(of: customer)) have not gone out.", nodes: [Self.service - 1])
    }
  }
}
