import Checkers
import LabKit
import Runner

/// Clients that use each key of a store as one register, in its linearizable mode. They leave a history that is judged by
/// `Linearizability`.
final class RegisterClients {
  enum Kind { case get, put }

  private struct Open {
    let place: Int
    let node: Int
    let boot: Int
    let request: Int
    let callMicroseconds: Int
  }

  private struct Client {
    var open: Open?
    var restsUntilMilliseconds = 0
  }

  private let trial: Trial
  private let keys: Int
  private var clients: [Client]
  private var writes = 0

  init(_ trial: Trial, clients: Int, keys: Int) {
    self.trial = trial
    self.keys = keys
    self.clients = Array(repeating: Client(), count: clients)
  }

  /// Boots all nodes.
  func start() throws { try trial.start() }

  // MARK: At random

  func work(milliseconds: Int) throws {
    let end = trial.nowMilliseconds + trial.waiting(milliseconds)
    while trial.nowMilliseconds < end {
      for number in clients.indices { begin(number) }
      try trial.advance(untilReplyOrMilliseconds: max(1, min(10, end - trial.nowMilliseconds)))
      try hear()
    }
  }

  private func begin(_ number: Int) {
    let up = trial.nodes.filter { trial.isUp[$0] }
    guard clients[number].open == nil, trial.nowMilliseconds >= clients[number].restsUntilMilliseconds,
      !up.isEmpty
    else { return }
    clients[number].restsUntilMilliseconds = trial.nowMilliseconds + trial.choices.next(in: 0...40)
    let kind = trial.choices.chance(partsPerMillion: 500_000) ? Kind.get : .put
    let key = trial.choices.next(in: 0...(keys - 1))
    let node = trial.choices.element(of: up)
    guard trial.takes(.request) else { return }
    send(kind, key, by: number, through: node)
  }

  /// A node falls, or some cannot reach each other any more, or all is well again.
  func disturb() {
    switch trial.choices.next(in: 0...4) {
    case 0: trial.crash(trial.choices.element(of: Array(trial.nodes)))
    case 1:
      let shuffled = trial.choices.shuffled(Array(trial.nodes))
      let cut = trial.choices.next(in: 1...(trial.nodeCount - 1))
      trial.partition([Array(shuffled[..<cut]), Array(shuffled[cut...])])
    case 2: trial.slow(trial.choices.element(of: Array(trial.nodes)))
    case 3: trial.boot(trial.nodes.filter { !trial.isUp[$0] })
    default: trial.heal()
    }
  }

  /// Lets every operation end that is open.
  func settle() throws {
    while clients.contains(where: { $0.open != nil }) {
      try trial.advance(untilReplyOrMilliseconds: 50)
      try hear()
    }
  }

  // MARK: Demands

  /// Demands that an operation succeeds in time.
  func demand(_ kind: Kind, _ key: Int, through node: Int, _ why: String) throws {
    let start = trial.nowMilliseconds
    let succeeded = try perform(kind, key, through: node)
    let elapsed = trial.nowMilliseconds - start
    guard !succeeded || elapsed > StoreBounds.successMilliseconds else { return }
    throw Violation(
      property: "No progress: a quorum in reach", section: "Attiya, Bar-Noy and Dolev, 1995",
      evidence:
        "A linearizable \(kind) of \(StoreClients.key(key)) through n\(node) "
        + (succeeded ? "was answered after \(elapsed) ms" : "did not succeed")
        + "; \(why), and it had \(StoreBounds.successMilliseconds) ms.", kind: .progress)
  }

  /// Demands that an operation does not succeed.
  func forbid(_ kind: Kind, _ key: Int, through node: Int, _ why: String) throws {
    guard try perform(kind, key, through: node) else { return }
    throw Violation(
      property: "The request's quorum counts", section: "Attiya, Bar-Noy and Dolev, 1995",
      evidence: "A linearizable \(kind) of \(StoreClients.key(key)) through n\(node) succeeded; only \(why).")
  }

  private func perform(_ kind: Kind, _ key: Int, through node: Int) throws -> Bool {
    let place = trial.clientOperations.count
    send(kind, key, by: 0, through: node)
    while clients[0].open != nil {
      try trial.advance(untilReplyOrMilliseconds: 10)
      try hear()
    }
    return trial.clientOperations.indices.contains(place) && trial.clientOperations[place].output != nil
  }

  /// The nodes that hold a key's replicas.
  func locate(_ key: Int) throws -> [Int] {
    let number = trial.request(
      StoreRequest.locate(StoreClients.key(key)), to: 1, client: clients.count + 1, isStep: false)
    guard try trial.advance(until: { trial.replies[number] != nil }, withinMilliseconds: 10),
      let reply = trial.replies[number],
      case .replicas(let nodes) = try StoreReply(wireBytes: reply.body),
      nodes.count == min(StoreBounds.replicas, trial.nodeCount)
    else { throw NotExercised("n1 did not say where a key lies") }
    return nodes.map(\.number)
  }

  // MARK: Asking and hearing

  private func send(_ kind: Kind, _ key: Int, by number: Int, through node: Int) {
    let name = StoreClients.key(key)
    let body: StoreRequest
    let input: KeyValueInput
    switch kind {
    case .get:
      body = .get(name, .linearizable)
      input = .get(name)
    case .put:
      writes += 1
      let version = StoreVersion(WriteID(client: number + 1, number: writes), "v\(writes)")
      body = .put(name, version, .none, .linearizable)
      input = .put(name, version.value ?? "")
    }
    let call = trial.nowMicroseconds + 1
    let request = trial.request(
      body, to: node, client: number + 1, afterMicroseconds: 1, isStep: false)
    clients[number].open = Open(
      place: trial.clientOperations.count, node: node, boot: trial.boots[node], request: request,
      callMicroseconds: call)
    trial.clientOperations.append(
      Operation(id: trial.clientOperations.count, client: number + 1, call: call, input: input))
  }

  private func hear() throws {
    for number in clients.indices {
      guard let open = clients[number].open else { continue }
      if let reply = trial.replies[open.request] {
        clients[number].open = nil
        try take(StoreReply(wireBytes: reply.body), at: reply.timeMicroseconds, to: open)
      } else if trial.boots[open.node] != open.boot || !trial.isUp[open.node] {
        clients[number].open = nil
        end(open, .unknown)
      } else if trial.nowMicroseconds - open.callMicroseconds > StoreBounds.answerMilliseconds * 1_000 {
        throw Violation(
          property: "No progress: a request is never answered", section: "contract",
          evidence:
            "n\(open.node) was asked \(StoreBounds.answerMilliseconds) ms ago, has not crashed, and has not answered.",
          nodes: [open.node - 1], kind: .progress)
      }
    }
  }

  private func take(_ reply: StoreReply, at time: Int, to open: Open) throws {
    switch (reply, trial.clientOperations[open.place].input) {
    case (.found(let versions, _), .get) where versions.count <= 1:
      end(open, .ok(.value(versions.first?.value)), at: time)
      if trial.judgesEarly { try judge() }
    case (.stored, .put): end(open, .ok(.done), at: time)
    case (.failed, _): end(open, .failed, at: time)
    case (.unknown, .put): end(open, .unknown, at: time)
    default:
      throw Violation(
        property: "The answer fits the request", section: "contract",
        evidence: "n\(open.node) answered \(reply) to a linearizable request.", nodes: [open.node - 1])
    }
  }

  private func end(_ open: Open, _ outcome: Checkers.Outcome<KeyValueOutput>, at time: Int? = nil) {
    trial.clientOperations[open.place].outcome = outcome
    trial.clientOperations[open.place].return = max(
      time ?? trial.nowMicroseconds, open.callMicroseconds)
  }

  // MARK: Judging

  func judge() throws {
    let history: KeyValueHistory
    do { history = try KeyValueHistory(trial.clientOperations) } catch {
      throw LabError("the clients left no history: \(error)")
    }
    try trial.demand(Linearizability(KeyValueModel()).check(history))
  }
}
