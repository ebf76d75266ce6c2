import Checkers
import Runner

extension Suites {
  /// Raft under load, for measuring: 20 commands a second for 9 s, at a steady leader.
  public static let raftLoad = Scenario(
    "load", "five nodes, 20 commands a second", points: 0, program: "raft", clusterSizes: [5]
  ) { trial in
    let cluster = RaftCluster(trial)
    trial.boot(trial.nodes)
    let leader = try cluster.awaitLeader()
    let commands = (1...raftLoadCommands).map { cluster.propose(to: leader, afterMilliseconds: $0 * 50) }
    try trial.advance(milliseconds: raftLoadCommands * 50 + 500)
    let applied = commands.count { command in trial.nodes.allSatisfy { cluster.hasApplied($0, command) } }
    guard applied == commands.count else {
      throw Violation(
        property: "No progress under load", section: "Raft, 5.3",
        evidence: "\(applied) of \(commands.count) commands were applied by all nodes")
    }
  }

  /// How many commands one run of `raftLoad` takes in, and so the greatest length of its logs.
  public static let raftLoadCommands = 180
}
