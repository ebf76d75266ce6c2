import Checkers
import LabKit
import Runner

/// How the clients of a log behave.
struct LogBehaviour {
  var topics = ["orders"]
  var producers = 3
  /// Members of one group for each topic.
  var members = 0
  var keys = 5
  /// How many in a million of the commits are for a partition that is another member's.
  var foreignPartsPerMillion = 0
  /// How many in a million of a member's steps are its leave, or a long silence.
  var absencePartsPerMillion = 0
  /// How many in a million of the producers' steps are an operator's wish that few records be kept.
  var retentionsPartsPerMillion = 0
  var restMilliseconds = 0...40
}

/// Producers and consumers of a log. They leave a history of each topic and each group, and judge it by the Checkers.
final class LogClients {
  private enum Kind {
    case append(Int)
    case poll(Partition, from: Int, limit: Int)
    case join(ConsumerGroup, member: String)
    case leave
    case commit(ConsumerGroup, Int)
    case fetch(ConsumerGroup)
    case retain(Partition, Int)
  }

  private struct Open {
    let kind: Kind
    let topic: String
    let node: Int
    let boot: Int
    let call: Int
    let request: Int
    let actor: Int?
  }

  /// A producer, or a member of a group.
  private struct Actor {
    let topic: String
    /// nil: a producer.
    let member: String?
    var restsUntilMilliseconds = 0
    var generation: Int?
    var joinedMilliseconds = Int.min
    var partitions: [Int] = []
    /// Where it reads on, by partition, as far as it knows.
    var positions: [Int: Int] = [:]
  }

  let trial: Trial
  let behaviour: LogBehaviour
  private(set) var topics: [String: TopicHistory] = [:]
  private(set) var groups: [ConsumerGroup: GroupHistory] = [:]
  private var actors: [Actor] = []
  private var open: [Open] = []
  private var values = 0
  private var isClosing = false
  /// The answers to requests that were waited for.
  private var answers: [Int: LogReply] = [:]
  /// How many appends were acknowledged.
  private(set) var acknowledged = 0

  init(_ trial: Trial, _ behaviour: LogBehaviour = LogBehaviour()) {
    self.trial = trial
    self.behaviour = behaviour
    for topic in behaviour.topics {
      topics[topic] = TopicHistory()
      actors += (0..<behaviour.producers).map { _ in Actor(topic: topic, member: nil) }
      actors += (0..<behaviour.members).map { Actor(topic: topic, member: "m\($0 + 1)") }
    }
  }

  /// Boots all nodes.
  func start() throws { try trial.start() }

  static func group(of topic: String) -> ConsumerGroup { ConsumerGroup("billing", of: topic) }

  func anyPartition(of topic: String) -> Partition {
    Partition(topic, trial.choices.next(in: 0...LogBounds.partitions - 1))
  }

  private var anyNode: Int? {
    let up = trial.nodes.filter { trial.isUp[$0] }
    return up.isEmpty ? nil : trial.choices.element(of: up)
  }

  // MARK: At random

  /// Lets producers and members work for a time.
  func work(milliseconds: Int) throws {
    let end = trial.nowMilliseconds + trial.waiting(milliseconds)
    while trial.nowMilliseconds < end { try step(within: end - trial.nowMilliseconds) }
  }

  /// Lets the clients work until so many more appends were acknowledged.
  func work(untilAcknowledged count: Int, withinMilliseconds limit: Int = 15_000) throws {
    let (goal, end) = (acknowledged + count, trial.nowMilliseconds + limit)
    while acknowledged < goal {
      guard trial.nowMilliseconds < end else {
        throw Violation(
          property: "No progress: requests do not succeed", section: "contract",
          evidence:
            "\(limit / 1_000) s without a fault, and only \(count - goal + acknowledged) of \(count) appends succeeded."
        )
      }
      try step(within: end - trial.nowMilliseconds)
    }
  }

  /// Lets the clients work until a condition holds, or for so long; whether it does.
  func work(until condition: () throws -> Bool, withinMilliseconds limit: Int) throws -> Bool {
    let end = trial.nowMilliseconds + trial.waiting(limit)
    while try !condition() {
      guard trial.nowMilliseconds < end else { return false }
      try step(within: end - trial.nowMilliseconds)
    }
    return true
  }

  private func step(within limit: Int) throws {
    for actor in actors.indices { begin(actor) }
    try trial.advance(untilReplyOrMilliseconds: max(1, min(limit, 10)))
    try hear()
  }

  private func begin(_ number: Int) {
    guard !isClosing, trial.nowMilliseconds >= actors[number].restsUntilMilliseconds,
      !open.contains(where: { $0.actor == number }), let node = anyNode
    else { return }
    actors[number].restsUntilMilliseconds =
      trial.nowMilliseconds + trial.choices.next(in: behaviour.restMilliseconds)
    if actors[number].member == nil { produce(number, node) } else { consume(number, node) }
  }

  private func produce(_ number: Int, _ node: Int) {
    let topic = actors[number].topic
    let choice = trial.choices.next(in: 0...999_999)
    let key = trial.choices.next(in: 1...behaviour.keys)
    let partition = anyPartition(of: topic)
    let last = trial.choices.next(in: 0...20)
    guard trial.takes(.request) else { return }
    if choice < behaviour.retentionsPartsPerMillion {
      openRetention(partition, last: last, node, number)
    } else if choice < 800_000 {
      openAppend(topic, key: "customer\(key)", node, number)
    } else {
      openPoll(partition, from: 0, limit: 1_000, node, number)
    }
  }

  private func consume(_ number: Int, _ node: Int) {
    guard let member = actors[number].member else { return }
    let group = Self.group(of: actors[number].topic)
    let isAbsent = trial.choices.chance(partsPerMillion: behaviour.absencePartsPerMillion)
    let (absence, leaves) = (
      trial.choices.next(in: 200...4_000), trial.choices.chance(partsPerMillion: 500_000)
    )
    let choice = trial.choices.next(in: 0...9)
    let isForeign = trial.choices.chance(partsPerMillion: behaviour.foreignPartsPerMillion)
    let foreign = trial.choices.next(in: 0...LogBounds.partitions - 1)
    guard trial.takes(.request) else { return }
    if isAbsent {
      actors[number].restsUntilMilliseconds = trial.nowMilliseconds + absence
      if leaves { send(.leave(group, member: member), .leave, group.topic, node, number) }
      return
    }
    let positions = actors[number].positions
    guard let generation = actors[number].generation,
      trial.nowMilliseconds - actors[number].joinedMilliseconds < 300
    else {
      send(.join(group, member: member), .join(group, member: member), group.topic, node, number)
      return
    }
    if choice == 0 || positions.count < actors[number].partitions.count {
      send(.committed(group), .fetch(group), group.topic, node, number)
    } else if choice <= 3 || positions.isEmpty {
      var offsets = positions
      if isForeign { offsets[foreign] = offsets[foreign] ?? 1 }
      openCommit(group, member, generation, offsets, node, number)
    } else {
      let (partition, from) = positions.sorted { $0.key < $1.key }[choice % positions.count]
      openPoll(Partition(group.topic, partition), from: from, limit: 1 + choice, node, number)
    }
  }

  /// Lets time pass and hears what is answered meanwhile.
  func advance(milliseconds: Int) throws {
    try trial.advance(milliseconds: milliseconds)
    try hear()
  }

  // MARK: Demands

  /// Demands that a request is answered in time by what it asks for.
  @discardableResult
  func demand(_ words: String, _ ask: () -> Int) throws -> LogReply {
    let start = trial.nowMilliseconds
    let reply = try perform(ask)
    let elapsed = trial.nowMilliseconds - start
    if let reply, reply != .unknown, elapsed <= LogBounds.successMilliseconds { return reply }
    throw Violation(
      property: "No progress: who knows is in reach", section: "contract",
      evidence: "\(words) "
        + (reply == nil || reply == .unknown ? "did not succeed" : "was answered after \(elapsed) ms")
        + "; all nodes are in reach, and it had \(LogBounds.successMilliseconds) ms.", kind: .progress)
  }

  /// The answer, or nil if the node fell before it gave one.
  func perform(_ ask: () -> Int) throws -> LogReply? {
    let request = ask()
    while open.contains(where: { $0.request == request }) {
      try trial.advance(untilReplyOrMilliseconds: 10)
      try hear()
    }
    return answers.removeValue(forKey: request)
  }

  @discardableResult
  func append(_ topic: String, key: String, through node: Int) throws -> (Partition, offset: Int) {
    let reply = try demand("An append through n\(node)") { openAppend(topic, key: key, node, nil) }
    guard case .appended(let partition, let offset) = reply else { throw LabError("unfit: \(reply)") }
    return (partition, offset)
  }

  /// Demands that an append is answered at once: nodes that do not agree on who keeps a key pass it on and on.
  func place(_ key: String, through node: Int) throws {
    let request = openAppend("orders", key: key, node)
    _ = try trial.advance(
      until: { trial.replies[request] != nil }, withinMilliseconds: LogBounds.placingMilliseconds)
    try hear()
    guard answers.removeValue(forKey: request) == nil else { return }
    throw Violation(
      property: "Every process comes to one node", section: "contract",
      evidence: "n\(node) was asked to append a record of \(key), and there is no answer after "
        + "\(LogBounds.placingMilliseconds) ms, though nothing is down. Do the nodes pass it on to each other?",
      kind: .progress)
  }

  func poll(_ partition: Partition, from: Int, limit: Int = 1_000, through node: Int) throws -> (
    records: [LogRecord], next: Int
  ) {
    let reply = try demand("A poll of \(partition) through n\(node)") {
      openPoll(partition, from: from, limit: limit, node, nil)
    }
    guard case .records(let records, let next) = reply else { throw LabError("unfit: \(reply)") }
    return (records, next)
  }

  func join(_ group: ConsumerGroup, _ member: String, through node: Int) throws -> (
    generation: Int, partitions: [Int]
  ) {
    let reply = try demand("A join of \(member) through n\(node)") {
      send(.join(group, member: member), .join(group, member: member), group.topic, node, nil)
    }
    guard case .assigned(let generation, let partitions) = reply else { throw LabError("unfit: \(reply)") }
    return (generation, partitions)
  }

  func leave(_ group: ConsumerGroup, _ member: String, through node: Int) throws {
    try demand("A leave of \(member) through n\(node)") {
      send(.leave(group, member: member), .leave, group.topic, node, nil)
    }
  }

  func commit(
    _ group: ConsumerGroup, _ member: String, generation: Int, _ offsets: [Int: Int], through node: Int
  ) throws -> LogReply {
    try demand("A commit of \(member) through n\(node)") {
      openCommit(group, member, generation, offsets, node, nil)
    }
  }

  func committed(_ group: ConsumerGroup, through node: Int) throws -> [Int: Int] {
    let reply = try demand("The offsets of \(group) through n\(node)") {
      send(.committed(group), .fetch(group), group.topic, node, nil)
    }
    guard case .offsets(let offsets) = reply else { throw LabError("unfit: \(reply)") }
    return offsets
  }

  func retain(_ partition: Partition, last: Int, through node: Int) throws -> Int {
    let reply = try demand("A retention of \(partition) through n\(node)") {
      openRetention(partition, last: last, node, nil)
    }
    guard case .retained(let offset) = reply else { throw LabError("unfit: \(reply)") }
    return offset
  }

  // MARK: Asking

  @discardableResult
  func openAppend(_ topic: String, key: String, _ node: Int, _ actor: Int? = nil) -> Int {
    values += 1
    let place = topics[topic, default: TopicHistory()].appends.count
    topics[topic]?.appends.append(TopicHistory.Append(key: key, value: "v\(values)", call: nextInstant))
    return send(.append(topic: topic, key: key, value: "v\(values)"), .append(place), topic, node, actor)
  }

  @discardableResult
  func openPoll(_ partition: Partition, from: Int, limit: Int, _ node: Int, _ actor: Int?) -> Int {
    send(
      .poll(partition, from: from, limit: limit), .poll(partition, from: from, limit: limit),
      partition.topic, node, actor)
  }

  @discardableResult
  private func openCommit(
    _ group: ConsumerGroup, _ member: String, _ generation: Int, _ offsets: [Int: Int], _ node: Int,
    _ actor: Int?
  ) -> Int {
    let place = groups[group, default: GroupHistory()].commits.count
    groups[group, default: GroupHistory()].commits.append(
      GroupHistory.Commit(member: member, generation: generation, offsets: offsets, call: nextInstant))
    return send(
      .commit(group, member: member, generation: generation, offsets: offsets), .commit(group, place),
      group.topic, node, actor)
  }

  @discardableResult
  private func openRetention(_ partition: Partition, last: Int, _ node: Int, _ actor: Int?) -> Int {
    let place = topics[partition.topic, default: TopicHistory()].retentions.count
    topics[partition.topic]?.retentions.append(
      TopicHistory.Retention(partition: partition.number, last: last, call: nextInstant))
    return send(
      .retain(partition, last: last), .retain(partition, place), partition.topic, node, actor)
  }

  /// When what is asked now reaches a node: strictly after every answer so far.
  private var nextInstant: Int { trial.nowMicroseconds + 1 }

  @discardableResult
  private func send(
    _ body: LogRequest, _ kind: Kind, _ topic: String, _ node: Int, _ actor: Int?
  ) -> Int {
    let request = trial.request(
      body, to: node, client: (actor ?? actors.count) + 1, afterMicroseconds: 1, isStep: false)
    open.append(
      Open(
        kind: kind, topic: topic, node: node, boot: trial.boots[node], call: nextInstant, request: request,
        actor: actor))
    return request
  }

  // MARK: Hearing

  private func hear() throws {
    let waiting = open
    open = []
    for asked in waiting {
      if let reply = trial.replies[asked.request] {
        let reply = (time: reply.timeMicroseconds, answer: try LogReply(wireBytes: reply.body))
        if asked.actor == nil { answers[asked.request] = reply.answer }
        if reply.answer != .unknown { try take(reply.answer, at: reply.time, to: asked) }
        if trial.judgesEarly { try judge() }
      } else if trial.boots[asked.node] != asked.boot || !trial.isUp[asked.node] {
        continue
      } else if trial.nowMicroseconds - asked.call > LogBounds.answerMilliseconds * 1_000 {
        try trial.always {
          throw Violation(
            property: "No progress: a request is never answered", section: "contract",
            evidence:
              "n\(asked.node) was asked \(LogBounds.answerMilliseconds) ms ago, has not crashed, and has not answered: "
              + "not even that the outcome is unknown.", nodes: [asked.node - 1], kind: .progress)
        }
      } else {
        open.append(asked)
      }
    }
  }

  private func take(_ reply: LogReply, at time: Int, to asked: Open) throws {
    switch (reply, asked.kind) {
    case (.appended(let partition, let offset), .append(let place)) where partition.topic == asked.topic:
      acknowledged += 1
      topics[asked.topic]?.appends[place].acknowledged = (partition.number, offset, time)
    case (.records(let records, let next), .poll(let partition, let from, let limit)):
      topics[asked.topic]?.polls.append(
        TopicHistory.Poll(
          partition: partition.number, from: from, limit: limit, call: asked.call, time: time,
          found: records.map { TopicHistory.Found(offset: $0.offset, key: $0.key, value: $0.value) },
          next: next))
      if let actor = asked.actor, actors[actor].positions.keys.contains(partition.number) {
        actors[actor].positions[partition.number] = next
      }
    case (.assigned(let generation, let partitions), .join(let group, let member)):
      groups[group, default: GroupHistory()].joins.append(
        GroupHistory.Join(
          member: member, call: asked.call, time: time, generation: generation, partitions: partitions))
      guard let actor = asked.actor else { return }
      if actors[actor].generation != generation { actors[actor].positions = [:] }
      actors[actor].partitions = partitions
      actors[actor].generation = generation
      actors[actor].joinedMilliseconds = trial.nowMilliseconds
    case (.left, .leave): if let actor = asked.actor { actors[actor].generation = nil }
    case (.committed, .commit(let group, let place)):
      groups[group]?.commits[place].end = .committed
      groups[group]?.commits[place].time = time
    case (.refused(let generation), .commit(let group, let place)):
      groups[group]?.commits[place].end = .refused(generation: generation)
      groups[group]?.commits[place].time = time
    case (.offsets(let offsets), .fetch(let group)):
      groups[group, default: GroupHistory()].fetches.append(
        GroupHistory.Fetch(call: asked.call, time: time, offsets: offsets))
      guard let actor = asked.actor else { return }
      for partition in actors[actor].partitions where actors[actor].positions[partition] == nil {
        actors[actor].positions[partition] = offsets[partition] ?? 0
      }
    case (.retained(let offset), .retain(_, let place)):
      topics[asked.topic]?.retentions[place].answered = (offset, time)
    default:
      throw Violation(
        property: "The answer fits the request", section: "contract",
        evidence: "n\(asked.node) answered \(reply) to something else.", nodes: [asked.node - 1])
    }
  }

  // MARK: The end

  /// Lets every request end that is open.
  func settle() throws {
    isClosing = true
    defer { isClosing = false }
    while !open.isEmpty {
      try trial.advance(untilReplyOrMilliseconds: 50)
      try hear()
    }
  }

  /// Faults end; requests succeed again; all that there is is read through every node, and the histories are judged.
  func closeInCalm(mostRepeatsPercent: Int = 100) throws {
    try trial.always {
      try endFaults()
      try work(untilAcknowledged: 10)
      try settle()
      for topic in behaviour.topics {
        for number in 0..<LogBounds.partitions {
          for node in trial.nodes { _ = try poll(Partition(topic, number), from: 0, through: node) }
        }
        for node in trial.nodes where behaviour.members > 0 {
          _ = try committed(Self.group(of: topic), through: node)
        }
      }
      try judge(mostRepeatsPercent: mostRepeatsPercent)
    }
  }

  /// Judges what the clients were told so far.
  func judge(mostRepeatsPercent: Int = 100) throws {
    for (name, history) in topics.sorted(by: { $0.key < $1.key }) {
      let consumers = groups.filter { $0.key.topic == name }
      // A cut that should not have been is the cause of what is missed after it: it is told first.
      let pasts = Dictionary(uniqueKeysWithValues: consumers.map { ($0.key.name, $0.value) })
      try trial.demand(RetentionRules().check(history, named: name, groups: pasts))
      try trial.demand(
        PartitionedLog(mostRepeatsPercent: mostRepeatsPercent)
          .check(history, named: name, groups: Array(consumers.values)))
      for (group, past) in consumers.sorted(by: { $0.key.name < $1.key.name }) {
        try trial.demand(ConsumerGroups(partitions: LogBounds.partitions).check(past, named: group.name))
      }
    }
  }

  // MARK: Faults

  private var strikes: [Int] = []

  /// Lets a node fall in the midst of a handler that asks for such an effect, after any number of its effects.
  func strike(_ node: Int, at event: Watch.Event = .persisted, occurrence: Int) {
    strikes.append(trial.strike(node, at: event, occurrence: occurrence))
  }

  /// One fault, or the end of some.
  func disturb() {
    let nodes = Array(trial.nodes)
    switch trial.choices.next(in: 0...9) {
    case 0, 1: trial.crash(trial.choices.element(of: nodes))
    case 2, 3: strike(trial.choices.element(of: nodes), occurrence: trial.choices.next(in: 1...4))
    case 4: trial.isolate([trial.choices.element(of: nodes)])
    case 5: trial.heal()
    case 6: trial.setAllLinks(trial.choices.chance(partsPerMillion: 500_000) ? .harsh : LinkProfile())
    default: trial.boot(nodes.filter { !trial.isUp[$0] })
    }
  }

  /// No more faults: every node runs, and they reach each other.
  func endFaults() throws {
    for strike in strikes { trial.unwatch(strike) }
    strikes = []
    trial.heal()
    trial.setAllLinks(LinkProfile())
    try trial.advance(milliseconds: 1)
    trial.boot(trial.nodes.filter { !trial.isUp[$0] })
    try trial.advance(milliseconds: 1)
  }
}
