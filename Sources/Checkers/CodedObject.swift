/// An object whose states and kinds of operations are whole numbers, for the search to work on.
protocol CodedObject: Sendable {
  var initial: Int32 { get }

  /// The state after an operation of that kind, or `noState` if `state` does not allow its answer.
  mutating func step(_ state: Int32, _ kind: Int32) -> Int32

  /// Whether no operation of that kind can follow `state`, unless one that resets comes between.
  mutating func rulesOut(_ state: Int32, _ kind: Int32) -> Bool
}

/// No state has this number.
let noState: Int32 = -1
