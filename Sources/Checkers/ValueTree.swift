/// The values that operations ask for, as a tree of bytes: each is the beginning of those below it.
struct ValueTree: Sendable {
  private struct Node {
    var byte: UInt8
    var firstChild: Int32 = -1
    var sibling: Int32 = -1
    /// The node's place in preorder, and the end of the places of those below it.
    var places: Range<Int32> = 0..<0
  }

  private var nodes = [Node(byte: 0)]

  private static var root: Int32 { ValueObject.firstValue }

  /// A tree of `values`, or nil if it would take more than `nodesMax` nodes.
  init?(of values: some Sequence<String>, nodesMax: Int) {
    for value in values {
      insert(value)
      guard nodes.count <= nodesMax else { return nil }
    }
    numberInPreorder()
  }

  private mutating func insert(_ value: String) {
    var node: Int32 = 0
    for byte in value.utf8 {
      let child = child(of: node, byte)
      node = child >= 0 ? child : add(byte, under: node)
    }
  }

  private mutating func add(_ byte: UInt8, under parent: Int32) -> Int32 {
    let node = Int32(nodes.count)
    nodes.append(Node(byte: byte, sibling: nodes[Int(parent)].firstChild))
    nodes[Int(parent)].firstChild = node
    return node
  }

  private mutating func numberInPreorder() {
    var next: Int32 = 0
    var path: [(node: Int32, isLeaving: Bool)] = [(0, false)]
    while let (node, isLeaving) = path.popLast() {
      if isLeaving {
        nodes[Int(node)].places = nodes[Int(node)].places.lowerBound..<next
        continue
      }
      nodes[Int(node)].places = next..<next
      next += 1
      path.append((node, true))
      var child = nodes[Int(node)].firstChild
      while child >= 0 {
        path.append((child, false))
        child = nodes[Int(child)].sibling
      }
    }
  }

  private func child(of node: Int32, _ byte: UInt8) -> Int32 {
    var child = nodes[Int(node)].firstChild
    while child >= 0, nodes[Int(child)].byte != byte { child = nodes[Int(child)].sibling }
    return child
  }

  /// The number of a value, `ValueObject.unseen` if no value asked for begins so.
  func number(of value: String) -> Int32 { extending(Self.root, by: value.utf8) }

  /// The number of a value with `suffix` at its end.
  func extending(_ value: Int32, by suffix: some Sequence<UInt8>) -> Int32 {
    if value == ValueObject.unseen { return value }
    var node = value == ValueObject.absent ? 0 : value - Self.root
    for byte in suffix {
      node = child(of: node, byte)
      if node < 0 { return ValueObject.unseen }
    }
    return node + Self.root
  }

  /// Whether `value` can grow into `other`.
  func isPart(_ value: Int32, of other: Int32) -> Bool {
    if value == other { return true }
    guard value != ValueObject.unseen, other >= Self.root else { return false }
    let ancestor = value == ValueObject.absent ? 0 : value - Self.root
    return nodes[Int(ancestor)].places.contains(nodes[Int(other - Self.root)].places.lowerBound)
  }
}
