/// What the nodes of a week send to each other where the course provides some of them.
public protocol GivenMessage: NodeMessage {
  /// The nodes that a program of this name has beside it, as the first ones of its world: n1, n2, …
  static func givenNodes(beside program: String) -> [GivenNode<Self>]
}

/// A node that the course provides, in a world beside the student's.
public struct GivenNode<Message: NodeMessage>: Sendable {
  /// What it is, in a word: "log".
  public let name: String
  @usableFromInline let box: @Sendable (NodeID, [NodeID], MessageStore<Message>, NameTable) -> NodeBox

  init<N: Node>(_ name: String, _ type: N.Type) where N.Message == Message {
    self.name = name
    box = { id, members, messages, names in
      LocalNode(id: id, members: members, messages: messages, names: names) { N(id: $0, members: $1) }.box
    }
  }
}

/// A node that the course provides, whatever it sends.
public struct AnyGivenNode: Sendable {
  /// What it is, in a word: "log".
  public let name: String
  /// Makes the node as it answers frames, for a world whose nodes run in processes of their own.
  let hosted: @Sendable (NodeID, [NodeID]) -> HostedNode

  fileprivate init<Message: NodeMessage>(_ node: GivenNode<Message>) {
    name = node.name
    hosted = { id, members in
      let messages = MessageStore<Message>()
      let names = NameTable()
      return HostedNode(box: node.box(id, members, messages, names), messages: messages, names: names)
    }
  }
}

/// Which nodes the course provides.
public enum GivenNodes {
  /// Those that a program of this name has beside it, as the first ones of its world: n1, n2, …
  public static func beside(_ program: String) -> [AnyGivenNode] {
    ServiceMessage.givenNodes(beside: program).map(AnyGivenNode.init)
      + CallMessage.givenNodes(beside: program).map(AnyGivenNode.init)
      + PageMessage.givenNodes(beside: program).map(AnyGivenNode.init)
  }
}

extension ServiceMessage: GivenMessage {
  public static func givenNodes(beside program: String) -> [GivenNode<ServiceMessage>] {
    switch program {
    case "orders": [log, GivenNode("catalogue", Catalogue.self)]
    case "inventory": [log]
    case "payments": [log, GivenNode("provider", PaymentProvider.self)]
    case "saga":
      ["orders", "payment", "inventory", "shipping"].map { GivenNode($0, Participant.self) }
    case "accounts": [GivenNode("store", EventStore.self), GivenNode("post", PostOffice.self)]
    case "dispatch": [GivenNode("log", WatchedLog.self), GivenNode("carrier", Carrier.self)]
    default: []
    }
  }

  fileprivate static let log = GivenNode("log", EventLog.self)
}

extension CallMessage: GivenMessage {
  public static func givenNodes(beside program: String) -> [GivenNode<CallMessage>] {
    switch program {
    case "breaker", "proxy": ["users", "orders"].map { GivenNode($0, FlakyService.self) }
    default: []
    }
  }
}

extension PageMessage: GivenMessage {
  public static func givenNodes(beside program: String) -> [GivenNode<PageMessage>] {
    guard program == "gateway" else { return [] }
    return PagePart.allCases.flatMap { part in
      part.instances.map { _ in GivenNode("\(part)", PageService.self) }
    }
  }
}

extension NodeID {
  /// The log, in stages 3B to 3F.
  public static let log: NodeID = 1
  /// The catalogue, in stage 3B.
  public static let catalogue: NodeID = 2
  /// The payment provider, in stage 3C.
  public static let provider: NodeID = 2
  /// The event store, in stage 3E.
  public static let eventStore: NodeID = 1
  /// The post, in stage 3E.
  public static let postOffice: NodeID = 2
  /// The carrier, in stage 3F.
  public static let carrier: NodeID = 2
  /// The participants, in stage 3D.
  public static let orders: NodeID = 1
  public static let payment: NodeID = 2
  public static let inventory: NodeID = 3
  public static let shipping: NodeID = 4
}

extension NodeProgram {
  /// Offers services that run beside nodes of the course, as the stage says.
  @inlinable public init<N: Node>(service name: String, _ type: N.Type) where N.Message: GivenMessage {
    let given = N.Message.givenNodes(beside: name)
    self.init(
      name,
      makeWorld: { Self.world(service: type, beside: given, $0) },
      // In a process of its own it is a node as any other.
      makeNode: NodeProgram(name, type).makeNode)
  }

  @inlinable static func world<N: Node>(
    service type: N.Type, beside given: [GivenNode<N.Message>], _ configuration: WorldConfiguration
  ) -> WorldCore where N.Message: GivenMessage {
    let messages = MessageStore<N.Message>()
    let names = NameTable()
    return WorldCore(configuration, messages: messages, names: names) { id, members in
      given.indices.contains(id.number - 1)
        ? given[id.number - 1].box(id, members, messages, names)
        : LocalNode(id: id, members: members, messages: messages, names: names) {
          N(id: $0, members: $1)
        }.box
    }
  }
}

extension World where Message: GivenMessage {
  /// A world of the nodes that the course provides beside `program`, and `count` services after them, for tests beside the
  /// services' code.
  @inlinable public convenience init<N: Node>(
    service type: N.Type, as program: String, count: Int = 1, seed: UInt64
  ) where N.Message == Message {
    let given = Message.givenNodes(beside: program)
    let configuration = WorldConfiguration(seed: seed, nodes: given.count + count, program: program)
    self.init(core: NodeProgram.world(service: type, beside: given, configuration))
  }
}

extension World where Message == ServiceMessage {
  /// A world of the log alone that the course provides, for tests of it.
  public convenience init(givenLog configuration: WorldConfiguration) {
    let messages = MessageStore<ServiceMessage>()
    let names = NameTable()
    self.init(
      core: WorldCore(configuration, messages: messages, names: names) { id, members in
        ServiceMessage.log.box(id, members, messages, names)
      })
  }
}
