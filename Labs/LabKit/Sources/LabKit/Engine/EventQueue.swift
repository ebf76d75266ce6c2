/// Something that will happen to a node.
@usableFromInline struct PendingEvent: Sendable {
  @usableFromInline enum Kind: UInt8, Sendable { case message, timer, request }
  var time: Int
  /// Orders events of one instant: drawn from what the event is, never from when it was put in.
  var tie: UInt64
  var kind: Kind
  var node: UInt8
  var from: UInt8
  /// Where the payload lies, or the timer's number.
  var slot: Int32
  /// The link's n-th message, or the timer's generation.
  var number: Int32
}

/// A binary heap of events, the earliest first.
struct EventQueue {
  private(set) var heap: [PendingEvent] = []

  var first: PendingEvent? { heap.first }
  var count: Int { heap.count }

  private static func precedes(_ left: PendingEvent, _ right: PendingEvent) -> Bool {
    left.time != right.time ? left.time < right.time : left.tie < right.tie
  }

  mutating func push(_ event: PendingEvent) {
    heap.append(event)
    heap.withUnsafeMutableBufferPointer { heap in
      var child = heap.count - 1
      while child > 0 {
        let parent = (child - 1) / 2
        guard Self.precedes(event, heap[parent]) else { break }
        heap[child] = heap[parent]
        child = parent
      }
      heap[child] = event
    }
  }

  /// Takes the earliest of the events out that are meant; nil if there is none. It takes time: the heap is made anew.
  mutating func remove(_ isMeant: (PendingEvent) -> Bool) -> PendingEvent? {
    let meant = heap.indices.filter { isMeant(heap[$0]) }
    guard let first = meant.min(by: { Self.precedes(heap[$0], heap[$1]) }) else { return nil }
    let event = heap.remove(at: first)
    let rest = heap
    heap.removeAll(keepingCapacity: true)
    for other in rest { push(other) }
    return event
  }

  mutating func popFirst() -> PendingEvent? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    guard !heap.isEmpty else { return first }
    heap.withUnsafeMutableBufferPointer { heap in
      var parent = 0
      while true {
        var child = 2 * parent + 1
        guard child < heap.count else { break }
        if child + 1 < heap.count, Self.precedes(heap[child + 1], heap[child]) { child += 1 }
        guard Self.precedes(heap[child], last) else { break }
        heap[parent] = heap[child]
        parent = child
      }
      heap[parent] = last
    }
    return first
  }
}
