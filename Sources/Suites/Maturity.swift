import Runner

extension Suites {
  /// The levels of the course notes' maturity model, by the stages that stand for them; the essay "maturity" says what they
  /// are worth.
  public static let maturityLevels = [
    MaturityLevel(1, "distributed monolith", stages: []),
    MaturityLevel(2, "true microservices", stages: [.outbox, .consumers, .breaker, .proxy]),
    MaturityLevel(3, "self-healing systems", stages: [.logReplication, .healing, .gateway]),
  ]
}
