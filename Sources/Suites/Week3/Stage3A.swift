import Checkers
import LabKit
import Runner

extension Stage {
  /// 3A: the log (Kreps, Narkhede and Rao, "Kafka", 2011).
  static let log = Stage(
    "3A", "The log", needs: [], hours: 5,
    scenarios: [append, place, poll, spread, crash, groups, offsets, retain, chaos])

  private static let append = Scenario(
    "3A.append", "any node appends; the records of a key lie in order", points: 2,
    bound: "each request within \(LogBounds.successMilliseconds) ms; at most 10 % of the records twice",
    program: "log",
    clusterSizes: [3]
  ) { trial in
    let clients = LogClients(trial, LogBehaviour(topics: ["orders", "payments"]))
    try clients.start()
    for round in 0..<12 {
      let topic = clients.behaviour.topics[round % 2]
      try clients.append(topic, key: "customer\(round % 5)", through: trial.choices.next(in: trial.nodes))
    }
    try clients.work(milliseconds: 500)
    try clients.closeInCalm(mostRepeatsPercent: 10)
  }

  private static let place = Scenario(
    "3A.place", "every process comes to the same partition and the same node", points: 1,
    bound: "each append within \(LogBounds.placingMilliseconds) ms", seeds: 20, program: "log",
    clusterSizes: [3], isScattered: true
  ) { trial in
    let clients = LogClients(trial)
    try clients.start()
    for key in 0..<6 {
      for node in trial.nodes { try clients.place("customer\(key)", through: node) }
    }
    trial.crash(1)
    trial.boot(1)
    try trial.advance(milliseconds: 1)
    for key in 0..<6 { try clients.place("customer\(key)", through: 1) }
    try clients.closeInCalm(mostRepeatsPercent: 10)
  }

  private static let poll = Scenario(
    "3A.poll", "whoever reads on from where it was told skips nothing", points: 1, program: "log",
    clusterSizes: [3]
  ) { trial in
    let clients = LogClients(trial, LogBehaviour(producers: 2, keys: 3))
    try clients.start()
    var positions = Array(repeating: 0, count: LogBounds.partitions)
    for _ in 0..<15 {
      try clients.work(milliseconds: trial.choices.next(in: 0...120))
      let number = trial.choices.next(in: 0...LogBounds.partitions - 1)
      let limit = trial.choices.next(in: 1...4)
      positions[number] = try clients.poll(
        Partition("orders", number), from: positions[number], limit: limit,
        through: trial.choices.next(in: trial.nodes)
      ).next
    }
    try clients.closeInCalm(mostRepeatsPercent: 10)
  }

  private static let spread = Scenario(
    "3A.spread", "a node is down: its partitions rest, and others go on", points: 1,
    bound: "what is down is told as unknown within \(LogBounds.answerMilliseconds) ms", seeds: 30,
    program: "log", clusterSizes: [3]
  ) { trial in
    let clients = LogClients(trial, LogBehaviour(topics: ["orders", "payments", "stock"]))
    try clients.start()
    try clients.work(milliseconds: 200)
    try clients.settle()
    for node in trial.choices.shuffled(Array(trial.nodes)) {
      trial.crash(node)
      try trial.advance(milliseconds: 1)
      try clients.requireSomePartitions(through: trial.choices.element(of: trial.nodes.filter { $0 != node }))
      trial.boot(node)
      try trial.advance(milliseconds: 1)
    }
    try clients.closeInCalm()
  }

  private static let crash = Scenario(
    "3A.crash", "nodes fall between two effects, and lose nothing that was acknowledged", points: 2,
    program: "log", clusterSizes: [3]
  ) { trial in
    let clients = LogClients(trial, LogBehaviour(members: 2))
    try clients.start()
    for round in 0..<6 {
      trial.setAllLinks(round % 2 == 0 ? LinkProfile() : .harsh)
      clients.strike(
        trial.choices.next(in: trial.nodes), at: trial.choices.element(of: [.persisted, .replied, .sent]),
        occurrence: trial.choices.next(in: 1...4))
      let fallen = try clients.work(
        until: { trial.nodes.contains { !trial.isUp[$0] } },
        withinMilliseconds: trial.choices.next(in: 100...600))
      if fallen { try clients.work(milliseconds: trial.choices.next(in: 0...1) * 300) }
      trial.boot(trial.nodes.filter { !trial.isUp[$0] })
      try trial.advance(milliseconds: 1)
    }
    try clients.closeInCalm()
  }

  private static let groups = Scenario(
    "3A.groups", "members come, go and fall silent; each partition has one owner", points: 3,
    bound: "a member is none after \(LogBounds.expiryMilliseconds) ms of silence", program: "log",
    clusterSizes: [3]
  ) { trial in
    let clients = LogClients(trial)
    try clients.start()
    let group = LogClients.group(of: "orders")
    var members = Members(clients, group)
    for round in 0..<6 {
      switch trial.choices.next(in: 0...2) {
      case 0 where members.present.count > 1: try members.leave()
      case 1 where members.present.count > 1: try members.fallSilent()
      default: try members.come("m\(round)")
      }
      try members.requireSharing()
      try members.requireCommits()
    }
    try clients.closeInCalm()
  }

  private static let offsets = Scenario(
    "3A.offsets", "commits last, never fall back, and are refused to a former member", points: 2,
    program: "log", clusterSizes: [3]
  ) { trial in
    let clients = LogClients(
      trial,
      LogBehaviour(
        members: 3, foreignPartsPerMillion: 200_000, absencePartsPerMillion: 60_000, restMilliseconds: 0...20)
    )
    try clients.start()
    trial.setAllLinks(.harsh)
    try clients.work(milliseconds: 5_000)
    trial.crash(trial.choices.next(in: trial.nodes))
    try clients.work(milliseconds: 500)
    try clients.closeInCalm()
  }

  private static let retain = Scenario(
    "3A.retain", "old records go, but none that a group has not read", points: 2, program: "log",
    clusterSizes: [3]
  ) { trial in
    let clients = LogClients(trial, LogBehaviour(members: 1, retentionsPartsPerMillion: 100_000))
    try clients.start()
    let group = ConsumerGroup("audit", of: "orders")
    let joins = trial.choices.chance(partsPerMillion: 500_000)
    if joins { _ = try clients.join(group, "a1", through: 1) }
    try clients.work(milliseconds: 3_000)
    try clients.settle()
    try clients.judge()
    try clients.requireRetention()
    trial.crash(trial.choices.next(in: trial.nodes))
    try clients.closeInCalm()
  }

  private static let chaos = Scenario(
    "3A.chaos", "nodes fall and links are cut while everyone works", points: 1, program: "log",
    clusterSizes: [3]
  ) { trial in
    let clients = LogClients(
      trial,
      LogBehaviour(
        topics: ["orders", "payments"], producers: 2, members: 2, foreignPartsPerMillion: 100_000,
        absencePartsPerMillion: 30_000, retentionsPartsPerMillion: 30_000))
    try clients.start()
    for _ in 0..<12 {
      clients.disturb()
      try clients.work(milliseconds: trial.choices.next(in: 50...600))
    }
    try clients.closeInCalm()
  }
}

/// The members of one group, who join again in time; no node fails meanwhile.
private struct Members {
  let clients: LogClients
  let group: ConsumerGroup
  var present: [String] = []
  private var former: (member: String, generation: Int, partitions: [Int])?
  private var assigned: [String: (generation: Int, partitions: [Int])] = [:]

  init(_ clients: LogClients, _ group: ConsumerGroup) {
    self.clients = clients
    self.group = group
  }

  private var anyNode: Int { clients.trial.choices.next(in: clients.trial.nodes) }

  mutating func come(_ member: String) throws {
    present.append(member)
    assigned[member] = try clients.join(group, member, through: anyNode)
  }

  mutating func leave() throws {
    let member = remove()
    try clients.leave(group, member, through: anyNode)
  }

  /// One member is heard no more; the others join again as long as it takes.
  mutating func fallSilent() throws {
    _ = remove()
    for _ in 0..<(LogBounds.expiryMilliseconds / 400 + 1) {
      try clients.trial.advance(milliseconds: 400)
      for member in present { assigned[member] = try clients.join(group, member, through: anyNode) }
    }
  }

  private mutating func remove() -> String {
    let member = clients.trial.choices.element(of: present)
    present.removeAll { $0 == member }
    former = assigned[member].map { (member, $0.generation, $0.partitions) }
    return member
  }

  /// Once everyone has joined again, in one generation, each partition is somebody's, and nobody has two more than another.
  mutating func requireSharing() throws {
    let rounds = 2
    for round in 0..<rounds {
      for member in present {
        let before = assigned[member]
        assigned[member] = try clients.join(group, member, through: anyNode)
        guard round == rounds - 1, let before, before.generation != assigned[member]?.generation else {
          continue
        }
        throw Violation(
          property: "A generation lasts", section: "Kafka, 3.2",
          evidence:
            "Generation \(before.generation) of \(group) ended when \(member) joined again in time; nobody has come or "
            + "gone.")
      }
    }
    let shares = present.map { assigned[$0]?.partitions ?? [] }
    let unowned = (0..<LogBounds.partitions).filter { !shares.joined().contains($0) }
    if let first = unowned.first {
      throw Violation(
        property: "A partition has one owner", section: "Kafka, 3.2",
        evidence:
          "All members of \(group) have joined again, \(present.sorted().joined(separator: ", ")), and partition "
          + "\(first) is nobody's.")
    }
    let counts = shares.map(\.count)
    if let most = counts.max(), let least = counts.min(), most > least + 1 {
      throw Violation(
        property: "Partitions are shared out evenly", section: "Kafka, 3.2",
        evidence: "A member of \(group) has \(most) partitions, and another \(least).")
    }
  }

  /// Who has a partition commits it; who had one does not.
  mutating func requireCommits() throws {
    let member = clients.trial.choices.element(of: present)
    guard let (generation, partitions) = assigned[member] else { return }
    if let former {
      _ = try clients.commit(
        group, former.member, generation: former.generation,
        Dictionary(uniqueKeysWithValues: former.partitions.map { ($0, 1) }), through: anyNode)
    }
    let offset = clients.trial.choices.next(in: 1...9)
    let reply = try clients.commit(
      group, member, generation: generation,
      Dictionary(uniqueKeysWithValues: partitions.map { ($0, offset) }),
      through: anyNode)
    guard reply != .committed else { return }
    throw Violation(
      property: "A member commits what is its own", section: "Kafka, 3.2",
      evidence:
        "\(member) of \(group) has just joined, was assigned \(partitions) in generation \(generation), and was refused "
        + "a commit of them.")
  }
}

extension LogClients {
  /// While a node is down, the partitions of the others are read.
  fileprivate func requireSomePartitions(through node: Int) throws {
    let asked = behaviour.topics.flatMap { topic in
      (0..<LogBounds.partitions).map { openPoll(Partition(topic, $0), from: 0, limit: 1_000, node, nil) }
    }
    let answers = try asked.map { request in try perform { request } }
    let partitions = behaviour.topics.flatMap { topic in
      (0..<LogBounds.partitions).map { Partition(topic, $0) }
    }
    let (read, resting) = (
      zip(partitions, answers).filter { $1 != nil && $1 != .unknown }.map(\.0),
      zip(partitions, answers).filter { $1 == nil || $1 == .unknown }.map(\.0)
    )
    if !read.isEmpty {
      // Who asks for what rests is told so, however many ask for the rest meanwhile.
      for partition in resting.prefix(1) { openPoll(partition, from: 0, limit: 1, node, nil) }
      for _ in 0..<(LogBounds.answerMilliseconds / 50 + 2) where !resting.isEmpty {
        for partition in read { openPoll(partition, from: 0, limit: 1, node, nil) }
        try advance(milliseconds: 50)
      }
      return
    }
    throw Violation(
      property: "Partitions lie on all nodes", section: "Kafka, 3.2",
      evidence:
        "One node is down, and n\(node) cannot answer a poll of any of the \(asked.count) partitions.",
      kind: .progress)
  }

  /// What a retention may take away, it takes away; what it may not stays.
  fileprivate func requireRetention() throws {
    for number in 0..<LogBounds.partitions {
      let partition = Partition("orders", number)
      let before = try poll(partition, from: 0, through: 1).records
      let last = trial.choices.next(in: 0...3)
      let from = try retain(partition, last: last, through: trial.choices.next(in: trial.nodes))
      let after = try poll(partition, from: 0, through: trial.choices.next(in: trial.nodes)).records
      let unread = groups.values.filter { !$0.joins.isEmpty }.map { group in
        let read = group.commits.filter { $0.end == .committed }.compactMap { $0.offsets[number] }.max() ?? 0
        return before.filter { $0.offset >= read }.count
      }
      let kept = max(last, unread.max() ?? 0)
      guard after != before.suffix(kept) || after.contains(where: { $0.offset < from }) else { continue }
      throw Violation(
        property: "The last records stay, and no others", section: "contract",
        evidence:
          "The last \(last) records of \(partition) were to be kept, and a group has \(unread.max() ?? 0) to read. Of "
          + "\(before.count) records \(after.count) are left"
          + (after.first.map { ", from offset \($0.offset) on." } ?? "."))
    }
  }
}
