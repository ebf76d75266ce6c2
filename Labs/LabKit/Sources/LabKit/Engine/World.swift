/// A simulated world: nodes, the network between them, their clocks and disks, in virtual time.
///
/// Every choice is drawn from a stream keyed by what it is for (this link's n-th message, this node's n-th event), so that
/// leaving one fault out does not reshuffle the rest. Time is integer microseconds; nothing here uses floating point.
public final class World<Message: NodeMessage> {
  @usableFromInline let core: WorldCore

  @usableFromInline init(core: WorldCore) { self.core = core }

  /// A world of `count` nodes of one type, for tests beside the nodes' code.
  @inlinable public convenience init<N: Node>(_ type: N.Type, count: Int, seed: UInt64)
  where N.Message == Message {
    self.init(type, WorldConfiguration(seed: seed, nodes: count, program: "\(N.self)"))
  }

  @inlinable convenience init<N: Node>(_ type: N.Type, _ configuration: WorldConfiguration)
  where N.Message == Message {
    self.init(configuration) { N(id: $0, members: $1) }
  }

  @inlinable convenience init<N: Node>(
    _ configuration: WorldConfiguration, make: @escaping @Sendable (NodeID, [NodeID]) -> N
  ) where N.Message == Message {
    let messages = MessageStore<Message>()
    let names = NameTable()
    self.init(
      core: WorldCore(configuration, messages: messages, names: names) { id, members in
        LocalNode(id: id, members: members, messages: messages, names: names, make: make).box
      })
  }

  public var configuration: WorldConfiguration { core.configuration }
  public var now: Int { core.now }
  /// How many handlers have run.
  public var calls: Int { core.calls }
  /// What the world stopped for, if it is stopped.
  public var hit: WatchHit? { core.hit }

  /// Handed the trace so far whenever it has grown long, so that a long advance needs no long memory.
  public var flush: (([UInt8]) throws -> Void)? {
    get { core.flush }
    set { core.flush = newValue }
  }

  /// The node's present state, or nil if it is down or is not an `N`.
  public func node<N: Node>(_ id: NodeID, as type: N.Type = N.self) -> N? where N.Message == Message {
    (core.runningNode(id.number) as? LocalNode<N>)?.node
  }

  public func perform(_ command: WorldCommand) throws { try core.perform(command) }

  /// Runs events in the order of their times, up to and including `time`, until a watch hits, or until a reply if
  /// `stopsOnReply`. Effects that a watch held back take place first.
  public func advance(until time: Int, stopsOnReply: Bool = false) throws -> AdvanceEnd {
    try core.advance(until: time, stopsOnReply: stopsOnReply)
  }

  /// The trace since the last call.
  public func takeTrace() -> [UInt8] { core.takeTrace() }
}
