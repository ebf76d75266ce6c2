/// Judges a single value's history in which every value is written at most once, in O(n log n) steps.
///
/// All operations on one value, its write and the reads that show it, must stand side by side in any order, and so must
/// those of two values where a comparison replaced the one by the other. Such a block has a time by which it must have
/// begun, its first return, and one until which it must go on, its last call. Some order exists unless two blocks would
/// each have to begin before the other ends (Gibbons and Korach, "Testing shared memories", 1997, where it is known which
/// write each read shows; here with comparisons as links between values).
struct UniqueValues: PrefixJudge {
  private static let initially: Int32 = -1
  private static let nowhere: Int32 = -2

  let timeline: Timeline
  private let rules: [ValueRule]
  /// The operation that writes each value.
  private let writers: [Int32]
  private let initial: Int32
  let search: AnyLinearizationJudge
  var steps = 0

  /// Nil if the history is not of that type.
  init?(_ object: ValueObject, _ timeline: Timeline, search: AnyLinearizationJudge) {
    guard !timeline.hasPredecessors else { return nil }
    let rules = object.rules
    guard rules.allSatisfy({ $0.suffix < 0 && $0.needs != ValueObject.never }) else { return nil }
    let top = rules.reduce(max(ValueObject.absent, object.initial)) { max($0, $1.needs, $1.sets) }
    var writers = Array(repeating: Self.nowhere, count: Int(top) + 1)
    if object.initial != ValueObject.unseen { writers[Int(object.initial)] = Self.initially }
    for (index, operation) in timeline.operations.enumerated() {
      let rule = rules[Int(operation.kind)]
      guard !rule.isPure, rule.sets != ValueObject.unseen else { continue }
      guard writers[Int(rule.sets)] == Self.nowhere else { return nil }
      writers[Int(rule.sets)] = Int32(index)
    }
    // That a value was not there says nothing if it never was; otherwise there is no such simple rule for it.
    for rule in rules where rule.isUnless && writers[Int(rule.needs)] != Self.nowhere { return nil }
    self.timeline = timeline
    self.rules = rules
    self.writers = writers
    self.initial = object.initial
    self.search = search
  }

  /// The operations on one value. The write of the first value, which is none, comes before all events.
  private struct Cluster {
    var writeCall: Int32 = -1
    var writeEnd: Int32 = -1
    var firstReadEnd = Int32.max
    var lastReadCall: Int32 = -1
    /// The comparison that replaces the value.
    var successor = UniqueValues.nowhere
  }

  /// Clusters that must stand side by side.
  private struct Block {
    var firstEnd = Int32.max
    var lastCall = Int32.min
  }

  func isLinearizable(before limit: Int32) -> Bool {
    guard let happened = happened(before: limit),
      let clusters = clusters(of: happened, before: limit),
      let blocks = blocks(of: clusters, happened, before: limit)
    else { return false }
    return Self.canBeOrdered(blocks)
  }

  private func isKnown(_ operation: Timeline.Operation, before limit: Int32) -> Bool {
    operation.call < limit && operation.end < limit
  }

  private func rule(_ operation: Timeline.Operation) -> ValueRule { rules[Int(operation.kind)] }

  /// Which operations happened, those that may have happened among them if something shows it; nil if something shows
  /// a value that nobody can have written.
  private func happened(before limit: Int32) -> [Bool]? {
    var happened = timeline.operations.map { isKnown($0, before: limit) }
    for operation in timeline.operations where isKnown(operation, before: limit) {
      var needed = rule(operation)
      while needed.needs != ValueObject.any, !needed.isUnless {
        let writer = writers[Int(needed.needs)]
        if writer == Self.initially { break }
        guard writer != Self.nowhere, timeline.operations[Int(writer)].call < limit else { return nil }
        if happened[Int(writer)] { break }
        happened[Int(writer)] = true
        needed = rule(timeline.operations[Int(writer)])
      }
    }
    return happened
  }

  /// The clusters by value, without those that are only a write which nothing asks for; nil if two comparisons replaced
  /// the same value.
  private func clusters(of happened: [Bool], before limit: Int32) -> [Cluster]? {
    var clusters = Array(repeating: Cluster(), count: writers.count)
    for (index, operation) in timeline.operations.enumerated() where happened[index] {
      let rule = rule(operation)
      if rule.isUnless { continue }
      if rule.isPure {
        clusters[Int(rule.needs)].firstReadEnd = min(clusters[Int(rule.needs)].firstReadEnd, operation.end)
        clusters[Int(rule.needs)].lastReadCall = max(clusters[Int(rule.needs)].lastReadCall, operation.call)
        continue
      }
      if rule.sets != ValueObject.unseen {
        clusters[Int(rule.sets)].writeCall = operation.call
        clusters[Int(rule.sets)].writeEnd = end(of: operation, before: limit)
      }
      if rule.needs != ValueObject.any {
        guard clusters[Int(rule.needs)].successor == Self.nowhere else { return nil }
        clusters[Int(rule.needs)].successor = Int32(index)
      }
    }
    return clusters
  }

  private func end(of operation: Timeline.Operation, before limit: Int32) -> Int32 {
    operation.end < limit ? operation.end : .max
  }

  /// The blocks, or nil if the operations within one cannot be in their order.
  private func blocks(of clusters: [Cluster], _ happened: [Bool], before limit: Int32) -> [Block]? {
    var blocks: [Block] = []
    var placed = 0
    var written = 0
    if initial != ValueObject.unseen {
      var block = Block()
      guard let length = extend(&block, from: initial, clusters, before: limit) else { return nil }
      placed += length
      blocks.append(block)
    }
    for (index, operation) in timeline.operations.enumerated() where happened[index] {
      let rule = rule(operation)
      if rule.isPure { continue }
      written += 1
      guard rule.needs == ValueObject.any else { continue }
      placed += 1
      var block = Block()
      if rule.sets == ValueObject.unseen {
        block = Block(firstEnd: end(of: operation, before: limit), lastCall: operation.call)
      } else {
        guard let length = extend(&block, from: rule.sets, clusters, before: limit) else { return nil }
        placed += length
      }
      blocks.append(block)
    }
    // Comparisons that only follow each other, in a circle, have nothing to begin with.
    return placed == written ? blocks : nil
  }

  /// Adds a value's cluster and those that replaced it one after another, and answers how many comparisons did; nil if
  /// one would have ended before another began.
  private func extend(
    _ block: inout Block, from first: Int32, _ clusters: [Cluster], before limit: Int32
  ) -> Int? {
    var length = 0
    var value = first
    while true {
      let cluster = clusters[Int(value)]
      guard cluster.firstReadEnd > cluster.writeCall,
        min(cluster.writeEnd, cluster.firstReadEnd) > block.lastCall
      else { return nil }
      block.firstEnd = min(block.firstEnd, cluster.writeEnd, cluster.firstReadEnd)
      block.lastCall = max(block.lastCall, cluster.writeCall, cluster.lastReadCall)
      guard cluster.successor != Self.nowhere else { return length }
      length += 1
      let successor = timeline.operations[Int(cluster.successor)]
      value = rule(successor).sets
      if value == ValueObject.unseen {
        let end = end(of: successor, before: limit)
        guard end > block.lastCall else { return nil }
        block.firstEnd = min(block.firstEnd, end)
        block.lastCall = max(block.lastCall, successor.call)
        return length
      }
    }
  }

  /// Whether no two blocks would each have to begin before the other ends.
  private static func canBeOrdered(_ blocks: [Block]) -> Bool {
    // A block that must go on from its first return to its last call excludes all others in between.
    var excluding = blocks.filter { $0.firstEnd < $0.lastCall }
    excluding.sort { $0.firstEnd < $1.firstEnd }
    for (former, latter) in zip(excluding, excluding.dropFirst()) where latter.firstEnd < former.lastCall {
      return false
    }
    for block in blocks where block.firstEnd >= block.lastCall {
      // Of those that begin to exclude before this one's last call, the last.
      let later = excluding.partitioningIndex { $0.firstEnd >= block.lastCall }
      if later > 0, block.firstEnd < excluding[later - 1].lastCall { return false }
    }
    return true
  }
}
