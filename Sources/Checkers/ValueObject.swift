/// What an operation on a single value requires and does.
struct ValueRule: Hashable, Sendable {
  /// The value that must be there, or `any`.
  var needs = ValueObject.any
  /// Whether, on the contrary, it must not be there.
  var isUnless = false
  /// The value that is then there, or `same`.
  var sets = ValueObject.same
  /// Which suffix is added to the value, or -1.
  var suffix: Int32 = -1

  var isPure: Bool { (sets == ValueObject.same || sets == needs && !isUnless) && suffix < 0 }

  var traits: Traits {
    Traits(
      isPure: isPure, isObservation: needs >= 0 && !isUnless && isPure,
      isReset: !isPure && suffix < 0)
  }
}

/// An object that holds one value: a register, or a key of a key-value store.
///
/// Only the values that some operation asks for have a number each. All others are one, `unseen`, for nothing tells
/// them apart.
struct ValueObject: CodedObject {
  static let any: Int32 = -1
  static let same: Int32 = -2
  /// No state is this, so that an operation which needs it never fits.
  static let never: Int32 = -3
  static let unseen: Int32 = 0
  static let absent: Int32 = 1
  /// The first number that is free for values.
  static let firstValue: Int32 = 2

  private(set) var rules: [ValueRule] = []
  private var codes: [ValueRule: Int32] = [:]
  /// Where values grow, all that may matter; otherwise nil.
  private let tree: ValueTree?
  private let suffixes: [[UInt8]]

  var initial = Self.absent

  /// A value that is only ever replaced as a whole.
  init() {
    tree = nil
    suffixes = []
  }

  /// A value that also grows, by `suffixes`.
  init(growingIn tree: ValueTree, by suffixes: [[UInt8]]) {
    self.tree = tree
    self.suffixes = suffixes
  }

  var traits: [Traits] { rules.map(\.traits) }

  /// The kind of the operations that follow `rule`.
  mutating func kind(of rule: ValueRule) -> Int32 {
    if let code = codes[rule] { return code }
    let code = Int32(rules.count)
    codes[rule] = code
    rules.append(rule)
    return code
  }

  func step(_ state: Int32, _ kind: Int32) -> Int32 {
    let rule = rules[Int(kind)]
    if rule.needs != Self.any, (state == rule.needs) == rule.isUnless { return noState }
    if rule.suffix >= 0, let tree { return tree.extending(state, by: suffixes[Int(rule.suffix)]) }
    return rule.sets == Self.same ? state : rule.sets
  }

  /// Until something resets the value it stays or grows.
  func rulesOut(_ state: Int32, _ kind: Int32) -> Bool {
    let shown = rules[Int(kind)].needs
    return state != shown && tree?.isPart(state, of: shown) != true
  }
}
