/// Judges a queue's history in which every element is enqueued at most once, in O(n log n) steps.
///
/// Such a history has an order unless an element was dequeued that had not been enqueued, or one that had been enqueued
/// later was dequeued sooner, or the queue was found empty while at every moment some element must have been in
/// it (Henzinger, Sezgin and Vafeiadis, "Aspect-oriented linearizability proofs", 2013).
struct UniqueElements: PrefixJudge {
  let timeline: Timeline
  let search: AnyLinearizationJudge
  var steps = 0

  /// Where an element's operations are among the operations, or -1.
  private struct Element {
    var enqueue: Int32 = -1
    var dequeue: Int32 = -1
  }

  private var elements: [Element] = []
  /// The dequeues that found nothing.
  private var vain: [Int32] = []

  /// Nil if the history is not of that type: an element comes or goes twice, or nobody knows what a dequeue took.
  init?(
    _ operations: [Operation<QueueInput, QueueOutput>], _ timeline: Timeline, search: AnyLinearizationJudge
  ) {
    guard !timeline.hasPredecessors else { return nil }
    self.timeline = timeline
    self.search = search
    var numbers: [String: Int] = [:]
    for (index, operation) in operations.enumerated() {
      switch (operation.input, operation.output) {
      case (.enqueue(let name), nil), (.enqueue(let name), .done):
        let number = number(of: name, &numbers)
        guard elements[number].enqueue < 0 else { return nil }
        elements[number].enqueue = Int32(index)
      case (.dequeue, .element(let name?)):
        let number = number(of: name, &numbers)
        guard elements[number].dequeue < 0 else { return nil }
        elements[number].dequeue = Int32(index)
      case (.dequeue, .element(nil)): vain.append(Int32(index))
      default: return nil
      }
    }
  }

  private mutating func number(of name: String, _ numbers: inout [String: Int]) -> Int {
    if let number = numbers[name] { return number }
    numbers[name] = elements.count
    elements.append(Element())
    return elements.count - 1
  }

  /// From when an element must have been there and until when, in events; and what came of it.
  private struct Stay {
    /// The end of its enqueue, the call of its dequeue.
    var surely: (from: Int32, to: Int32)
    /// The call of its enqueue, the end of its dequeue.
    var possibly: (from: Int32, to: Int32)
  }

  func isLinearizable(before limit: Int32) -> Bool {
    guard let stays = stays(before: limit) else { return false }
    return isInOrder(stays) && canBeEmpty(stays, before: limit)
  }

  /// The stays of the elements that may have been there; nil if one was dequeued without having been enqueued.
  private func stays(before limit: Int32) -> [Stay]? {
    var stays: [Stay] = []
    for element in elements {
      let dequeue = element.dequeue < 0 ? nil : timeline.operations[Int(element.dequeue)]
      let isDequeued = dequeue.map { $0.end < limit } ?? false
      guard element.enqueue >= 0, timeline.operations[Int(element.enqueue)].call < limit else {
        if isDequeued { return nil }
        continue
      }
      let enqueue = timeline.operations[Int(element.enqueue)]
      var stay = Stay(surely: (.max, .max), possibly: (enqueue.call, .max))
      if enqueue.end < limit { stay.surely.from = enqueue.end }
      if let dequeue, dequeue.call < limit {
        stay.surely.to = dequeue.call
        if isDequeued { stay.possibly.to = dequeue.end }
      }
      guard stay.possibly.to > enqueue.call else { return nil }
      stays.append(stay)
    }
    return stays
  }

  /// Whether no element left before one that had come before it.
  private func isInOrder(_ stays: [Stay]) -> Bool {
    let byArrival = stays.sorted { $0.surely.from < $1.surely.from }
    // Until when one of those that had arrived by then must have stayed.
    var latest: [Int32] = []
    for stay in byArrival { latest.append(max(latest.last ?? -1, stay.surely.to)) }
    for stay in stays where stay.possibly.to < .max {
      let earlier = byArrival.partitioningIndex { $0.surely.from >= stay.possibly.from }
      if earlier > 0, latest[earlier - 1] > stay.possibly.to { return false }
    }
    return true
  }

  /// Whether each dequeue that found nothing has a moment at which no element must have been there.
  private func canBeEmpty(_ stays: [Stay], before limit: Int32) -> Bool {
    // The moments at which some element must have been there, without gaps and in order; a moment is named after the
    // event before it.
    var full: [(from: Int32, to: Int32)] = []
    for stay in stays.map(\.surely).sorted(by: { $0.from < $1.from }) where stay.from < stay.to {
      if let last = full.last, stay.from <= last.to {
        full[full.count - 1].to = max(last.to, stay.to)
      } else {
        full.append(stay)
      }
    }
    return vain.allSatisfy { index in
      let dequeue = timeline.operations[Int(index)]
      guard dequeue.end < limit else { return true }
      let later = full.partitioningIndex { $0.from > dequeue.call }
      return later == 0 || full[later - 1].to < dequeue.end
    }
  }
}
