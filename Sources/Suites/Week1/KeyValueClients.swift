import Checkers
import LabKit
import Runner

/// How the clients of a key-value service behave.
struct ClientBehaviour {
  var clients = 4
  var keys = 3
  /// How long a client waits for an answer before it asks another node.
  var patienceMilliseconds = 700
  /// How long it keeps asking before it gives an operation up and opens a new session.
  var longestOperationMilliseconds = 6_000
  /// How many answers in a million are lost on their way to the client.
  var lostAnswersPartsPerMillion = 0
  /// How many requests in a million reach the service twice, the second time up to a second later.
  var repeatedRequestsPartsPerMillion = 0
  /// How long a client rests between two operations.
  var restMilliseconds = 0...20
}

/// Clients of a key-value service: each keeps one operation open, asks again until it is answered, and leaves a history.
final class KeyValueClients {
  private struct Open {
    var place: Int
    var request: KeyValueRequest
    var deadlineMilliseconds: Int
    /// The newest request, as long as it waits for an answer.
    var newest: Int?
    var requests = 1
    /// When the client asks again, if it has no answer by then.
    var retryMilliseconds: Int
  }

  private struct Client {
    var session: UInt64
    var sequence = 0
    var node: Int
    var open: Open?
    var restsUntilMilliseconds = 0
  }

  /// A request that some node was handed, and what its client knows by now.
  private struct Attempt {
    let place: Int
    let isRead: Bool
    let node: Int
    let boot: Int
    let sentMilliseconds: Int
  }

  let cluster: RaftCluster
  private var trial: Trial { cluster.trial }
  /// What the clients did, kept by the trial so that it outlives a failure.
  private var operations: [Operation<KeyValueInput, KeyValueOutput>] {
    _read { yield trial.clientOperations }
    _modify { yield &trial.clientOperations }
  }
  private let behaviour: ClientBehaviour
  private var clients: [Client] = []
  private var attempts: [Int: Attempt] = [:]
  private var repeats: [(milliseconds: Int, request: KeyValueRequest, node: Int, place: Int)] = []
  private var boots: [Int]
  private var nextSession: UInt64 = 1
  /// No new operations are begun.
  var isClosing = false
  private(set) var answered = 0
  /// How long each write took that was answered by the first node asked, in microseconds.
  private(set) var writeMicroseconds: [Int] = []

  init(_ cluster: RaftCluster, _ behaviour: ClientBehaviour = ClientBehaviour()) {
    self.cluster = cluster
    self.behaviour = behaviour
    boots = Array(repeating: 0, count: cluster.trial.nodeCount + 1)
    cluster.started = { [unowned self] node in boots[node] += 1 }
    for _ in 0..<behaviour.clients {
      clients.append(Client(session: newSession(), node: cluster.trial.choices.next(in: cluster.trial.nodes)))
    }
  }

  /// When what is asked now reaches a node: strictly after every answer so far, or the two would count as concurrent.
  private var nextInstant: Int { trial.nowMicroseconds + 1 }

  private func newSession() -> UInt64 {
    defer { nextSession += 1 }
    return nextSession
  }

  // MARK: Running

  /// Lets the clients work for a time.
  func work(milliseconds: Int) throws {
    let end = trial.nowMilliseconds + trial.waiting(milliseconds)
    while trial.nowMilliseconds < end { try step(within: end - trial.nowMilliseconds) }
  }

  /// Lets the clients work until so many more operations are answered.
  func work(untilAnswered count: Int, withinMilliseconds limit: Int = RaftBounds.progressSeconds * 1_000)
    throws
  {
    let goal = answered + count
    let end = trial.nowMilliseconds + limit
    while answered < goal {
      guard trial.nowMilliseconds < end else {
        throw Violation(
          property: "No progress: clients unanswered", section: "Raft, 8",
          evidence:
            "\(limit / 1_000) s without a fault, and only \(count - goal + answered) of \(count) operations were answered: "
            + cluster.describe(Array(trial.nodes)))
      }
      try step(within: end - trial.nowMilliseconds)
    }
  }

  private func step(within limit: Int) throws {
    for number in clients.indices { begin(number) }
    let due = repeats.filter { $0.milliseconds <= trial.nowMilliseconds }
    repeats.removeAll { $0.milliseconds <= trial.nowMilliseconds }
    for copy in due { send(copy.request, to: copy.node, place: copy.place) }
    try trial.advance(untilReplyOrMilliseconds: max(1, min(limit, 10)))
    try hearAnswers()
  }

  /// Ends every operation that is open, reads every key, and judges the history.
  func close() throws {
    isClosing = true
    let end = trial.nowMilliseconds + RaftBounds.progressSeconds * 1_000
    while clients.contains(where: { $0.open != nil }), trial.nowMilliseconds < end { try step(within: 50) }
    if let place = clients.lazy.compactMap(\.open).first?.place {
      throw Violation(
        property: "No progress: an operation is never answered", section: "Raft, 8",
        evidence: "\(RaftBounds.progressSeconds) s without a fault, and \(describe(place)) is still open: "
          + cluster.describe(Array(trial.nodes)))
    }
    for key in 0..<behaviour.keys { try perform(.get(Self.key(key)), by: key % clients.count) }
    try judgeWaiting()
    try judge()
  }

  /// Lets one client do one operation, and waits for its answer.
  func perform(_ operation: KeyValueOperation, by number: Int) throws {
    open(operation, by: number)
    try finish(number)
  }

  private func finish(_ number: Int) throws {
    let end = trial.nowMilliseconds + RaftBounds.progressSeconds * 1_000
    while clients[number].open != nil, trial.nowMilliseconds < end { try step(within: 50) }
    if let place = clients[number].open?.place {
      throw Violation(
        property: "No progress: an operation is never answered", section: "Raft, 8",
        evidence: "\(RaftBounds.progressSeconds) s without a fault, and \(describe(place)) is still open: "
          + cluster.describe(Array(trial.nodes)))
    }
  }

  /// Lets one client ask once, and leaves it at that: whether it is answered does not matter, but a lie does.
  func tryOnce(_ operation: KeyValueOperation, by number: Int, withinMilliseconds limit: Int) throws {
    open(operation, by: number)
    let end = trial.nowMilliseconds + limit
    clients[number].open?.retryMilliseconds = .max
    while clients[number].open?.newest != nil, trial.nowMilliseconds < end {
      try trial.advance(untilReplyOrMilliseconds: 10)
      try hearAnswers()
    }
    if clients[number].open != nil { giveUp(number) }
  }

  /// Lets a client ask that node next.
  func turn(_ number: Int, to node: Int) { clients[number].node = node }

  func isResting(_ number: Int) -> Bool { clients[number].open == nil }

  /// A client of its own asks for something, and its answer is lost.
  func whisper(_ operation: KeyValueOperation, to node: Int) -> KeyValueRequest {
    let request = KeyValueRequest(session: newSession(), sequence: 1, operation: operation)
    operations.append(
      Operation(
        id: operations.count, client: Int(request.session), call: trial.nowMicroseconds,
        input: operation.input))
    cluster.expect(request.command.id)
    _ = trial.request(
      request, to: node, client: Int(request.session), afterMicroseconds: 1, isStep: false)
    return request
  }

  /// That client asks again, until it is answered.
  func repeatAloud(_ request: KeyValueRequest, to node: Int) throws {
    guard let place = operations.firstIndex(where: { $0.client == Int(request.session) }) else { return }
    clients.append(Client(session: request.session, sequence: 1, node: node))
    clients[clients.count - 1].open = Open(
      place: place, request: request, deadlineMilliseconds: .max, newest: ask(request, node, place: place),
      retryMilliseconds: trial.nowMilliseconds + behaviour.patienceMilliseconds)
    defer { clients.removeLast() }
    try finish(clients.count - 1)
  }

  // MARK: Asking

  private static func key(_ number: Int) -> String { "k\(number)" }

  private func begin(_ number: Int) {
    if var current = clients[number].open {
      guard trial.nowMilliseconds >= current.retryMilliseconds else { return }
      if trial.nowMilliseconds >= current.deadlineMilliseconds {
        giveUp(number)
        return
      }
      // Whoever did not answer in time is perhaps no more.
      if current.newest != nil { clients[number].node = clients[number].node % trial.nodeCount + 1 }
      current.newest = ask(current.request, clients[number].node, place: current.place)
      current.requests += 1
      current.retryMilliseconds = trial.nowMilliseconds + behaviour.patienceMilliseconds
      clients[number].open = current
    } else if !isClosing, trial.nowMilliseconds >= clients[number].restsUntilMilliseconds {
      let operation = draw(number)
      if trial.takes(.request) { open(operation, by: number) } else { rest(number) }
    }
  }

  private func rest(_ number: Int) {
    clients[number].restsUntilMilliseconds =
      trial.nowMilliseconds + max(1, trial.choices.next(in: behaviour.restMilliseconds))
  }

  private func draw(_ number: Int) -> KeyValueOperation {
    let key = Self.key(trial.choices.next(in: 0...(behaviour.keys - 1)))
    let word = "\(operations.count)"
    return switch trial.choices.next(in: 0...9) {
    case 0...3: .get(key)
    case 4...5: .put(key, word)
    case 6...7: .append(key, ",\(word)")
    case 8: .compareAndSet(key, expected: lastSeen[key] ?? nil, new: word)
    default: .delete(key)
    }
  }

  /// What some client last saw of each key, so that comparisons succeed now and then.
  private var lastSeen: [String: String?] = [:]

  func open(_ operation: KeyValueOperation, by number: Int) {
    clients[number].sequence += 1
    let request = KeyValueRequest(
      session: clients[number].session, sequence: clients[number].sequence, operation: operation)
    let place = operations.count
    operations.append(
      Operation(
        id: place, client: Int(request.session), call: nextInstant, input: operation.input))
    clients[number].open = Open(
      place: place, request: request,
      deadlineMilliseconds: trial.nowMilliseconds + behaviour.longestOperationMilliseconds,
      newest: ask(request, clients[number].node, place: place),
      retryMilliseconds: trial.nowMilliseconds + behaviour.patienceMilliseconds)
  }

  private func ask(_ request: KeyValueRequest, _ node: Int, place: Int) -> Int {
    if trial.choices.chance(partsPerMillion: behaviour.repeatedRequestsPartsPerMillion) {
      let later = trial.nowMilliseconds + trial.choices.next(in: 0...1_000)
      let other = trial.choices.chance(partsPerMillion: 500_000) ? node : trial.choices.next(in: trial.nodes)
      repeats.append((later, request, other, place))
    }
    return send(request, to: node, place: place)
  }

  @discardableResult
  private func send(_ request: KeyValueRequest, to node: Int, place: Int) -> Int {
    cluster.expect(request.command.id)
    // What may be left out is an operation as a whole.
    let attempt = trial.request(
      request, to: node, client: Int(request.session), afterMicroseconds: 1, isStep: false)
    var isRead = false
    if case .get = request.operation { isRead = true }
    attempts[attempt] = Attempt(
      place: place, isRead: isRead, node: node, boot: boots[node], sentMilliseconds: trial.nowMilliseconds)
    return attempt
  }

  /// The operation's client will never know. It may take effect at any later time, so that the session is at its end.
  private func giveUp(_ number: Int) {
    guard let current = clients[number].open else { return }
    operations[current.place].return = trial.nowMicroseconds
    clients[number].open = nil
    clients[number].session = newSession()
    clients[number].sequence = 0
    clients[number].restsUntilMilliseconds = trial.nowMilliseconds + 1
  }

  // MARK: Hearing

  func hearAnswers() throws {
    for attempt in attempts.keys.sorted() {
      guard let reply = trial.replies[attempt], let known = attempts.removeValue(forKey: attempt) else {
        continue
      }
      let answer = try KeyValueReply(wireBytes: reply.body)
      guard let number = clients.firstIndex(where: { $0.open?.place == known.place }) else {
        try trial.always { try judgeLate(answer, known) }
        continue
      }
      if trial.choices.chance(partsPerMillion: behaviour.lostAnswersPartsPerMillion) { continue }
      try trial.always { try hear(answer, at: reply.timeMicroseconds, attempt, known, number) }
    }
  }

  private func hear(
    _ answer: KeyValueReply, at time: Int, _ attempt: Int, _ known: Attempt, _ number: Int
  ) throws {
    guard var current = clients[number].open else { return }
    func askAgainSoon(_ node: Int?) {
      clients[number].node = node ?? trial.choices.next(in: trial.nodes)
      current.newest = nil
      current.retryMilliseconds = trial.nowMilliseconds + trial.choices.next(in: 5...40)
      clients[number].open = current
    }
    switch answer {
    case .notLeader(let hint):
      guard current.newest == attempt else { return }
      let hinted = hint.flatMap { trial.nodes.contains($0.number) ? $0.number : nil }
      askAgainSoon(hinted)
    case .unknown:
      guard current.newest == attempt else { return }
      askAgainSoon(nil)
    case .stale:
      throw Violation(
        property: "Exactly once", section: "Raft, 8",
        evidence:
          "n\(known.node) answered \"stale\" to \(describe(known.place)), the newest operation of its session.",
        nodes: [known.node - 1])
    case .value, .done, .swapped:
      guard let output = answer.output(of: operations[known.place].input) else {
        throw Violation(
          property: "The answer fits the request", section: "contract",
          evidence: "n\(known.node) answered \(answer) to \(describe(known.place)).", nodes: [known.node - 1])
      }
      operations[known.place].outcome = .ok(output)
      operations[known.place].return = max(time, operations[known.place].call)
      answered += 1
      if current.requests == 1, !known.isRead {
        writeMicroseconds.append(time - operations[known.place].call)
      }
      if trial.judgesEarly { try judge() }
      if case .value(let value) = output { lastSeen[operations[known.place].input.key] = value }
      clients[number].open = nil
      clients[number].restsUntilMilliseconds =
        trial.nowMilliseconds + trial.choices.next(in: behaviour.restMilliseconds)
    }
  }

  /// An answer to an operation that its client has put behind it. Nobody waits for it, yet it may not be a lie.
  private func judgeLate(_ answer: KeyValueReply, _ known: Attempt) throws {
    guard !known.isRead, let first = operations[known.place].output else { return }
    switch answer {
    case .notLeader, .unknown, .stale: return
    case .value, .done, .swapped:
      guard answer.output(of: operations[known.place].input) != first else { return }
      throw Violation(
        property: "Exactly once: two answers to one operation", section: "Raft, 8",
        evidence:
          "\(describe(known.place)) was answered before; asked again, n\(known.node) answered \(answer). "
          + "An operation that its session has left behind is stale, or keeps its first answer.",
        nodes: [known.node - 1])
    }
  }

  /// Whoever lives through the calm owes an answer to everyone whom it has let wait.
  private func judgeWaiting() throws {
    let now = trial.nowMilliseconds
    for (_, attempt) in attempts.sorted(by: { $0.key < $1.key })
    where boots[attempt.node] == attempt.boot && attempt.boot > 0 && trial.isUp[attempt.node]
      && now - attempt.sentMilliseconds > 2 * RaftBounds.longestElectionTimeoutMilliseconds + 1_000
    {
      throw Violation(
        property: "Every client is answered", section: "Raft thesis, 6.2",
        evidence:
          "n\(attempt.node) was asked for \(describe(attempt.place)) \(now - attempt.sentMilliseconds) ms ago, "
          + "has not crashed, and never answered: not even that it does not know.",
        nodes: [attempt.node - 1])
    }
  }

  /// The clients that wait at a node for an answer.
  func waiting(at node: Int) -> Int {
    attempts.values.count { $0.node == node && $0.boot == boots[node] }
  }

  // MARK: Judging

  private func describe(_ place: Int) -> String {
    let operation = operations[place]
    return
      "\(KeyValueModel().describe(operation.input, returning: operation.output)) of session \(operation.client)"
  }

  /// Judges the history so far.
  func judge() throws {
    let history: KeyValueHistory
    do { history = try KeyValueHistory(operations) } catch {
      throw LabError("the clients left no history: \(error)")
    }
    switch Linearizability(KeyValueModel()).check(history) {
    case .holds: return
    case .violated(let violation): try trial.always { throw violation }
    case .undecided(let reason): throw Undecided(reason)
    }
  }
}

extension KeyValueOperation {
  /// The operation as the checkers know it.
  fileprivate var input: KeyValueInput {
    switch self {
    case .get(let key): .get(key)
    case .put(let key, let value): .put(key, value)
    case .append(let key, let suffix): .append(key, suffix)
    case .delete(let key): .delete(key)
    case .compareAndSet(let key, let expected, let new): .compareAndSet(key, expected: expected, new: new)
    }
  }
}

extension KeyValueReply {
  /// The answer as the checkers know it, or nil if it does not fit what was asked.
  fileprivate func output(of input: KeyValueInput) -> KeyValueOutput? {
    switch (self, input) {
    case (.value(let value), .get): .value(value)
    case (.done, .put), (.done, .append), (.done, .delete): .done
    case (.swapped(let swapped), .compareAndSet): .swapped(swapped)
    default: nil
    }
  }
}
