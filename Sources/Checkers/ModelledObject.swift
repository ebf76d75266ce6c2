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
