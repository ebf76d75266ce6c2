import Runner

/// Every week that this course has.
public enum Suites {
  public static let all: [Suite] = [week1]

  public static let week1 = Suite(
    week: "week1", folder: "week1-raft", title: "Raft", product: "week1-node", modules: ["Raft"],
    stages: [
      .leaderElection, .logReplication, .persistence, .logCompaction, .keyValueService,
      .administration,
    ], rules: RaftRuleBook.sentences)
}
