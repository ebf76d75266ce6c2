import Foundation
import Glibc
import LabKit

/// What a scenario's runs cost: in processor time, which other work on the machine disturbs little, and in wall time.
public struct WorldBenchmark: Sendable {
  public private(set) var calls = 0
  public private(set) var virtualMilliseconds = 0
  public private(set) var persists = 0
  public private(set) var programProcessorSeconds = 0.0
  public private(set) var labProcessorSeconds = 0.0
  public private(set) var wallSeconds = 0.0
  public private(set) var frames = 0
  public private(set) var frameBytes = 0
  /// Exchanges with the echo, if there was one.
  public private(set) var echoes = 0
  public private(set) var echoSeconds = 0.0
  /// Processor time of both ends of the echo.
  public private(set) var echoProcessorSeconds = 0.0

  /// Runs a scenario on seeds 1 to `seeds`, on five nodes, all on one processor. If it `echoes`, each run is followed by as
  /// many exchanges with an echo, of frames of the same mean size.
  ///
  /// - Throws: Whatever the scenario throws.
  public init(_ scenario: Scenario, program: String, seeds: Int, isApart: Bool, echoes: Bool = false) throws {
    try OneProcessor.keep(number: 0) {
      try run(scenario, program: program, seeds: seeds, isApart: isApart, echo: echoes ? PipeEcho() : nil)
    }
  }

  private mutating func run(
    _ scenario: Scenario, program: String, seeds: Int, isApart: Bool, echo: PipeEcho?
  ) throws {
    let processes = try (0..<(isApart ? 5 : 1)).map { _ in try HostedProcess(program: program) }
    for seed in 1...seeds {
      let configuration = WorldConfiguration(seed: UInt64(seed), nodes: 5, program: scenario.program)
      let trafficBefore = Self.traffic(processes)
      let programBefore = processes.reduce(0) { $0 + $1.processorMilliseconds }
      let labBefore = Self.labProcessorSeconds()
      let start = ContinuousClock.now
      let world: any SimulatedWorld =
        isApart
        ? try ApartWorld(processes, configuration) : try TogetherWorld(processes[0], configuration)
      let trial = Trial(world: world, configuration: configuration)
      try scenario.run(trial)
      wallSeconds += (ContinuousClock.now - start) / .seconds(1)
      labProcessorSeconds += Self.labProcessorSeconds() - labBefore
      programProcessorSeconds +=
        Double(processes.reduce(0) { $0 + $1.processorMilliseconds } - programBefore) / 1_000
      calls += trial.calls
      virtualMilliseconds += trial.nowMilliseconds
      persists += trial.persistCount
      let traffic = Self.traffic(processes)
      frames += traffic.frames - trafficBefore.frames
      frameBytes += traffic.bytes - trafficBefore.bytes
      guard let echo else { continue }
      let echoBefore = Self.labProcessorSeconds() + echo.processorSeconds
      let echoStart = ContinuousClock.now
      try echo.exchange(bytes: frameBytes / max(1, frames), times: trial.calls)
      echoSeconds += (ContinuousClock.now - echoStart) / .seconds(1)
      echoProcessorSeconds += Self.labProcessorSeconds() + echo.processorSeconds - echoBefore
      echoes += trial.calls
    }
  }

  private static func traffic(_ processes: [HostedProcess]) -> (frames: Int, bytes: Int) {
    processes.reduce((0, 0)) { ($0.0 + $1.traffic.frames, $0.1 + $1.traffic.bytes) }
  }

  private static func labProcessorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
  }
}
