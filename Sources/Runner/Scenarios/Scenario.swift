/// A workload, a nemesis and checkers, with points.
public struct Scenario: Sendable {
  /// Stage and name: "1A.elect".
  public let id: String
  public let title: String
  public let points: Int
  /// What it demands beside the properties that hold everywhere, as the handout prints it; nil for progress alone.
  public let bound: String?
  /// How many seeds an ordinary `lab test` runs.
  public let seeds: Int
  /// Which of the program's nodes runs in the world.
  public let program: String
  /// The sizes of cluster that a seed chooses from.
  public let clusterSizes: [Int]
  /// How many nodes there are beside, which are no members at first.
  public let spareNodes: Int
  /// Whether each node has a process of its own whose sets and dictionaries have an order of their own, as outside `lab`.
  /// It is for what must be the same in every process; such a run is not the same twice if it is not.
  public let isScattered: Bool
  /// Whether a smaller run is looked for where one fails; not if one run takes seconds.
  public let isShrunk: Bool
  /// Judges all seeds together, once each of them has passed; nil if there is no more to judge.
  public let pool: Pool?
  /// Runs one seed; throws what broke.
  public let run: @Sendable (Trial) throws -> Void

  public init(
    _ id: String, _ title: String, points: Int, bound: String? = nil, seeds: Int = 100, program: String,
    clusterSizes: [Int], spareNodes: Int = 0, isScattered: Bool = false, isShrunk: Bool = true,
    pool: Pool? = nil, run: @escaping @Sendable (Trial) throws -> Void
  ) {
    self.id = id
    self.title = title
    self.points = points
    self.bound = bound
    self.seeds = seeds
    self.program = program
    self.clusterSizes = clusterSizes
    self.spareNodes = spareNodes
    self.isScattered = isScattered
    self.isShrunk = isShrunk
    self.pool = pool
    self.run = run
  }
}

/// A few scenarios on one idea.
public struct Stage: Sendable {
  public let id: String
  public let title: String
  /// The stages that this one builds on.
  public let needs: [String]
  /// Reckoned working time.
  public let hours: Int
  /// Whether its points count apart, on top of the week's own.
  public let isBonus: Bool
  public let scenarios: [Scenario]
  /// What `lab chart` draws of the student's code in this stage, if it draws anything.
  public let chart: ChartPlan?

  public var maxPoints: Int { scenarios.reduce(0) { $0 + $1.points } }

  public init(
    _ id: String, _ title: String, needs: [String], hours: Int, isBonus: Bool = false, scenarios: [Scenario],
    chart: ChartPlan? = nil
  ) {
    self.id = id
    self.title = title
    self.needs = needs
    self.hours = hours
    self.isBonus = isBonus
    self.scenarios = scenarios
    self.chart = chart
  }
}

/// A week's stages.
public struct Suite: Sendable {
  /// "week1"
  public let week: String
  /// The starter's folder in the course files: "week1-raft".
  public let folder: String
  public let title: String
  /// The executable product that `lab` builds.
  public let product: String
  /// The student's modules, looked through for what a node may not use.
  public let modules: [String]
  public let stages: [Stage]
  /// Every property that a scenario of this week may find broken, as a rule in a sentence, by its name.
  public let rules: [String: String]
  /// The names of the pages beside the stages' handouts: "cap".
  public let essays: [String]

  /// The points of the stages that are no bonus.
  public var maxPoints: Int { stages.filter { !$0.isBonus }.reduce(0) { $0 + $1.maxPoints } }
  public var maxBonusPoints: Int { stages.filter(\.isBonus).reduce(0) { $0 + $1.maxPoints } }

  public init(
    week: String, folder: String, title: String, product: String, modules: [String], stages: [Stage],
    rules: [String: String] = [:], essays: [String] = []
  ) {
    self.week = week
    self.folder = folder
    self.title = title
    self.product = product
    self.modules = modules
    self.stages = stages
    self.rules = rules
    self.essays = essays
  }
}

/// The seed was inconclusive: what the scenario waits for did not come about, through no fault of the node's.
public struct NotExercised: Error, Sendable {
  public let reason: String
  public init(_ reason: String) { self.reason = reason }
}

/// A checker ran out before it could judge the run.
public struct Undecided: Error, Sendable {
  public let reason: String
  public init(_ reason: String) { self.reason = reason }
}
