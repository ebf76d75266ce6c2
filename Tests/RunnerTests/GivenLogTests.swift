import LabKit
import Runner
import Suites
import Testing

/// The log that stages 3B to 3F are given, judged as a student's own is: every verdict of those stages rests on it.
@Suite("The log that the course gives")
struct GivenLogTests {
  /// A world in this process.
  private final class LocalWorld: SimulatedWorld {
    private let world: World<ServiceMessage>

    init(_ configuration: WorldConfiguration) { world = World(givenLog: configuration) }

    func run(
      _ commands: [WorldCommand], until timeMicroseconds: Int, stopsOnReply: Bool,
      consume: ([UInt8]) throws -> Void
    ) throws -> Advance {
      for command in commands { try world.perform(command) }
      let reason = try world.advance(until: timeMicroseconds, stopsOnReply: stopsOnReply)
      try consume(world.takeTrace())
      return Advance(reason: reason, nowMicroseconds: world.now, calls: world.calls, hit: world.hit)
    }
  }

  /// The scenarios of 3A that one node can be put through.
  private static let scenarios = Suites.week3.stages[0].scenarios.map(\.id).filter { $0 != "3A.spread" }

  @Test("it keeps what 3A asks of a log, on one node", arguments: scenarios)
  func semantics(id: String) throws {
    let scenario = try #require(Suites.week3.stages[0].scenarios.first { $0.id == id })
    for number in 0..<100 {
      let configuration = WorldConfiguration(
        seed: SuiteRunner.seed(number, base: 0x6C6F67), nodes: 1, program: "log")
      try scenario.run(Trial(world: LocalWorld(configuration), configuration: configuration))
    }
  }
}
