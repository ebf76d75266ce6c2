/// The messages under way, by slot, without their type: how many copies of each are still to arrive, and its kind.
@usableFromInline class MessageSlots {
  @exclusivity(unchecked) private(set) var kinds: [Int32] = []
  @exclusivity(unchecked) private var uses: [Int32] = []
  @exclusivity(unchecked) private var free: [Int32] = []

  @usableFromInline init() {}

  /// A slot for a message of a kind that nobody waits for yet.
  @usableFromInline final func newSlot(kind: Int32) -> Int32 {
    if let slot = free.popLast() {
      kinds[Int(slot)] = kind
      return slot
    }
    kinds.append(kind)
    uses.append(0)
    return Int32(kinds.count - 1)
  }

  final func kind(_ slot: Int32) -> Int32 { kinds[Int(slot)] }

  final func retain(_ slot: Int32) { uses[Int(slot)] += 1 }

  /// Counts an arrival. True if it was the last: the slot is free, and what lies in it may be taken out.
  final func consume(_ slot: Int32) -> Bool {
    uses[Int(slot)] -= 1
    guard uses[Int(slot)] == 0 else { return false }
    free.append(slot)
    return true
  }

  /// Counts an arrival that nobody looks at.
  final func release(_ slot: Int32) {
    if consume(slot) { discard(slot) }
  }

  /// Frees a slot that nobody waits for.
  final func releaseIfUnused(_ slot: Int32) {
    guard uses[Int(slot)] == 0 else { return }
    free.append(slot)
    discard(slot)
  }

  @usableFromInline func discard(_ slot: Int32) { fatalError("message slots without messages") }
  /// The message as bytes.
  @usableFromInline func encoded(_ slot: Int32) throws -> [UInt8] {
    fatalError("message slots without messages")
  }
  /// How many bytes the message has on its way between two processes.
  @usableFromInline func byteCount(_ slot: Int32) throws -> Int {
    fatalError("message slots without messages")
  }
  /// Stores a message that came as bytes.
  @usableFromInline func store(encoded bytes: [UInt8], _ names: NameTable) throws -> Int32 {
    fatalError("message slots without messages")
  }
}

/// The messages under way, by slot.
@usableFromInline final class MessageStore<Message: NodeMessage>: MessageSlots {
  @exclusivity(unchecked) @usableFromInline var messages: [Message?] = []

  @inlinable override init() { super.init() }

  /// With `inWords`, its kind says also what it says.
  @inlinable func store(_ message: Message, _ names: NameTable, inWords: Bool = false) -> Int32 {
    let slot = newSlot(kind: names.number(of: inWords ? message.words : message.kind))
    if Int(slot) == messages.count {
      messages.append(message)
    } else {
      messages[Int(slot)] = message
    }
    return slot
  }

  /// The message in a slot, taken out of it if nobody else waits for it.
  @inlinable func message(_ slot: Int32, isLast: Bool) -> Message {
    guard let message = isLast ? messages[Int(slot)].take() : messages[Int(slot)] else {
      fatalError("no message in slot \(slot)")
    }
    return message
  }

  @inlinable override func discard(_ slot: Int32) { messages[Int(slot)] = nil }

  @inlinable override func encoded(_ slot: Int32) throws -> [UInt8] {
    try WireCodec.encode(message(slot, isLast: false))
  }

  @inlinable override func byteCount(_ slot: Int32) throws -> Int {
    let message = message(slot, isLast: false)
    return try (message as? EncodedMessage)?.bytes.count ?? WireCodec.encode(message).count
  }

  @inlinable override func store(encoded bytes: [UInt8], _ names: NameTable) throws -> Int32 {
    store(try WireCodec.decode(Message.self, from: bytes), names)
  }
}
