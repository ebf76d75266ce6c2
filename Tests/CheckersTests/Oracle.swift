import Checkers

/// Tries every order of a small history, without memory and without splitting anything but by key.
struct Oracle<Model: SequentialModel> {
  typealias Call = Operation<Model.Input, Model.Output>

  /// An operation, and whether it must have happened.
  private struct Item {
    var call: Call
    var key: Int
    var isKnown: Bool
    /// The items that must come before, if they must come at all.
    var predecessors: [Int] = []
  }

  var model: Model

  /// Whether the operations, given in the order of a history, can be put in one that the model allows.
  func holds(_ operations: [Call]) -> Bool {
    let live = operations.filter { if case .failed = $0.outcome { false } else { true } }
    return holds(live, known: live.map { $0.output != nil })
  }

  /// Whether the operations that are known to have happened can be put in order, with whichever others may help.
  func holds(_ operations: [Call], known: [Bool]) -> Bool {
    var keys: [Model.Key?] = []
    let isSplit = operations.allSatisfy { model.key(of: $0.input) != nil }
    var items: [Item] = []
    for (operation, isKnown) in zip(operations, known) {
      let key = isSplit ? model.key(of: operation.input) : nil
      let place = keys.firstIndex(of: key) ?? keys.endIndex
      if place == keys.endIndex { keys.append(key) }
      items.append(Item(call: operation, key: place, isKnown: isKnown))
    }
    for index in items.indices {
      items[index].predecessors = items.indices.filter {
        $0 != index && precedes(items[$0].call, items[index].call, isFirst: $0 < index)
      }
    }
    var placed = Array(repeating: false, count: items.count)
    return orders(items, &placed, Array(repeating: model.initial, count: keys.count))
  }

  private func orders(_ items: [Item], _ placed: inout [Bool], _ states: [Model.State]) -> Bool {
    if items.indices.allSatisfy({ placed[$0] || !items[$0].isKnown }) { return true }
    for (index, item) in items.enumerated() where !placed[index] {
      guard item.predecessors.allSatisfy({ placed[$0] }),
        let next = model.step(states[item.key], item.call.input, returning: item.call.output)
      else { continue }
      var after = states
      after[item.key] = next
      placed[index] = true
      if orders(items, &placed, after) { return true }
      placed[index] = false
    }
    return false
  }

  private func precedes(_ former: Call, _ latter: Call, isFirst: Bool) -> Bool {
    guard former.output != nil, let end = former.return else { return false }
    return end < latter.call || end == latter.call && former.client == latter.client && isFirst
  }
}

// MARK: - Evidence

extension Oracle {
  /// What is wrong with a contradiction found in `history`, or nil.
  func fault(in contradiction: Contradiction, of history: History<Model.Input, Model.Output>) -> String? {
    let calls = history.operations.filter { call in
      guard contradiction.key != nil, let key = model.key(of: call.input) else { return true }
      return "\(key)" == contradiction.key
    }
    let byNumber = Dictionary(uniqueKeysWithValues: calls.map { ($0.id, $0) })
    guard let culprit = byNumber[contradiction.culprit], let end = culprit.return else {
      return "The culprit is no operation that returned."
    }
    let order = contradiction.order.compactMap { byNumber[$0] }
    guard order.count == contradiction.order.count,
      Set(contradiction.returned).isSubset(of: contradiction.order)
    else { return "The order does not hold all that had returned." }
    var state = model.initial
    for call in order {
      guard let next = model.step(state, call.input, returning: call.output) else {
        return "The order is none that the model allows."
      }
      state = next
    }
    // Those that were called by then count; of them those are known that had returned.
    let returned = Set(contradiction.returned)
    let live = calls.filter { call in
      if case .failed = call.outcome { return false }
      return call.call <= end
    }
    guard holds(live, known: live.map { returned.contains($0.id) }) else {
      return "What had returned has no order."
    }
    guard !holds(live, known: live.map { returned.contains($0.id) || $0.id == culprit.id }) else {
      return "The culprit can follow."
    }
    return nil
  }
}
