/// One object's part of a history, with what judges it.
struct ObjectHistory<Model: SequentialModel> {
  let model: Model
  /// The object's key in words, or nil if it is the only one.
  let name: String?
  /// The operations that did not fail, in the order of their calls.
  let operations: [Operation<Model.Input, Model.Output>]
  let judge: AnyLinearizationJudge

  private static var statesToShow: Int { 3 }
  private static var openToShow: Int { 3 }

  /// What a judge that found a contradiction has to show.
  func violation() -> Violation {
    let end = judge.deadEnd()
    var evidence = name.map { "Key \"\($0)\": " } ?? ""
    switch end.returned.count {
    case 0: evidence += "no operation had returned before"
    case 1: evidence += "the one operation that had returned before can be put in order"
    default: evidence += "the \(end.returned.count) operations that had returned before can be put in order"
    }
    if let last = end.returned.last { evidence += ", the last of them \(describe(operations[last]))" }
    evidence += end.orders.isEmpty ? "" : "; the value is then \(possibleStates(after: end.orders))"
    evidence += ". No such order can be followed by \(describe(operations[end.culprit]))."
    if !end.open.isEmpty {
      let shown = end.open.prefix(Self.openToShow).map { describe(operations[$0]) }
      let others = end.open.count - shown.count
      evidence += " Open at its return: \(list(shown + (others > 0 ? ["\(others) more"] : [])))."
    }
    func identifiers(_ indices: [Int]) -> [Int] { indices.map { operations[$0].id } }
    return Violation(
      property: "Linearizability", section: "Herlihy and Wing 1990, section 2", evidence: evidence,
      contradiction: Contradiction(
        key: name, returned: identifiers(end.returned), order: identifiers(end.orders.first ?? []),
        culprit: operations[end.culprit].id, open: identifiers(end.open), operations: told(end)))
  }

  /// The operations that the dead end names, with the states that its first order leads through.
  private func told(_ end: DeadEnd) -> [Contradiction.Operation] {
    var states: [Int: String] = [:]
    var state = model.initial
    for index in end.orders.first ?? [] {
      state = model.step(state, operations[index].input, returning: operations[index].output) ?? state
      states[index] = model.describe(state: state)
    }
    let named = Set(end.returned + (end.orders.first ?? []) + [end.culprit] + end.open)
    return named.sorted().map { index in
      let operation = operations[index]
      return Contradiction.Operation(
        id: operation.id, client: operation.client, callMicroseconds: operation.call,
        returnMicroseconds: operation.return,
        words: model.describe(operation.input, returning: operation.output), stateAfter: states[index])
    }
  }

  private func possibleStates(after orders: [[Int]]) -> String {
    var states: [Model.State] = []
    for order in orders {
      let state = order.reduce(model.initial) { state, index in
        model.step(state, operations[index].input, returning: operations[index].output) ?? state
      }
      if !states.contains(state) { states.append(state) }
    }
    let shown = states.prefix(Self.statesToShow).map { model.describe(state: $0) }
    return list(shown, last: "or") + (states.count > shown.count ? " or another" : "")
  }

  private func describe(_ operation: Operation<Model.Input, Model.Output>) -> String {
    let call = model.describe(operation.input, returning: operation.output)
    let time = operation.return.map { "\(milliseconds(operation.call)) to \(milliseconds($0))" }
    return "\(call) by client \(operation.client) (\(time ?? "from \(milliseconds(operation.call))"))"
  }
}
