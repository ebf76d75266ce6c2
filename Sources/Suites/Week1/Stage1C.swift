import Checkers
import LabKit
import Runner

extension Stage {
  /// 1C: persistence (Raft, Figure 2 and 5.4.2).
  static let persistence = Stage(
    "1C", "Persistence", needs: ["1B"], hours: 4,
    scenarios: [restart, between, votes, figure8, falling, answers, unreliable, churn])

  private static let restart = Scenario(
    "1C.restart", "one, a majority, all nodes crash and start again", points: 3, program: "raft",
    clusterSizes: [3, 4, 5]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    for count in [1, trial.majority, trial.nodeCount, trial.nodeCount] {
      try cluster.awaitLeader()
      try cluster.agree(on: 2)
      let down = Array(trial.choices.shuffled(Array(trial.nodes)).prefix(count))
      for node in down { trial.crash(node) }
      try trial.advance(milliseconds: trial.choices.next(in: 0...800))
      trial.boot(down)
    }
    try cluster.agree(on: 2)
  }

  private static let between = Scenario(
    "1C.between", "nodes crash between two effects of one handler", points: 3, seeds: 200, program: "raft",
    clusterSizes: [3, 4, 5]
  ) { trial in
    let cluster = RaftCluster(trial)
    // A handler that changes term, vote or log may be the node's last, with some of its effects or all of them.
    let strikes = cluster.strike(whenChanged: [.term, .vote, .lastIndex], partsPerMillion: 120_000)
    trial.boot(trial.nodes)
    for _ in 0..<25 {
      cluster.proposeToLeaders(trial.choices.next(in: 0...3))
      try trial.advance(milliseconds: trial.choices.next(in: 1...200))
      trial.boot(trial.nodes.filter { !trial.isUp[$0] && trial.choices.chance(partsPerMillion: 500_000) })
    }
    try strikes.end()
    try cluster.calm()
  }

  private static let votes = Scenario(
    "1C.votes", "voters crash with the grant on its way", points: 2, seeds: 150, program: "raft",
    clusterSizes: [3]
  ) { trial in
    let cluster = RaftCluster(trial)
    // Delays of the length of a timeout: several candidates ask in one term.
    trial.setAllLinks(LinkProfile(delayMicroseconds: 1_000...120_000))
    let strikes = cluster.strike(
      whenChanged: [.vote], partsPerMillion: 500_000, at: [.afterLastSend, .afterEverything])
    trial.boot(trial.nodes)
    for _ in 0..<8 {
      // Each voter is back before the next request arrives.
      for _ in 0..<40 {
        try trial.advance(milliseconds: 8)
        trial.boot(trial.nodes.filter { !trial.isUp[$0] })
      }
      if let leader = cluster.leader(among: Array(trial.nodes)) { trial.crash(leader) }
    }
    try strikes.end()
    try cluster.calm()
  }

  private static let figure8 = Scenario(
    "1C.figure8", "Figure 8 of the paper, step by step", points: 2, program: "raft", clusterSizes: [5]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    // (a) The leader's entry reaches one follower.
    let first = try cluster.awaitLeader()
    try cluster.agree(on: 2)
    let others = trial.choices.shuffled(trial.nodes.filter { $0 != first })
    let (ally, rest) = (others[0], Array(others[1...]))
    trial.partition([[first, ally], rest])
    cluster.propose(to: first)
    try trial.advance(milliseconds: 60)
    // (b) Another leads with the votes of the rest, takes an entry in that nobody else gets, and falls.
    let rival = try cluster.awaitNewLeader(among: rest, after: cluster.term(first))
    trial.partition([[first, ally], [rival], rest.filter { $0 != rival }])
    try trial.advance(milliseconds: 1)
    guard cluster.isLeader(rival) else { throw NotExercised("n\(rival) did not stay the leader") }
    cluster.propose(to: rival)
    try trial.advance(milliseconds: 20)
    trial.crash(rival)
    // (c) The old entry now reaches a majority, under a leader of a newer term.
    trial.heal()
    let survivors = trial.nodes.filter { $0 != rival }
    let second = try cluster.awaitNewLeader(among: survivors, after: cluster.term(rival))
    try trial.advance(milliseconds: 600)
    // (d) The rival comes back, and its log is newer than all of theirs.
    guard cluster.isLeader(second) else { throw NotExercised("n\(second) did not stay the leader") }
    trial.boot(rival)
    trial.isolate([rival])
    try cluster.letLead(rival, insteadOf: second)
    cluster.setClocks(of: Array(trial.nodes), driftPartsPerMillion: 0)
    try cluster.calm()
  }

  private static let falling = Scenario(
    "1C.falling", "leaders fall right after they took an entry in", points: 2, program: "raft",
    clusterSizes: [5]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    try cluster.awaitLeader()
    for _ in 0..<40 {
      cluster.proposeToLeaders(1)
      // Short enough that an entry often reaches some of the others only.
      try trial.advance(
        milliseconds: trial.choices.next(in: 1...(trial.choices.chance(partsPerMillion: 100_000) ? 700 : 14)))
      if let leader = cluster.leader(among: Array(trial.nodes)),
        trial.choices.chance(partsPerMillion: 700_000)
      {
        trial.crash(leader)
        try trial.advance(milliseconds: 1)
      }
      let down = trial.nodes.filter { !trial.isUp[$0] }
      if trial.nodeCount - down.count < trial.majority { trial.boot(trial.choices.element(of: down)) }
      _ = try trial.advance(
        until: { cluster.leader(among: Array(trial.nodes)) != nil }, withinMilliseconds: 1_500,
        stepMilliseconds: 3)
    }
    try cluster.calm()
  }

  private static let unreliable = Scenario(
    "1C.unreliable", "loss, duplicates, long delays, reordering", points: 3, program: "raft",
    clusterSizes: [3, 5]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.setAllLinks(.harsh)
    trial.boot(trial.nodes)
    for _ in 0..<40 {
      cluster.proposeToLeaders(trial.choices.next(in: 1...3))
      try trial.advance(milliseconds: trial.choices.next(in: 10...300))
    }
    try cluster.calm()
  }

  private static let churn = Scenario(
    "1C.churn", "crashes, partitions and a bad network together", points: 3, seeds: 400, program: "raft",
    clusterSizes: [3, 4, 5, 7]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.setAllLinks(.harsh)
    trial.boot(trial.nodes)
    for _ in 0..<40 {
      cluster.disturb()
      cluster.proposeToLeaders(trial.choices.next(in: 0...3))
      try trial.advance(milliseconds: trial.choices.next(in: 5...400))
    }
    try cluster.calm()
  }

  private static let answers = Scenario(
    "1C.answers", "answers of an earlier reign arrive in a later one", points: 2, program: "raft",
    clusterSizes: [5]
  ) { trial in
    let cluster = RaftCluster(trial)
    let delay = 8_000
    trial.boot(trial.nodes)
    let leader = try cluster.awaitLeader()
    try cluster.agree(on: 2)
    // A minority takes entries in that must go; the follower's answers are long under way.
    let others = trial.choices.shuffled(trial.nodes.filter { $0 != leader })
    let (follower, rest) = (others[0], Array(others[1...]))
    trial.partition([[leader, follower], rest])
    let slow = LinkProfile(delayMicroseconds: delay * 1_000...delay * 1_000)
    trial.command(.setLink(from: follower, to: leader, slow))
    for _ in 0..<8 { cluster.propose(to: leader) }
    let sent = trial.nowMilliseconds
    try trial.advance(milliseconds: 100)
    trial.command(.setLink(from: follower, to: leader, LinkProfile()))
    let rival = try cluster.awaitNewLeader(among: rest, after: cluster.term(leader))
    trial.heal()
    try cluster.agree(on: 1)
    // The first leader leads again: the clocks of the others hardly run, and the rival falls.
    try cluster.letLead(leader, insteadOf: rival)
    guard cluster.isLeader(leader), trial.nowMilliseconds < sent + delay - 100 else {
      throw NotExercised("n\(leader) did not lead again before the late answers arrived")
    }
    try trial.advance(milliseconds: sent + delay - 60 - trial.nowMilliseconds)
    // One follower hears it: with the late answers of the other, it may believe in a majority.
    guard cluster.isLeader(leader), let ally = rest.first(where: { $0 != rival }) else {
      throw NotExercised("n\(leader) did not stay the leader")
    }
    trial.partition([[leader, ally], trial.nodes.filter { $0 != leader && $0 != ally }])
    trial.command(.cut(from: follower, to: leader, false))
    for _ in 0..<12 { cluster.propose(to: leader) }
    try trial.advance(milliseconds: 400)
    cluster.setClocks(of: Array(trial.nodes), driftPartsPerMillion: 0)
    try cluster.calm()
  }
}

extension LinkProfile {
  /// One message in ten lost, one in ten twice, one in eight so late that it comes from another age.
  static let harsh = LinkProfile(
    delayMicroseconds: 500...15_000, lossPartsPerMillion: 100_000, duplicationPartsPerMillion: 100_000,
    tailPartsPerMillion: 120_000, tailMicroseconds: 1_200_000)
}

/// Nodes that are struck down in the midst of a handler.
final class Strikes {
  /// When a handler's node falls.
  enum Moment {
    /// Before, between or after the effects.
    case anywhere
    /// When others have heard of it: what was to be persisted later is not.
    case afterLastSend
    case afterEverything
  }

  private unowned let trial: Trial
  private let watches: [Int]
  fileprivate var count = 0

  fileprivate init(_ trial: Trial, _ watches: [Int]) {
    self.trial = trial
    self.watches = watches
  }

  /// No more strikes. Throws if there was none.
  func end() throws {
    for watch in watches { trial.unwatch(watch) }
    guard count > 0 else { throw NotExercised("no node was struck down in the midst of a handler") }
  }
}

extension RaftCluster {
  /// Lets nodes crash when a handler has changed one of the fields, after some of its effects.
  func strike(
    whenChanged fields: [RaftStatus.Field], partsPerMillion: Int,
    at moments: [Strikes.Moment] = [.anywhere, .afterLastSend]
  ) -> Strikes {
    var struck: Strikes?
    var last: (node: Int, microseconds: Int)?
    let watches = fields.map { field in
      trial.watch(
        Watch(.statusChanged, where: [StatusCondition(field: field.rawValue, .changed)], maximumHits: 100_000)
      ) { [unowned trial] hit, _ in
        // One handler may change several of the fields.
        guard last?.node != hit.node || last?.microseconds != trial.nowMicroseconds,
          trial.choices.chance(partsPerMillion: partsPerMillion)
        else { return }
        last = (hit.node, trial.nowMicroseconds)
        struck?.count += 1
        switch trial.choices.element(of: moments) {
        case .anywhere: trial.applyFirst(trial.choices.next(in: 0...hit.effects.count))
        case .afterLastSend: trial.applyFirst(1 + (hit.effects.lastIndex { $0.isSend } ?? -1))
        case .afterEverything: trial.applyFirst(hit.effects.count)
        }
        trial.crash(hit.node)
      }
    }
    let strikes = Strikes(trial, watches)
    struck = strikes
    return strikes
  }

  func setClocks(of nodes: [Int], driftPartsPerMillion drift: Int) {
    for node in nodes {
      trial.command(.setClock(node: node, driftPartsPerMillion: drift, wallOffsetMicroseconds: 0))
    }
  }

  /// Lets a node lead in the place of `rival`, which falls: the clocks of the others run slowly, so that it is the first
  /// to campaign, and they hear nobody else. From then on those clocks hardly run. The node may have been isolated, and
  /// is not any more.
  func letLead(_ node: Int, insteadOf rival: Int) throws {
    let others = trial.nodes.filter { $0 != node && $0 != rival }
    // Not slower: whoever heard a leader a moment ago may refuse its vote for that long (thesis, 4.2.3).
    setClocks(of: others, driftPartsPerMillion: -500_000)
    try trial.advance(milliseconds: 20)
    trial.crash(rival)
    trial.isolate(Array(trial.nodes))
    for other in others {
      trial.command(.cut(from: node, to: other, false))
      trial.command(.cut(from: other, to: node, false))
    }
    _ = try trial.advance(until: { self.isLeader(node) }, withinMilliseconds: 4_000)
    setClocks(of: others, driftPartsPerMillion: -990_000)
    trial.heal()
  }

  /// Whether a node that is cut off campaigns in newer terms. With pre-vote it does not (thesis, 9.6).
  func campaignsAlone() throws -> Bool {
    let leader = try awaitLeader()
    let away = trial.choices.element(of: trial.nodes.filter { $0 != leader })
    let term = term(away)
    trial.isolate([away])
    defer { trial.heal() }
    return try trial.advance(
      until: { self.term(away) > term }, withinMilliseconds: 2 * RaftBounds.longestElectionTimeoutMilliseconds
    )
  }

  /// Proposes commands to every node that takes itself for a leader.
  func proposeToLeaders(_ count: Int) {
    for node in trial.nodes where isLeader(node) {
      for _ in 0..<count { propose(to: node) }
    }
  }

  /// The faults end; progress is demanded once the last late message has arrived.
  func calm() throws {
    try trial.always {
      try endFaults()
      try agree(on: 2)
    }
  }

  /// The faults end, and the last late message arrives.
  func endFaults() throws {
    trial.heal()
    trial.setAllLinks(LinkProfile())
    trial.boot(trial.nodes.filter { !trial.isUp[$0] })
    try trial.advance(milliseconds: 1_300)
    trial.boot(trial.nodes.filter { !trial.isUp[$0] })
  }
}

extension EffectKind {
  fileprivate var isSend: Bool { if case .send = self { true } else { false } }
}
