/// A log as the search knows it: each state is a place in a tree of entries, and stands for the entries on the way there.
///
/// An append is a step down the tree, so that no state is ever copied or compared as a whole.
struct LogObject: CodedObject {
  /// What an operation was asked and answered, with its entries as numbers.
  private enum Rule: Hashable {
    /// Appends an entry, at an offset that was told if it is not negative.
    case append(Int32, at: Int32)
    /// The entry at an offset, or `none` if the log ends before.
    case read(Int32, at: Int)
    /// The whole log: the state that was shown.
    case readAll(Int32)
    /// Nobody saw the answer, or none would fit.
    case anything, nothing
  }

  private struct Node {
    var parent: Int32
    var entry: Int32
    var depth: Int32
    /// An ancestor further up, chosen so that any is reached in a logarithm of steps (Myers 1983).
    var jump: Int32
  }

  private static let none: Int32 = -1

  private var nodes = [Node(parent: 0, entry: none, depth: 0, jump: 0)]
  private var children = CodeTable()
  private var entries: [String: Int32] = [:]
  private var rules: [Rule] = []
  private var codes: [Rule: Int32] = [:]
  private(set) var traits: [Traits] = []

  let initial: Int32 = 0

  /// The kind of an operation.
  mutating func kind(of input: LogInput, returning output: LogOutput?) -> Int32 {
    let rule = rule(input, output)
    if let code = codes[rule] { return code }
    let code = Int32(rules.count)
    codes[rule] = code
    rules.append(rule)
    var isPure = true
    if case .append = input { isPure = false }
    traits.append(Traits(isPure: isPure, isObservation: output != nil))
    return code
  }

  private mutating func rule(_ input: LogInput, _ output: LogOutput?) -> Rule {
    switch (input, output) {
    case (.append(let entry), nil), (.append(let entry), .done): .append(number(of: entry), at: -1)
    case (.append(let entry), .appended(let offset)):
      // No log is so long, and none has an offset below 0.
      .append(number(of: entry), at: Int32(exactly: offset).flatMap { $0 < 0 ? nil : $0 } ?? .max)
    case (.read(let offset), .entry(let entry)):
      .read(entry.map { number(of: $0) } ?? Self.none, at: offset)
    case (.readAll, .entries(let entries)):
      .readAll(entries.reduce(initial) { child(of: $0, number(of: $1)) })
    case (.read, nil), (.readAll, nil): .anything
    default: if case .append(let entry) = input { .append(number(of: entry), at: .max) } else { .nothing }
    }
  }

  private mutating func number(of entry: String) -> Int32 {
    if let number = entries[entry] { return number }
    let number = Int32(entries.count)
    entries[entry] = number
    return number
  }

  private mutating func child(of node: Int32, _ entry: Int32) -> Int32 {
    if let child = children[node, entry] { return child }
    let child = Int32(nodes.count)
    children[node, entry] = child
    let parent = nodes[Int(node)]
    let above = nodes[Int(parent.jump)]
    let isEven = parent.depth - above.depth == above.depth - nodes[Int(above.jump)].depth
    nodes.append(
      Node(parent: node, entry: entry, depth: parent.depth + 1, jump: isEven ? above.jump : node))
    return child
  }

  /// The beginning of a log that has so many entries.
  private func beginning(of node: Int32, depth: Int32) -> Int32 {
    var node = node
    while nodes[Int(node)].depth > depth {
      let jump = nodes[Int(node)].jump
      node = nodes[Int(jump)].depth >= depth ? jump : nodes[Int(node)].parent
    }
    return node
  }

  /// The entry at an offset, `none` if the log ends before.
  private func entry(at offset: Int, of node: Int32) -> Int32 {
    guard offset >= 0, offset < Int(nodes[Int(node)].depth) else { return Self.none }
    return nodes[Int(beginning(of: node, depth: Int32(offset) + 1))].entry
  }

  mutating func step(_ state: Int32, _ kind: Int32) -> Int32 {
    switch rules[Int(kind)] {
    case .append(let entry, let offset):
      offset < 0 || offset == nodes[Int(state)].depth ? child(of: state, entry) : noState
    case .read(let entry, let offset): self.entry(at: offset, of: state) == entry ? state : noState
    case .readAll(let shown): state == shown ? state : noState
    case .anything: state
    case .nothing: noState
    }
  }

  /// Entries stay, so that what is there must be in every later answer.
  func rulesOut(_ state: Int32, _ kind: Int32) -> Bool {
    let length = nodes[Int(state)].depth
    return switch rules[Int(kind)] {
    case .append(_, let offset): offset >= 0 && offset < length
    case .read(let entry, let offset):
      offset >= 0 && offset < Int(length) && self.entry(at: offset, of: state) != entry
    case .readAll(let shown):
      nodes[Int(shown)].depth < length || beginning(of: shown, depth: length) != state
    case .anything: false
    case .nothing: true
    }
  }
}
