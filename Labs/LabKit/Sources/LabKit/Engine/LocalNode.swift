/// A node in this process.
@usableFromInline final class LocalNode<N: Node> {
  // Handlers run one at a time, and no handler reaches its own node but through `self`.
  @exclusivity(unchecked) @usableFromInline var node: N
  @exclusivity(unchecked) @usableFromInline var recorder: ClaimRecorder
  @usableFromInline let id: NodeID
  @usableFromInline let members: [NodeID]
  @usableFromInline let messages: MessageStore<N.Message>
  @usableFromInline let names: NameTable
  /// Makes the node as it is before its first start.
  @usableFromInline let make: @Sendable (NodeID, [NodeID]) -> N
  /// An empty array with room in it, for the next handler's messages.
  @exclusivity(unchecked) @usableFromInline var room: [N.Message] = []

  @inlinable init(
    id: NodeID, members: [NodeID], messages: MessageStore<N.Message>, names: NameTable,
    make: @escaping @Sendable (NodeID, [NodeID]) -> N
  ) {
    self.id = id
    self.members = members
    self.messages = messages
    self.names = names
    self.make = make
    node = make(id, members)
    recorder = ClaimRecorder(node: id.number)
  }

  @inlinable var box: NodeBox {
    NodeBox(owner: self) { try self.perform($0, $1, &$2) }
  }

  @inlinable func perform(
    _ event: NodeEvent, _ environment: HandlerEnvironment, _ result: inout HandlerResult
  ) throws {
    var context = Context<N>(
      id: id, environment, names: names, effects: result.effects, messages: room, values: result.values)
    result.effects = []
    result.values = []
    room = []
    var comparesWholeLog = false
    switch event {
    case .start(let disk):
      comparesWholeLog = true
      node = make(id, members)
      node.start(from: disk, &context)
    case .message(let slot, let isLast, let sender):
      node.receive(messages.message(slot, isLast: isLast), from: NodeID(sender), &context)
    case .timer(let name): node.timerFired(names.timer(name), &context)
    case .request(let bytes, let token):
      node.handle(try N.Request(wireBytes: bytes), replyTo: token, &context)
    }
    recorder.record(&node, comparesWholeLog: comparesWholeLog, into: &result.claims)
    result.status = recorder.status
    for message in context.messages {
      result.slots.append(messages.store(message, names, inWords: context.notesSources))
    }
    for output in context.outputs { result.outputs.append(output.wireBytes) }
    for (reply, token) in context.replies { result.replies.append((reply.wireBytes, token)) }
    result.effects = context.effects
    if context.notesSources { result.sources = context.sources }
    result.values = context.values
    room = context.messages
    context.messages = []
    if !room.isEmpty { room.removeAll(keepingCapacity: true) }
  }
}
