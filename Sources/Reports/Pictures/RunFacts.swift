import Checkers
import LabKit
import Runner

/// What is known of a run beside its trace.
public struct RunFacts: Codable, Sendable, Hashable {
  public var week: String
  /// The scenario's name, such as `1A.elect`.
  public var scenario: String
  public var title: String
  /// With `0x` and in hexadecimal digits, as JSON's numbers are not exact.
  public var seed: String
  public var nodeCount: Int
  /// Which of the week's programs ran.
  public var program: String
  /// What the nodes are that the course provides, the first ones of all; nil where there are none.
  public private(set) var givenNodes: [String]?
  /// The property that broke, or in a word how the run ended.
  public var property: String
  /// Where the property is stated.
  public var section: String?
  /// What sort of promise was broken; nil if the run ended otherwise.
  public var kind: Violation.Kind?
  /// The property as a rule in a sentence.
  public var rule: String?
  /// The part of a history that no order can explain, where a history was judged.
  public var contradiction: Contradiction?
  /// In a sentence or two.
  public var evidence: String
  /// The nodes that the evidence is about, counted from 1.
  public var concernedNodes: [Int]
  /// How many records of the trace count: what follows happened after the property broke. All of them if nil.
  public var recordCount: Int?
  /// What the clients asked for, by the number of the request.
  public var requestBodies: [Int: [UInt8]] = [:]

  private enum CodingKeys: String, CodingKey {
    case week, scenario, title, seed, nodeCount, program, property, section, rule, evidence, concernedNodes,
      contradiction, givenNodes
  }

  public init(
    week: String, scenario: String, title: String, seed: UInt64, nodeCount: Int, program: String,
    property: String, section: String? = nil, evidence: String, concernedNodes: [Int] = [],
    recordCount: Int? = nil, requestBodies: [Int: [UInt8]] = [:]
  ) {
    self.week = week
    self.scenario = scenario
    self.title = title
    self.seed = Screen.seed(seed)
    self.nodeCount = nodeCount
    self.program = program
    let given = GivenNodes.beside(program).map(\.name)
    givenNodes = given.isEmpty ? nil : given
    self.property = property
    self.section = section
    self.evidence = evidence
    self.concernedNodes = concernedNodes
    self.recordCount = recordCount
    self.requestBodies = requestBodies
  }

  /// The facts of a seed that did not pass.
  public init(
    suite: Suite, scenario: Scenario, seed: UInt64, alterations: Alterations = .none,
    result: SuiteRunner.SeedResult
  ) {
    let violation = result.violation
    self.init(
      week: suite.week, scenario: scenario.id, title: scenario.title, seed: seed,
      nodeCount: SuiteRunner.configuration(scenario, seed: seed, alterations: alterations).nodes,
      program: scenario.program,
      property: violation?.property ?? result.outcome.words, section: violation?.section,
      evidence: violation?.evidence ?? result.message ?? "", concernedNodes: [],
      recordCount: violation == nil ? nil : result.recordsSeen, requestBodies: result.requestBodies)
    kind = violation?.kind
    rule = suite.rules[property]
    contradiction = violation?.contradiction
    concernedNodes =
      violation.map { $0.nodes.isEmpty ? Self.nodes(namedIn: $0.evidence) : $0.nodes.map { $0 + 1 } } ?? []
    concernedNodes = Array(Set(concernedNodes.filter { (1...nodeCount).contains($0) })).sorted()
  }

  /// The nodes that a text speaks of as n1, n2 and so on.
  static func nodes(namedIn text: String) -> [Int] {
    text.split { !$0.isLetter && !$0.isNumber }
      .compactMap { $0.first == "n" ? Int($0.dropFirst()) : nil }
  }
}
