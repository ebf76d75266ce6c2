import Runner

/// Every week that this course has.
public enum Suites {
  public static let all: [Suite] = [week1, week2, week3, week4]

  public static let week1 = Suite(
    week: "week1", folder: "week1-raft", title: "Raft", product: "week1-node", modules: ["Raft"],
    stages: [
      .leaderElection, .logReplication, .persistence, .logCompaction, .keyValueService,
      .administration,
    ], rules: RaftRuleBook.sentences)

  public static let week2 = Suite(
    week: "week2", folder: "week2-store", title: "Key-value store", product: "week2-node",
    modules: ["Store"],
    stages: [.timeAndOrder, .placement, .replication, .versions, .healing, .growing, .tradeOffs],
    rules: StoreRuleBook.sentences)

  public static let week3 = Suite(
    week: "week3", folder: "week3-events", title: "Events", product: "week3-node", modules: ["Events"],
    stages: [.log, .outbox, .consumers, .saga, .accounts, .deadLetters], rules: EventRuleBook.sentences)

  public static let week4 = Suite(
    week: "week4", folder: "week4-chaos", title: "Chaos", product: "week4-node", modules: ["Chaos"],
    stages: [.breaker, .proxy, .gateway], rules: ChaosRuleBook.sentences, essays: ["cap", "maturity"])
}
