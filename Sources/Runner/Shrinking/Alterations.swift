import LabKit

/// What is left out of a run, or made ordinary in it: together with scenario and seed, a smaller run.
///
/// A scenario numbers its *steps* (boots, crashes, partitions, bad links, clocks, requests, waits) in the order in which it
/// takes them. One that is left out is not taken. What follows may then go another way; the same alterations always give
/// the same run.
public struct Alterations: Hashable, Sendable, Codable {
  public static let none = Alterations()

  /// The seed of the world, if it is not the run's own.
  public var seed: UInt64?
  /// How many nodes there are, if not as many as the seed has drawn.
  public var nodes: Int?
  /// The steps that are not taken, by number.
  public var leftOut: Set<Int> = []
  /// Waits that take a part of their time: by how much it is divided, by the step's number.
  public var shortened: [Int: Int] = [:]
  /// The only messages that are lost, doubled or late as their links would have it; nil for all of them.
  public var extraordinary: [LinkMessage]?
  /// Whether a history is judged at every answer.
  public var judgesEarly = false
  /// Where the run goes another way; nil for nowhere.
  public var branches: [Branch]?

  public init() {}
}

/// Something that happens out of turn, once a run has come so far.
public struct Branch: Hashable, Sendable, Codable {
  /// How many handlers have run by then.
  public let afterHandler: Int
  public let turn: Turn

  public init(afterHandler: Int, _ turn: Turn) {
    self.afterHandler = afterHandler
    self.turn = turn
  }
}

/// Something that a scenario does and that a smaller run may do without.
public enum Step: Hashable, Sendable {
  case fault
  case request
  case boot
  case wait
}
