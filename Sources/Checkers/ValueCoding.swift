/// The operations on a single value, with values as numbers.
struct ValueCoding {
  private(set) var object: ValueObject
  private(set) var kinds: [Int32] = []
  let intervals: [Interval]

  /// What judges the operations: the fast way where every value is written at most once, otherwise the search.
  func judge() -> AnyLinearizationJudge {
    let timeline = Timeline(intervals, kinds: kinds, traits: object.traits)
    let search = Checkers.judge(object, timeline)
    return UniqueValues(object, timeline, search: search).map { AnyLinearizationJudge($0) } ?? search
  }
}

extension ValueCoding {
  /// The operations of a register.
  init(of operations: [Operation<RegisterInput, RegisterOutput>]) {
    object = ValueObject()
    intervals = operations.map(\.interval)
    var numbers: [Int: Int32] = [:]
    func ask(for value: Int?) {
      if let value, numbers[value] == nil { numbers[value] = ValueObject.firstValue + Int32(numbers.count) }
    }
    for operation in operations {
      if case .compareAndSet(let expected, _) = operation.input { ask(for: expected) }
      if case .value(let value) = operation.output { ask(for: value) }
    }
    func number(_ value: Int?) -> Int32 {
      guard let value else { return ValueObject.absent }
      return numbers[value] ?? ValueObject.unseen
    }
    kinds.reserveCapacity(operations.count)
    for operation in operations {
      let rule: ValueRule
      switch (operation.input, operation.output) {
      case (.read, nil): rule = ValueRule()
      case (.read, .value(let value)): rule = ValueRule(needs: number(value))
      case (.write(let value), nil), (.write(let value), .done): rule = ValueRule(sets: number(value))
      case (.compareAndSet(let expected, let new), nil),
        (.compareAndSet(let expected, let new), .swapped(true)):
        rule = ValueRule(needs: number(expected), sets: number(new))
      case (.compareAndSet(let expected, _), .swapped(false)):
        rule = ValueRule(needs: number(expected), isUnless: true)
      default: rule = ValueRule(needs: ValueObject.never)
      }
      kinds.append(object.kind(of: rule))
    }
  }

  /// The operations on a key of a store that holds `initial` at first, or nil if its values are too long to be told
  /// apart byte by byte.
  init?(of operations: [Operation<KeyValueInput, KeyValueOutput>], initial: String?) {
    var asked: [String] = []
    var suffixes: [[UInt8]] = []
    var suffixNumbers: [String: Int32] = [:]
    for operation in operations {
      switch (operation.input, operation.output) {
      case (.compareAndSet(_, let expected?, _), _): asked.append(expected)
      case (.append(_, let suffix), _):
        if suffixNumbers[suffix] == nil {
          suffixNumbers[suffix] = Int32(suffixes.count)
          suffixes.append(Array(suffix.utf8))
        }
      case (_, .value(let value?)): asked.append(value)
      default: break
      }
    }
    intervals = operations.map(\.interval)
    let number: (String) -> Int32
    if suffixes.isEmpty {
      object = ValueObject()
      var numbers: [String: Int32] = [:]
      for value in asked where numbers[value] == nil {
        numbers[value] = ValueObject.firstValue + Int32(numbers.count)
      }
      number = { [numbers] in numbers[$0] ?? ValueObject.unseen }
    } else {
      guard let tree = ValueTree(of: asked, nodesMax: 10_000_000) else { return nil }
      object = ValueObject(growingIn: tree, by: suffixes)
      number = { tree.number(of: $0) }
    }
    if let initial { object.initial = number(initial) }
    kinds.reserveCapacity(operations.count)
    for operation in operations {
      let rule: ValueRule
      switch (operation.input, operation.output) {
      case (.get, nil): rule = ValueRule()
      case (.get, .value(let value)): rule = ValueRule(needs: value.map(number) ?? ValueObject.absent)
      case (.put(_, let value), nil), (.put(_, let value), .done): rule = ValueRule(sets: number(value))
      case (.append(_, let suffix), nil), (.append(_, let suffix), .done):
        rule = ValueRule(suffix: suffixNumbers[suffix] ?? -1)
      case (.delete, nil), (.delete, .done): rule = ValueRule(sets: ValueObject.absent)
      case (.compareAndSet(_, let expected, let new), nil),
        (.compareAndSet(_, let expected, let new), .swapped(true)):
        rule = ValueRule(needs: expected.map(number) ?? ValueObject.absent, sets: number(new))
      case (.compareAndSet(_, let expected, _), .swapped(false)):
        rule = ValueRule(needs: expected.map(number) ?? ValueObject.absent, isUnless: true)
      default: rule = ValueRule(needs: ValueObject.never)
      }
      kinds.append(object.kind(of: rule))
    }
  }
}
