import Checkers
import LabKit
import Runner

/// How the clients of a store behave.
struct StoreBehaviour {
  var clients = 4
  var keys = 3
  /// How many of them clients choose from at random, if not all: the first ones.
  var busyKeys: Int?
  /// W and R, of one key after the other.
  var quorums: [(write: Int, read: Int)] = [(2, 2)]
  /// Whether other nodes may stand in for replicas. Then no two quorums are sure to share one.
  var isSloppy = false
  /// What becomes of concurrent writes.
  var concurrency = VersionedStore.Concurrency.lastWriterWins
  /// How many in a million of the writes are deletions.
  var deletionsPartsPerMillion = 0
  /// How many in a million pass no context, as if their client had read nothing.
  var blindPartsPerMillion = 0
  /// How many in a million of those whose outcome is unknown are sent again, to another node.
  var repeatsPartsPerMillion = 0
  /// How long a client rests between two operations.
  var restMilliseconds = 0...60
}

/// What a client was told, as far as it concerns the one who asked.
enum StoreAnswer: Equatable {
  case found([StoreVersion])
  case stored
  case failed
  case unknown
  /// The node fell before it answered.
  case none
}

/// Clients of a store without a leader. They read, and pass on with what they write what they have read; they leave a history
/// of each key.
final class StoreClients {
  private struct Open {
    enum Kind {
      /// `overlaps`: how many replicas answer it; nil if it must know everything.
      case read(overlaps: Int?)
      case write(Int)
    }

    let kind: Kind
    let key: Int
    let quorum: Int
    let node: Int
    let boot: Int
    let callMicroseconds: Int
    let request: Int
    /// The request as it was sent.
    let body: StoreRequest
  }

  private struct Client {
    var writes = 0
    /// For each key the last read that was answered, and its context.
    var contexts: [Int: (read: Int, context: CausalContext)] = [:]
    var open: Open?
    var restsUntilMilliseconds = 0
    var answer = StoreAnswer.none
  }

  let trial: Trial
  private let behaviour: StoreBehaviour
  private(set) var histories: [VersionHistory]
  private var clients: [Client]
  /// Whom the clients ask.
  var reachable: [Int]
  /// How many operations have succeeded.
  private(set) var succeeded = 0
  private var isClosing = false

  init(_ trial: Trial, _ behaviour: StoreBehaviour = StoreBehaviour()) {
    self.trial = trial
    self.behaviour = behaviour
    histories = (0..<behaviour.keys).map { VersionHistory(key: Self.key($0)) }
    clients = Array(repeating: Client(), count: behaviour.clients)
    reachable = Array(trial.nodes)
  }

  /// Boots all nodes.
  func start() throws { try trial.start() }

  /// The keys that clients do not choose at random.
  var restingKeys: Range<Int> { (behaviour.busyKeys ?? behaviour.keys)..<behaviour.keys }

  static func key(_ number: Int) -> String { "cart\(number)" }

  /// How many replicas a key has.
  var replicas: Int { min(StoreBounds.replicas, trial.nodeCount) }

  func quorums(of key: Int) -> (write: Int, read: Int) {
    behaviour.quorums[key % behaviour.quorums.count]
  }

  // MARK: At random

  /// Lets the clients read and write for a time.
  func work(milliseconds: Int) throws {
    let end = trial.nowMilliseconds + trial.waiting(milliseconds)
    while trial.nowMilliseconds < end { try step(within: end - trial.nowMilliseconds) }
  }

  /// Lets the clients work until so many more operations have succeeded.
  func work(untilSucceeded count: Int, withinMilliseconds limit: Int = 15_000) throws {
    let goal = succeeded + count
    let end = trial.nowMilliseconds + limit
    while succeeded < goal {
      guard trial.nowMilliseconds < end else {
        throw Violation(
          property: "No progress: requests do not succeed", section: "Dynamo, 4.5",
          evidence:
            "\(limit / 1_000) s without a fault, and only \(count - goal + succeeded) of \(count) requests succeeded."
        )
      }
      try step(within: end - trial.nowMilliseconds)
    }
  }

  /// Lets the clients work until a condition holds, or for so long; whether it does.
  func work(until condition: () throws -> Bool, withinMilliseconds limit: Int) throws -> Bool {
    let end = trial.nowMilliseconds + limit
    while try !condition() {
      guard trial.nowMilliseconds < end else { return false }
      try step(within: end - trial.nowMilliseconds)
    }
    return true
  }

  private func step(within limit: Int) throws {
    for number in clients.indices { begin(number) }
    try trial.advance(untilReplyOrMilliseconds: max(1, min(limit, 10)))
    try hear()
  }

  private func begin(_ number: Int) {
    let client = clients[number]
    guard client.open == nil, !isClosing, trial.nowMilliseconds >= client.restsUntilMilliseconds else {
      return
    }
    let up = reachable.filter { trial.isUp[$0] }
    guard !up.isEmpty else { return }
    clients[number].restsUntilMilliseconds =
      trial.nowMilliseconds + trial.choices.next(in: behaviour.restMilliseconds)
    let node = up[trial.choices.next(in: 0...(up.count - 1))]
    let key = trial.choices.next(in: 0...((behaviour.busyKeys ?? behaviour.keys) - 1))
    let writes = trial.choices.chance(partsPerMillion: 500_000)
    let isBlind = trial.choices.chance(partsPerMillion: behaviour.blindPartsPerMillion)
    let isDeletion = trial.choices.chance(partsPerMillion: behaviour.deletionsPartsPerMillion)
    guard trial.takes(.request) else { return }
    // Who has never read a key reads it first.
    if writes, isBlind || client.contexts[key] != nil {
      openWrite(key, by: number, through: node, deletes: isDeletion, passesContext: !isBlind)
    } else {
      openRead(key, by: number, through: node, quorum: quorums(of: key).read)
    }
  }

  // MARK: One by one

  /// Reads a key and waits for the answer.
  ///
  /// `knowsEverything`: the answer must know of all that was acknowledged before, whatever its quorum.
  @discardableResult
  func read(
    _ key: Int, by client: Int = 0, through node: Int, quorum: Int? = nil, knowsEverything: Bool = false
  ) throws -> StoreAnswer {
    openRead(
      key, by: client, through: node, quorum: quorum ?? quorums(of: key).read,
      knowsEverything: knowsEverything)
    return try awaitAnswer(to: client)
  }

  /// Writes a key, with the context of the client's last read of it, and waits for the answer.
  @discardableResult
  func write(
    _ key: Int, by client: Int = 0, through node: Int, quorum: Int? = nil, deletes: Bool = false
  ) throws -> StoreAnswer {
    openWrite(key, by: client, through: node, quorum: quorum, deletes: deletes)
    return try awaitAnswer(to: client)
  }

  private func awaitAnswer(to client: Int) throws -> StoreAnswer {
    while clients[client].open != nil {
      try trial.advance(untilReplyOrMilliseconds: 10)
      try hear()
    }
    return clients[client].answer
  }

  // MARK: Demands

  /// Demands that an operation succeeds in time: so many of the key's replicas, or of all nodes where the quorum is sloppy,
  /// are in reach.
  private func demand(_ words: String, nodes: Int, _ operation: () throws -> StoreAnswer) throws {
    let start = trial.nowMilliseconds
    let answer = try operation()
    let elapsed = trial.nowMilliseconds - start
    let outcome: String
    switch answer {
    case .found, .stored:
      if elapsed <= StoreBounds.successMilliseconds { return }
      outcome = "was answered after \(elapsed) ms"
    case .failed: outcome = "failed"
    case .unknown: outcome = "was answered \"unknown\""
    case .none: outcome = "was not answered, for the node fell"
    }
    throw Violation(
      property: "No progress: a quorum in reach",
      section: behaviour.isSloppy ? "Dynamo, 4.6" : "Dynamo, 4.5",
      evidence: "\(words) \(outcome); \(inReach(nodes)), and it had \(StoreBounds.successMilliseconds) ms.",
      kind: .progress)
  }

  /// Demands that an operation does not succeed: only so many are in reach.
  private func forbid(_ words: String, nodes: Int, _ operation: () throws -> StoreAnswer) throws {
    switch try operation() {
    case .failed, .unknown, .none: return
    case .found, .stored:
      throw Violation(
        property: "The request's quorum counts",
        section: behaviour.isSloppy ? "Dynamo, 4.6" : "Dynamo, 4.5",
        evidence: "\(words) succeeded; only \(inReach(nodes)).")
    }
  }

  private func inReach(_ nodes: Int) -> String {
    let nodes =
      behaviour.isSloppy ? "\(nodes) \(nodes == 1 ? "node" : "nodes")" : "\(nodes) of the key's replicas"
    return "\(nodes) in reach"
  }

  /// Demands that a read succeeds in time, through any node in reach if none is named.
  ///
  /// `nodes`: how many are in reach, if not all.
  func demandRead(
    _ key: Int, by client: Int, through node: Int? = nil, quorum: Int? = nil, nodes: Int? = nil
  ) throws {
    let node = node ?? trial.choices.element(of: reachable)
    let quorum = quorum ?? quorums(of: key).read
    try demand(reading(key, node, quorum), nodes: nodes ?? replicas) {
      try read(key, by: client, through: node, quorum: quorum)
    }
  }

  /// Demands that a write succeeds in time, through any node in reach if none is named.
  func demandWrite(
    _ key: Int, by client: Int, through node: Int? = nil, quorum: Int? = nil, deletes: Bool = false,
    nodes: Int? = nil
  ) throws {
    let node = node ?? trial.choices.element(of: reachable)
    let quorum = quorum ?? quorums(of: key).write
    try demand(writing(key, node, quorum), nodes: nodes ?? replicas) {
      try write(key, by: client, through: node, quorum: quorum, deletes: deletes)
    }
  }

  /// Demands that a node, asked alone and strictly, answers and knows of all that was acknowledged.
  func demandKnowledge(of key: Int, at node: Int) throws -> [StoreVersion] {
    var found: [StoreVersion] = []
    trial.isolate([node])
    try demand("A read of \(Self.key(key)) with R = 1 through n\(node), which holds it,", nodes: 1) {
      let answer = try read(key, through: node, quorum: 1, knowsEverything: true)
      if case .found(let versions) = answer { found = versions }
      return answer
    }
    trial.heal()
    return found
  }

  func forbidRead(_ key: Int, by client: Int, through node: Int, quorum: Int, nodes: Int) throws {
    try forbid(reading(key, node, quorum), nodes: nodes) {
      try read(key, by: client, through: node, quorum: quorum)
    }
  }

  func forbidWrite(_ key: Int, by client: Int, through node: Int, quorum: Int, nodes: Int) throws {
    try forbid(writing(key, node, quorum), nodes: nodes) {
      try write(key, by: client, through: node, quorum: quorum)
    }
  }

  private func reading(_ key: Int, _ node: Int, _ quorum: Int) -> String {
    "A \(behaviour.isSloppy ? "sloppy" : "strict") read of \(Self.key(key)) through n\(node) with R = \(quorum)"
  }

  private func writing(_ key: Int, _ node: Int, _ quorum: Int) -> String {
    "A \(behaviour.isSloppy ? "sloppy" : "strict") write of \(Self.key(key)) through n\(node) with W = \(quorum)"
  }

  // MARK: Asking

  private func openRead(
    _ key: Int, by client: Int, through node: Int, quorum: Int, knowsEverything: Bool = false
  ) {
    let isSloppy = behaviour.isSloppy && !knowsEverything
    send(
      .get(Self.key(key), isSloppy ? .sloppy(quorum) : .strict(quorum)),
      .read(overlaps: knowsEverything ? nil : isSloppy ? 0 : quorum), key, quorum, by: client, through: node)
  }

  private func openWrite(
    _ key: Int, by client: Int, through node: Int, quorum: Int? = nil, deletes: Bool = false,
    passesContext: Bool = true
  ) {
    clients[client].writes += 1
    let write = WriteID(client: client + 1, number: clients[client].writes)
    let version = StoreVersion(write, deletes ? nil : "v\(write)")
    let known = passesContext ? clients[client].contexts[key] : nil
    let quorum = quorum ?? quorums(of: key).write
    let place = histories[key].writes.count
    histories[key].writes.append(
      VersionHistory.Write(
        name: "\(write)", value: version.value, client: client + 1, context: known?.read, quorum: quorum,
        callMicroseconds: nextInstant))
    let body = StoreRequest.put(
      Self.key(key), version, known?.context ?? .none, behaviour.isSloppy ? .sloppy(quorum) : .strict(quorum))
    send(body, .write(place), key, quorum, by: client, through: node)
  }

  /// When what is asked now reaches a node: strictly after every answer so far.
  private var nextInstant: Int { trial.nowMicroseconds + 1 }

  private func send(
    _ body: StoreRequest, _ kind: Open.Kind, _ key: Int, _ quorum: Int, by client: Int, through node: Int
  ) {
    let request = trial.request(body, to: node, client: client + 1, afterMicroseconds: 1, isStep: false)
    clients[client].open = Open(
      kind: kind, key: key, quorum: quorum, node: node, boot: trial.boots[node],
      callMicroseconds: nextInstant,
      request: request, body: body)
  }

  // MARK: Hearing

  private func hear() throws {
    for number in clients.indices {
      guard let open = clients[number].open else { continue }
      if let reply = trial.replies[open.request] {
        clients[number].open = nil
        try take(StoreReply(wireBytes: reply.body), at: reply.timeMicroseconds, to: open, number)
      } else if trial.boots[open.node] != open.boot || !trial.isUp[open.node] {
        clients[number].open = nil
        lose(open, number)
      } else if trial.nowMicroseconds - open.callMicroseconds > StoreBounds.answerMilliseconds * 1_000 {
        try trial.always {
          throw Violation(
            property: "No progress: a request is never answered", section: "contract",
            evidence:
              "n\(open.node) was asked for \(Self.key(open.key)) \(StoreBounds.answerMilliseconds) ms ago, has not crashed, "
              + "and has not answered: not even that it failed.", nodes: [open.node - 1], kind: .progress)
        }
      }
    }
  }

  private func take(_ reply: StoreReply, at time: Int, to open: Open, _ number: Int) throws {
    switch (reply, open.kind) {
    case (.found(let versions, let context), .read(let overlaps)):
      succeeded += 1
      clients[number].answer = .found(versions)
      clients[number].contexts[open.key] = (histories[open.key].reads.count, context)
      histories[open.key].reads.append(
        VersionHistory.Read(
          client: number + 1, node: open.node - 1, quorum: overlaps,
          callMicroseconds: open.callMicroseconds, returnMicroseconds: time,
          found: versions.map { VersionHistory.Version(name: "\($0.write)", value: $0.value) }))
      if trial.judgesEarly { try judge() }
    case (.failed, .read): clients[number].answer = .failed
    case (.stored, .write(let place)):
      succeeded += 1
      clients[number].answer = .stored
      histories[open.key].writes[place].acknowledgedMicroseconds = time
    case (.failed, .write(let place)):
      clients[number].answer = .failed
      histories[open.key].writes[place].hasFailed = !histories[open.key].writes[place].isRepeated
    case (.unknown, .write):
      lose(open, number)
      clients[number].answer = .unknown
    default:
      throw Violation(
        property: "The answer fits the request", section: "contract",
        evidence: "n\(open.node) answered \(reply) to \(open.body).", nodes: [open.node - 1])
    }
  }

  /// The outcome of an operation is not known. Some clients send a write again.
  private func lose(_ open: Open, _ number: Int) {
    clients[number].answer = .none
    guard case .write(let place) = open.kind, !isClosing,
      trial.choices.chance(partsPerMillion: behaviour.repeatsPartsPerMillion),
      let node = reachable.filter({ trial.isUp[$0] && $0 != open.node }).first
    else { return }
    histories[open.key].writes[place].isRepeated = true
    send(open.body, open.kind, open.key, open.quorum, by: number, through: node)
  }

  // MARK: The end

  /// Lets every operation end that is open.
  func settle() throws {
    isClosing = true
    defer { isClosing = false }
    while clients.contains(where: { $0.open != nil }) {
      try trial.advance(untilReplyOrMilliseconds: 50)
      try hear()
    }
  }

  /// Ends every operation that is open, reads every key through every node, and judges the histories. All nodes are up and
  /// reach each other.
  func close() throws {
    try settle()
    for key in 0..<behaviour.keys {
      for node in reachable where trial.isUp[node] { try demandRead(key, by: 0, through: node) }
    }
    try judge()
  }

  /// Faults end; requests succeed again, and the histories are judged.
  func closeInCalm() throws {
    try trial.always {
      try endFaults()
      try work(untilSucceeded: 20)
      try close()
    }
  }

  /// Judges what the clients were told so far.
  func judge() throws {
    let checker = VersionedStore(behaviour.concurrency, replicas: replicas)
    for history in histories {
      try trial.demand(checker.check(history))
    }
  }

  // MARK: Nodes that fall

  private var strikes: [Int] = []

  /// Lets a node fall in the midst of a handler that asks for such an effect: after any number of its effects, or after one
  /// of `counts`.
  func strike(
    _ node: Int, at event: Watch.Event = .persisted, occurrence: Int,
    after counts: @escaping (_ hit: WatchHit, _ effect: Int?) -> ClosedRange<Int> = { hit, _ in
      0...hit.effects.count
    }
  ) {
    strikes.append(trial.strike(node, at: event, occurrence: occurrence, after: counts))
  }

  private func endStrikes() {
    for strike in strikes { trial.unwatch(strike) }
    strikes = []
  }

  /// Boots the nodes that have fallen. Whoever was to fall and has not does not any more.
  func raiseTheFallen() throws {
    endStrikes()
    trial.boot(reachable.filter { !trial.isUp[$0] })
    try trial.advance(milliseconds: 1)
  }

  /// No more faults: every node runs, and they reach each other.
  func endFaults() throws {
    trial.heal()
    trial.setAllLinks(LinkProfile())
    try raiseTheFallen()
  }

  /// Lets the clients work while faults of every kind come and go.
  func endureFaults() throws {
    for _ in 0..<12 {
      disturb()
      try work(milliseconds: trial.choices.next(in: 50...600))
    }
  }

  /// One fault, or the end of some.
  func disturb() {
    let nodes = Array(trial.nodes)
    switch trial.choices.next(in: 0...9) {
    case 0, 1: trial.crash(trial.choices.element(of: nodes))
    case 2: strike(trial.choices.element(of: nodes), occurrence: trial.choices.next(in: 1...3))
    case 3, 4:
      let shuffled = trial.choices.shuffled(nodes)
      let cut = trial.choices.next(in: 1...(nodes.count - 1))
      trial.partition([Array(shuffled[..<cut]), Array(shuffled[cut...])])
    case 5: trial.isolate([trial.choices.element(of: nodes)])
    case 6: trial.heal()
    default: trial.boot(nodes.filter { !trial.isUp[$0] })
    }
  }

  // MARK: Agreement

  /// Lets as much time pass as replicas have to agree, and demands that they do: each of them, asked alone, knows of every
  /// write that was acknowledged, and all say the same.
  func requireAgreement() throws {
    endStrikes()
    try settle()
    try trial.advance(milliseconds: StoreBounds.agreementMilliseconds)
    for key in 0..<behaviour.keys {
      let holders = try locate(Self.key(key), askingNode: reachable[0])
      var replicas: [Convergence.Replica] = []
      for holder in holders where reachable.contains(holder) {
        let words = try demandKnowledge(of: key, at: holder).filter { $0.value != nil }
          .map { "\($0.write)" }.sorted().joined(separator: " ")
        replicas.append(
          Convergence.Replica(node: holder - 1, values: words.isEmpty ? [:] : [Self.key(key): words]))
      }
      if case .violated(let violation) = Convergence().check(replicas) {
        try trial.always { throw violation }
      }
    }
    try judge()
  }

  // MARK: Where keys are

  /// The nodes that hold a key's replicas, by the word of one node.
  func locate(_ key: String, askingNode node: Int) throws -> [Int] {
    try hear(location: key, askLocation(of: key, node), from: node)
  }

  /// The nodes that hold the replicas of each key, by the word of each node.
  func locate(_ keys: [String], askingNodes nodes: [Int]) throws -> [Int: [[Int]]] {
    let asked = nodes.map { node in (node, keys.map { ($0, askLocation(of: $0, node)) }) }
    var lists: [Int: [[Int]]] = [:]
    for (node, requests) in asked {
      lists[node] = try requests.map { try hear(location: $0, $1, from: node) }
    }
    return lists
  }

  private func askLocation(of key: String, _ node: Int) -> Int {
    trial.request(StoreRequest.locate(key), to: node, client: behaviour.clients + 1, isStep: false)
  }

  private func hear(location key: String, _ request: Int, from node: Int) throws -> [Int] {
    guard try trial.advance(until: { trial.replies[request] != nil }, withinMilliseconds: 10),
      let reply = trial.replies[request]
    else { throw NotExercised("n\(node) did not answer") }
    guard case .replicas(let nodes) = try StoreReply(wireBytes: reply.body) else {
      throw Violation(
        property: "The answer fits the request", section: "contract",
        evidence: "n\(node) was asked where \(key) lies and answered something else.", nodes: [node - 1])
    }
    let numbers = nodes.map(\.number)
    guard numbers.count == replicas, Set(numbers).count == replicas, numbers.allSatisfy(trial.nodes.contains)
    else {
      throw Violation(
        property: "Replicas on distinct nodes", section: "Dynamo, 4.3",
        evidence:
          "n\(node) says that \(key) lies on \(numbers.map { "n\($0)" }); it has \(replicas) replicas.",
        nodes: [node - 1])
    }
    return numbers
  }
}
