import Checkers
import LabKit
import Runner

extension Stage {
  /// 1D: log compaction (Raft, 7).
  static let logCompaction = Stage(
    "1D", "Log compaction", needs: ["1C"], hours: 7,
    scenarios: [compact, laggard, restart, late, inside, overhang, candidate, between, churn])

  private static let compact = Scenario(
    "1D.compact", "the log is compacted as it grows", points: 2,
    bound: "at most \(RaftBounds.mostAppliedEntries) applied entries held", program: "replica",
    clusterSizes: [3, 5]
  ) { trial in
    let cluster = RaftCluster(trial, replicatesLedger: true)
    trial.boot(trial.nodes)
    for _ in 0..<8 {
      try cluster.burst(trial.choices.next(in: 10...40))
      try cluster.requireCompactLogs()
    }
    try cluster.requireSnapshots()
  }

  private static let laggard = Scenario(
    "1D.laggard", "a follower returns and needs entries that are no more", points: 2, program: "replica",
    clusterSizes: [3, 5]
  ) { trial in
    let cluster = RaftCluster(trial, replicatesLedger: true)
    trial.boot(trial.nodes)
    for _ in 0..<2 {
      let leader = try cluster.awaitLeader()
      let away = trial.choices.element(of: trial.nodes.filter { $0 != leader })
      let others = trial.nodes.filter { $0 != away }
      let crashes = trial.choices.chance(partsPerMillion: 500_000)
      if crashes { trial.crash(away) } else { trial.isolate([away]) }
      let before = cluster.installations
      // More than any node may keep, so that only a snapshot brings the laggard up to date.
      for _ in 0..<5 { try cluster.burst(40, among: others) }
      if crashes { trial.boot(away) } else { trial.heal() }
      try cluster.agree(on: 2)
      guard cluster.installations > before else {
        throw Violation(
          property: "Snapshots are sent", section: "Raft, 7",
          evidence:
            "n\(away) missed 200 entries and caught up without a snapshot: the others kept their whole log")
      }
    }
  }

  private static let restart = Scenario(
    "1D.restart", "nodes start again from their snapshots", points: 2, program: "replica",
    clusterSizes: [3, 4, 5]
  ) { trial in
    let cluster = RaftCluster(trial, replicatesLedger: true)
    trial.boot(trial.nodes)
    for count in [1, trial.majority, trial.nodeCount, trial.nodeCount] {
      try cluster.burst(trial.choices.next(in: 20...60))
      // Now and then the log ends where the snapshot does.
      if trial.choices.chance(partsPerMillion: 500_000) { try cluster.fillUpToSnapshot() }
      let down = Array(trial.choices.shuffled(Array(trial.nodes)).prefix(count))
      for node in down { trial.crash(node) }
      try trial.advance(milliseconds: trial.choices.next(in: 0...800))
      trial.boot(down)
      try cluster.agree(on: 2)
    }
    try cluster.requireSnapshots()
    for node in trial.nodes where cluster.snapshotIndex(node) > 0 && cluster.restoredTo[node] == 0 {
      throw Violation(
        property: "A restart begins at the snapshot", section: "Raft, 7",
        evidence:
          "n\(node) holds a snapshot up to index \(cluster.snapshotIndex(node)), but announced none since its start",
        nodes: [node - 1])
    }
  }

  private static let late = Scenario(
    "1D.late", "snapshots arrive late, twice, and overlap a log that moved on", points: 2, seeds: 200,
    program: "replica", clusterSizes: [3]
  ) { trial in
    let cluster = RaftCluster(trial, replicatesLedger: true)
    trial.boot(trial.nodes)
    try cluster.awaitLeader()
    for _ in 0..<6 {
      let leader = try cluster.awaitLeader()
      let away = trial.choices.element(of: trial.nodes.filter { $0 != leader })
      trial.isolate([away])
      for _ in 0..<trial.choices.next(in: 1...3) {
        try cluster.burst(40, among: trial.nodes.filter { $0 != away })
      }
      // What is sent to the laggard comes twice, and one copy takes its time.
      trial.heal()
      for node in trial.nodes where node != away {
        trial.command(
          .setLink(
            from: node, to: away,
            LinkProfile(
              delayMicroseconds: 1_000...10_000, duplicationPartsPerMillion: 700_000,
              tailPartsPerMillion: 400_000, tailMicroseconds: 300_000)))
      }
      for _ in 0..<6 {
        cluster.proposeToLeaders(trial.choices.next(in: 1...20))
        try trial.advance(milliseconds: trial.choices.next(in: 5...60))
        if trial.choices.chance(partsPerMillion: 300_000) {
          trial.crash(away)
          trial.boot(away)
        }
      }
      trial.setAllLinks(LinkProfile())
      try trial.advance(milliseconds: 300)
    }
    try cluster.calm()
    try cluster.requireSnapshots()
  }

  private static let inside = Scenario(
    "1D.inside", "a leader that heard no answer sends what a follower's snapshot covers", points: 1,
    program: "replica", clusterSizes: [3]
  ) { trial in
    let cluster = RaftCluster(trial, replicatesLedger: true)
    trial.boot(trial.nodes)
    for _ in 0..<4 {
      let leader = try cluster.awaitLeader()
      let silent = trial.choices.element(of: trial.nodes.filter { $0 != leader })
      trial.command(.cut(from: silent, to: leader, true))
      // Until the follower's snapshot ends behind the leader's, which may be a matter of one entry. A leader that sends
      // nothing twice leaves the follower behind instead.
      for _ in 0..<40 {
        cluster.proposeToLeaders(trial.choices.next(in: 1...8))
        try trial.advance(milliseconds: trial.choices.next(in: 3...20))
        guard cluster.snapshotIndex(silent) <= cluster.snapshotIndex(leader) else { break }
      }
      trial.heal()
      try cluster.agree(on: 1)
    }
  }

  private static let overhang = Scenario(
    "1D.overhang", "a snapshot meets a log that goes on otherwise behind it", points: 1, program: "replica",
    clusterSizes: [3]
  ) { trial in
    let cluster = RaftCluster(trial, replicatesLedger: true)
    trial.boot(trial.nodes)
    let fallen = try cluster.awaitLeader()
    let others = trial.nodes.filter { $0 != fallen }
    // A leader hears of a majority before its followers do, and so its snapshot often ends earlier than theirs.
    for _ in 0..<40 {
      cluster.proposeToLeaders(trial.choices.next(in: 1...8))
      try trial.advance(milliseconds: trial.choices.next(in: 3...20))
      if others.allSatisfy({ cluster.snapshotIndex($0) > cluster.snapshotIndex(fallen) }) { break }
    }
    try trial.advance(milliseconds: 200)
    trial.isolate([fallen])
    for _ in 0..<trial.choices.next(in: 3...10) { cluster.propose(to: fallen) }
    try trial.advance(milliseconds: 20)
    // It forgets what is committed beyond its snapshot, and how much of its log the others share.
    trial.crash(fallen)
    try cluster.agree(on: trial.choices.next(in: 1...2), among: others)
    trial.boot(fallen)
    trial.heal()
    try cluster.agree(on: 2)
  }

  private static let candidate = Scenario(
    "1D.candidate", "a leader's first word to a candidate is a snapshot", points: 1, program: "replica",
    clusterSizes: [3, 5]
  ) { trial in
    let cluster = RaftCluster(trial, replicatesLedger: true)
    trial.boot(trial.nodes)
    // With pre-vote a laggard is nobody's rival: it catches up, and there is no more to see.
    let canBeRival = try cluster.campaignsAlone()
    for _ in 0..<(canBeRival ? 40 : 1) {
      let leader = try cluster.awaitLeader()
      let away = trial.choices.element(of: trial.nodes.filter { $0 != leader })
      let others = trial.nodes.filter { $0 != away }
      trial.crash(away)
      for _ in 0..<4 { try cluster.burst(40, among: others) }
      // The leader falls, and the laggard starts: it hears everyone, and nobody hears it.
      trial.crash(leader)
      for node in others { trial.command(.cut(from: away, to: node, true)) }
      trial.boot(away)
      let rivals = others.filter { $0 != leader }
      if rivals.count < trial.majority { trial.boot(leader) }
      let electorate = rivals.count < trial.majority ? others : rivals
      let isElected = try trial.advance(
        until: { cluster.leader(among: electorate) != nil }, withinMilliseconds: 5_000, stepMilliseconds: 1)
      let new = cluster.leader(among: electorate)
      let isRival = new.map { cluster.isCandidate(away) && cluster.term(away) == cluster.term($0) } ?? false
      // Time for one message, but not for another campaign.
      try trial.advance(milliseconds: 25)
      if isElected, isRival, let new, cluster.isLeader(new), cluster.term(away) == cluster.term(new) {
        guard !cluster.isCandidate(away) else {
          throw Violation(
            property: "A candidate follows the leader of its term", section: "Raft, 5.2",
            evidence:
              "n\(away) is a candidate of term \(cluster.term(away)), heard from n\(new), which leads that term, and did not follow",
            nodes: [away - 1])
        }
        trial.boot(trial.nodes.filter { !trial.isUp[$0] })
        trial.heal()
        try cluster.agree(on: 1)
        return
      }
      trial.boot(trial.nodes.filter { !trial.isUp[$0] })
      trial.heal()
      try cluster.agree(on: 1)
    }
    guard canBeRival else { return }
    throw NotExercised("in 40 rounds no laggard was a candidate of the very term that another node won")
  }

  private static let between = Scenario(
    "1D.between", "nodes crash between two effects while snapshots are taken and installed", points: 2,
    seeds: 200, program: "replica", clusterSizes: [3, 5]
  ) { trial in
    let cluster = RaftCluster(trial, replicatesLedger: true)
    // Whoever's snapshot moves may fall before, between or after the effects of that handler.
    let strikes = cluster.strike(whenChanged: [.snapshotIndex], partsPerMillion: 500_000)
    trial.boot(trial.nodes)
    for _ in 0..<25 {
      cluster.proposeToLeaders(trial.choices.next(in: 5...30))
      try trial.advance(milliseconds: trial.choices.next(in: 20...250))
      for node in trial.nodes where !trial.isUp[node] && trial.choices.chance(partsPerMillion: 600_000) {
        trial.boot(node)
      }
    }
    try strikes.end()
    try cluster.calm()
  }

  private static let churn = Scenario(
    "1D.churn", "crashes, partitions and a bad network, with snapshots", points: 2, seeds: 150,
    program: "replica", clusterSizes: [3, 4, 5, 7]
  ) { trial in
    let cluster = RaftCluster(trial, replicatesLedger: true)
    trial.setAllLinks(.harsh)
    trial.boot(trial.nodes)
    for _ in 0..<40 {
      cluster.disturb()
      cluster.proposeToLeaders(trial.choices.next(in: 0...25))
      try trial.advance(milliseconds: trial.choices.next(in: 5...400))
    }
    try cluster.calm()
  }
}

extension RaftCluster {
  /// Proposes commands to the leader at one time, and waits until all of `nodes` have applied them.
  func burst(_ count: Int, among nodes: [Int]? = nil) throws {
    let nodes = nodes ?? Array(trial.nodes)
    let leader = try awaitLeader(among: nodes)
    for _ in 1..<max(2, count) { propose(to: leader) }
    try agree(among: nodes)
  }

  /// Proposes one command after another until some node's log is empty behind its snapshot.
  func fillUpToSnapshot() throws {
    for _ in 0..<(2 * RaftBounds.compactionEntries) {
      if trial.nodes.contains(where: {
        trial.isUp[$0] && snapshotIndex($0) > 0 && lastIndex($0) == snapshotIndex($0)
      }) {
        return
      }
      try agree()
    }
  }

  /// The entries that a node has applied and still holds are few.
  func requireCompactLogs() throws {
    let allowed = RaftBounds.mostAppliedEntries
    for node in trial.nodes where trial.isUp[node] && commitIndex(node) - snapshotIndex(node) > allowed {
      throw Violation(
        property: "The log is compacted", section: "Raft, 7",
        evidence:
          "n\(node) has committed index \(commitIndex(node)), and its snapshot ends at \(snapshotIndex(node)): "
          + "it holds \(commitIndex(node) - snapshotIndex(node)) applied entries; \(allowed) are allowed",
        nodes: [node - 1])
    }
  }

  /// Every node has taken part in compaction.
  func requireSnapshots() throws {
    for node in trial.nodes where snapshotIndex(node) == 0 {
      throw Violation(
        property: "The log is compacted", section: "Raft, 7",
        evidence: "n\(node) has committed index \(commitIndex(node)) and has no snapshot", nodes: [node - 1])
    }
  }

  /// One fault, or the end of some.
  func disturb() {
    switch trial.choices.next(in: 0...9) {
    case 0, 1: if let leader = leader(among: Array(trial.nodes)) { trial.crash(leader) }
    case 2: trial.crash(trial.choices.next(in: trial.nodes))
    case 3, 4:
      let shuffled = trial.choices.shuffled(Array(trial.nodes))
      let cut = trial.choices.next(in: 1...(trial.nodeCount - 1))
      trial.partition([Array(shuffled[..<cut]), Array(shuffled[cut...])])
    case 5: if let leader = leader(among: Array(trial.nodes)) { trial.isolate([leader]) }
    case 6: trial.heal()
    default: trial.boot(trial.nodes.filter { !trial.isUp[$0] })
    }
  }
}
