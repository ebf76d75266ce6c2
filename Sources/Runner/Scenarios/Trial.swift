import Checkers
import LabKit

/// What is kept of a run.
public enum Recording: Sendable {
  case nothing
  /// The whole trace.
  case trace
  /// The whole trace and, where the nodes run together, the line of code behind each effect. Such a trace has another
  /// digest.
  case traceWithSources
}

/// One run of one scenario: the world, the judge's picture of it, and the judge's own choices.
///
/// Nodes are counted from 1. Times are virtual. Used by one thread.
public final class Trial {
  public let seed: UInt64
  public let nodeCount: Int
  /// How many nodes are members at first: those with the lowest numbers.
  public let firstMembers: Int
  /// The scenario's own choices, apart from the world's.
  public var choices: RandomStream
  public private(set) var nowMicroseconds = 0
  public private(set) var calls = 0
  public private(set) var digest = TraceDigest()
  public private(set) var statuses: [SIMD8<Int64>]
  public private(set) var isUp: [Bool]
  /// How often each node has started.
  public private(set) var boots: [Int]
  /// Messages sent, by kind.
  public var messagesSent: [String: Int] {
    Dictionary(uniqueKeysWithValues: sentCounts.map { ($0.kind, $0.count) })
  }
  /// Bytes of the messages sent to each node, encoded, counted since `weighMessages`.
  public private(set) var bytesSent: [Int]
  /// Bytes of the values on each node's disk, encoded, when they were last weighed.
  public private(set) var bytesOnDisk: [Int]
  /// Values persisted by all nodes.
  public private(set) var persistCount = 0
  public private(set) var replies: [Int: (timeMicroseconds: Int, body: [UInt8])] = [:]
  /// Sees every record, in order, before anything else happens.
  public var observe: ((_ timeMicroseconds: Int, _ record: TraceRecord) throws -> Void)?
  /// What the scenario measured against its bounds.
  public internal(set) var measurements: [BoundedQuantity] = []
  /// What the run adds to the sum over all seeds.
  public var tally = Tally()
  /// The whole trace, if it is kept.
  public private(set) var recording: [UInt8]?
  /// The steps so far that may be left out, in order.
  public private(set) var steps: [Step] = []
  /// Whether what broke had to hold whatever the scenario did or left out before.
  public private(set) var isUnconditional = false
  /// How many records of the trace the judge has seen. After a violation the trace may hold more.
  public private(set) var recordsSeen = 0
  /// How many of them are something that happened to a node.
  public private(set) var eventsSeen = 0
  /// How many of these came after the first fault, the fault itself among them.
  public private(set) var eventsSinceFault = 0
  /// What the clients asked for, by the number of the request, as long as the whole trace is kept.
  public private(set) var requestBodies: [Int: [UInt8]] = [:]
  /// What the clients of a key-value service did, in the order of their calls, as the scenario notes it.
  public var clientOperations: [Operation<KeyValueInput, KeyValueOutput>] = []

  private let world: any SimulatedWorld
  private var reader = TraceReader()
  // Kinds are few: looking through them is faster than hashing.
  private var sentCounts: [(kind: String, count: Int)] = []
  private var commands: [WorldCommand] = []
  private var nextOperation = 1
  private var reactions: [(WatchHit, Int?) throws -> Void] = []
  private var hitCounts: [Int] = []
  private var isReacting = false
  private let alterations: Alterations
  private var hasSeenFault = false
  private var isKeepingEverything = false

  public init(
    world: any SimulatedWorld, configuration: WorldConfiguration, recording: Recording = .nothing,
    alterations: Alterations = .none
  ) {
    self.world = world
    self.alterations = alterations
    seed = configuration.seed
    nodeCount = configuration.nodes
    firstMembers = configuration.firstMembers
    choices = RandomStream(seed: Mixing.combine(configuration.seed, 0x6A75_6467))
    statuses = Array(repeating: .zero, count: configuration.nodes + 1)
    isUp = Array(repeating: false, count: configuration.nodes + 1)
    boots = Array(repeating: 0, count: configuration.nodes + 1)
    bytesSent = Array(repeating: 0, count: configuration.nodes + 1)
    bytesOnDisk = Array(repeating: 0, count: configuration.nodes + 1)
    self.recording = recording == .nothing ? nil : []
    if let messages = alterations.extraordinary { command(.keepOrdinary(except: messages)) }
    for branch in alterations.branches ?? [] {
      command(.turn(afterHandler: branch.afterHandler, branch.turn))
    }
    if recording == .traceWithSources { command(.noteSources(true)) }
  }

  public var nodes: ClosedRange<Int> { 1...nodeCount }
  /// More than half of the first members.
  public var majority: Int { firstMembers / 2 + 1 }
  public var nowMilliseconds: Int { nowMicroseconds / 1_000 }

  // MARK: Time

  public func advance(milliseconds: Int) throws {
    try run(until: nowMicroseconds + waiting(milliseconds) * 1_000)
  }

  /// Lets time pass in steps until `condition` holds; false if it does not within the time.
  public func advance(
    until condition: () throws -> Bool, withinMilliseconds limit: Int, stepMilliseconds: Int = 10
  ) throws -> Bool {
    let end = nowMicroseconds + limit * 1_000
    try run(until: nowMicroseconds)
    while try !condition() {
      guard nowMicroseconds < end else { return false }
      try run(until: min(end, nowMicroseconds + stepMilliseconds * 1_000))
    }
    return true
  }

  /// Lets time pass until some client gets a reply; false if none did within the time.
  @discardableResult
  public func advance(untilReplyOrMilliseconds limit: Int) throws -> Bool {
    try run(until: nowMicroseconds + limit * 1_000, stopsOnReply: true) == .reply
  }

  @discardableResult
  private func run(until time: Int, stopsOnReply: Bool = false) throws -> AdvanceEnd {
    guard !isReacting else {
      throw LabError("a reaction to a watch lets time pass; it may only give commands")
    }
    while true {
      let handed = commands
      commands.removeAll(keepingCapacity: true)
      let result = try world.run(handed, until: time, stopsOnReply: stopsOnReply) { try consume($0) }
      nowMicroseconds = result.nowMicroseconds
      calls = result.calls
      switch result.reason {
      case .time, .reply: return result.reason
      case .watch: if let hit = result.hit { try react(to: hit) }
      case .messageStorm:
        throw ProgramTrouble(
          outcome: .exhausted,
          message:
            "messages: more than 100,000 handlers at one instant of virtual time; nodes answer each other for ever"
        )
      }
    }
  }

  // MARK: Watches

  /// Calls `reaction` whenever the watch hits: the handler has returned, `statuses` and `observe` have seen its claims,
  /// and none of its effects has taken place. The reaction answers with commands: `applyFirst` and `crash` strike between
  /// two effects; what remains takes place afterwards. It must not let time pass.
  @discardableResult
  public func watch(_ watch: Watch, _ reaction: @escaping (_ hit: WatchHit, _ effect: Int?) throws -> Void)
    -> Int
  {
    reactions.append(reaction)
    hitCounts.append(0)
    command(.watch(reactions.count - 1, watch))
    return reactions.count - 1
  }

  /// Ends a watch. Its count of hits stays.
  public func unwatch(_ watch: Int) { command(.unwatch(watch)) }

  /// How often a watch has hit.
  public func hits(of watch: Int) -> Int { hitCounts[watch] }

  /// In a reaction: lets the first `count` of the effects that remain take place.
  public func applyFirst(_ count: Int) { command(.applyFirst(count: count)) }

  private func react(to hit: WatchHit) throws {
    isReacting = true
    defer { isReacting = false }
    for match in hit.matches where reactions.indices.contains(match.watch) {
      hitCounts[match.watch] += 1
      try reactions[match.watch](hit, match.effect)
    }
  }

  private func consume(_ batch: [UInt8]) throws {
    digest.add(batch)
    recording?.append(contentsOf: batch)
    try reader.read(batch) { time, record in
      recordsSeen += 1
      hasSeenFault = hasSeenFault || record.isFault
      if record.isEvent {
        eventsSeen += 1
        if hasSeenFault { eventsSinceFault += 1 }
      }
      switch record {
      case .started(let node, _) where isUp.indices.contains(node):
        isUp[node] = true
        boots[node] += 1
      case .crashed(let node, _) where isUp.indices.contains(node): isUp[node] = false
      case .status(let node, let fields) where statuses.indices.contains(node): statuses[node] = fields
      case .sent(_, let kind, _): countSent(kind)
      case .weighed(let node, let bytes) where bytesSent.indices.contains(node): bytesSent[node] += bytes
      case .diskWeighed(let node, let bytes) where bytesOnDisk.indices.contains(node):
        bytesOnDisk[node] = bytes
      case .persisted: persistCount += 1
      case .replied(_, _, let operation, true, let body): replies[operation] = (time, body)
      default: break
      }
      do { try observe?(time, record) } catch {
        isUnconditional = true
        throw error
      }
    }
  }

  private func countSent(_ kind: String) {
    for position in 0..<sentCounts.count where sentCounts[position].kind == kind {
      sentCounts[position].count += 1
      return
    }
    sentCounts.append((kind, 1))
  }

  // MARK: Leaving out

  /// Whether a history is judged at every answer, so that the run ends where it first contradicts itself.
  public var judgesEarly: Bool { alterations.judgesEarly }

  /// Runs `body`, which demands something that must hold whatever the scenario did before. None of its steps is left out,
  /// and what breaks in it breaks in a smaller run for the same reason.
  public func always<Result>(_ body: () throws -> Result) throws -> Result {
    let before = isKeepingEverything
    isKeepingEverything = true
    defer { isKeepingEverything = before }
    do { return try body() } catch {
      isUnconditional = true
      throw error
    }
  }

  /// Whether the scenario's next step is taken; it asks for steps that are not faults, boots or requests of this trial.
  /// Steps within `always` are taken and not counted.
  public func takes(_ step: Step) -> Bool {
    if isKeepingEverything { return true }
    steps.append(step)
    return !alterations.leftOut.contains(steps.count - 1)
  }

  /// How long the scenario's next step waits: a smaller run may wait a shorter time than the scenario wants.
  public func waiting(_ milliseconds: Int) -> Int {
    guard takes(.wait) else { return 0 }
    return isKeepingEverything ? milliseconds : milliseconds / (alterations.shortened[steps.count - 1] ?? 1)
  }

  // MARK: Faults

  public func boot(_ nodes: some Sequence<Int>) { for node in nodes { boot(node) } }
  public func boot(_ node: Int) { if takes(.boot) { commands.append(.boot(node: node)) } }
  public func crash(_ node: Int) { if takes(.fault) { commands.append(.crash(node: node)) } }

  /// Lets links between the groups lose everything; links within a group work.
  public func partition(_ groups: [[Int]]) { if takes(.fault) { connect(groups) } }

  private func connect(_ groups: [[Int]]) {
    for from in nodes {
      for to in nodes where from != to {
        let isTogether = groups.contains { $0.contains(from) && $0.contains(to) }
        commands.append(.cut(from: from, to: to, !isTogether))
      }
    }
  }

  /// Cuts some nodes off, each from everyone.
  public func isolate(_ cut: [Int]) {
    partition([nodes.filter { !cut.contains($0) }] + cut.map { [$0] })
  }

  public func heal() { connect([Array(nodes)]) }

  public func setAllLinks(_ profile: LinkProfile) {
    guard profile == LinkProfile() || takes(.fault) else { return }
    for from in nodes {
      for to in nodes where from != to { commands.append(.setLink(from: from, to: to, profile)) }
    }
  }

  /// Counts the bytes of messages in `bytesSent` from now on.
  public func weighMessages() { command(.weighMessages(true)) }

  /// Counts what is on the disks in `bytesOnDisk`.
  public func weighDisks() throws {
    commandAlways(.weighDisks)
    try run(until: nowMicroseconds)
  }

  public func command(_ command: WorldCommand) {
    if let step = command.step, !takes(step) { return }
    commands.append(command)
  }

  /// Gives a command that is part of a step which was taken already.
  public func commandAlways(_ command: WorldCommand) { commands.append(command) }

  /// Hands a request to a node, now or later; its reply appears in `replies` under the number returned. A smaller run may
  /// do without it if it is a step.
  public func request(
    _ request: some WireValue, to node: Int, client: Int = 1, afterMicroseconds delay: Int = 0,
    isStep: Bool = true
  ) -> Int {
    defer { nextOperation += 1 }
    guard !isStep || takes(.request) else { return nextOperation }
    let body = request.wireBytes
    if recording != nil { requestBodies[nextOperation] = body }
    commands.append(
      .request(
        node: node, client: client, operation: nextOperation, atMicroseconds: nowMicroseconds + delay,
        body: body))
    return nextOperation
  }
}

extension WorldCommand {
  /// What the command is to a smaller run; nil for the end of a fault and for what the judge needs.
  fileprivate var step: Step? {
    switch self {
    case .boot: .boot
    case .crash, .crashBetweenEffects, .pause: .fault
    case .cut(_, _, let isCut): isCut ? .fault : nil
    case .setLink(_, _, let profile): profile == LinkProfile() ? nil : .fault
    case .setClock(_, let drift, let offset): drift == 0 && offset == 0 ? nil : .fault
    case .request: .request
    case .resume, .watch, .unwatch, .applyFirst, .weighMessages, .weighDisks, .keepOrdinary, .noteSources,
      .turn:
      nil
    }
  }
}
