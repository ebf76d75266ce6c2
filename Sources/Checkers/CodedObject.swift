/// An object whose states and kinds of operations are whole numbers, for the search to work on.
protocol CodedObject: Sendable {
  var initial: Int32 { get }

  /// The state after an operation of that kind, or nil as `noState` if `state` does not allow its answer.
  mutating func step(_ state: Int32, _ kind: Int32) -> Int32

  /// Whether no operation of that kind can follow `state`, unless one that resets comes between.
  mutating func rulesOut(_ state: Int32, _ kind: Int32) -> Bool
}

/// No state has this number.
let noState: Int32 = -1

/// An object that follows any model, and remembers what the model said.
struct ModelledObject<Model: SequentialModel>: CodedObject {
  private struct Kind: Hashable {
    var input: Model.Input
    var output: Model.Output?
  }

  private let model: Model
  private var kinds: [Kind] = []
  private var kindCodes: [Kind: Int32] = [:]
  private var states: [Model.State]
  private var stateCodes: [Model.State: Int32]
  private var steps = CodeTable()
  private var ruled = CodeTable()
  /// What is known of each kind.
  private(set) var traits: [Traits] = []

  var initial: Int32 { 0 }

  init(_ model: Model) {
    self.model = model
    states = [model.initial]
    stateCodes = [model.initial: 0]
  }

  /// The kind of an operation.
  mutating func kind(of input: Model.Input, returning output: Model.Output?) -> Int32 {
    let kind = Kind(input: input, output: output)
    if let code = kindCodes[kind] { return code }
    let code = Int32(kinds.count)
    kindCodes[kind] = code
    kinds.append(kind)
    traits.append(
      Traits(isPure: model.isReadOnly(input, returning: output), isObservation: output != nil))
    return code
  }

  mutating func step(_ state: Int32, _ kind: Int32) -> Int32 {
    if let known = steps[state, kind] { return known }
    let next = computeStep(state, kind)
    steps[state, kind] = next
    return next
  }

  private mutating func computeStep(_ state: Int32, _ kind: Int32) -> Int32 {
    let (input, output) = (kinds[Int(kind)].input, kinds[Int(kind)].output)
    guard let next = model.step(states[Int(state)], input, returning: output) else { return noState }
    if let code = stateCodes[next] { return code }
    let code = Int32(states.count)
    stateCodes[next] = code
    states.append(next)
    return code
  }

  mutating func rulesOut(_ state: Int32, _ kind: Int32) -> Bool {
    if let known = ruled[state, kind] { return known == 1 }
    let isRuledOut =
      kinds[Int(kind)].output.map {
        model.rulesOut(states[Int(state)], kinds[Int(kind)].input, returning: $0)
      } ?? false
    ruled[state, kind] = isRuledOut ? 1 : 0
    return isRuledOut
  }
}

/// What is known of pairs of a state and a kind.
struct CodeTable: Sendable {
  private var keys: [UInt64] = []
  private var values: [Int32] = []
  private var count = 0

  // No pair has this number, for neither part is negative.
  private static let vacant = UInt64.max

  subscript(state: Int32, kind: Int32) -> Int32? {
    get {
      if keys.isEmpty { return nil }
      let key = Self.key(state, kind)
      let place = place(of: key)
      return keys[place] == key ? values[place] : nil
    }
    set {
      guard let newValue else { return }
      if 2 * (count + 1) > keys.count { grow() }
      let key = Self.key(state, kind)
      let place = place(of: key)
      if keys[place] != key { count += 1 }
      keys[place] = key
      values[place] = newValue
    }
  }

  private static func key(_ state: Int32, _ kind: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: state)) << 32 | UInt64(UInt32(bitPattern: kind))
  }

  /// Where `key` is, or where it would be put.
  private func place(of key: UInt64) -> Int {
    let mask = keys.count - 1
    var hash: UInt64 = 0
    mixed(key, into: &hash)
    var place = Int(truncatingIfNeeded: hash >> 20) & mask
    while keys[place] != key && keys[place] != Self.vacant { place = (place + 1) & mask }
    return place
  }

  private mutating func grow() {
    let (oldKeys, oldValues) = (keys, values)
    keys = Array(repeating: Self.vacant, count: max(16, 2 * oldKeys.count))
    values = Array(repeating: 0, count: keys.count)
    for (key, value) in zip(oldKeys, oldValues) where key != Self.vacant {
      let place = place(of: key)
      keys[place] = key
      values[place] = value
    }
  }
}
