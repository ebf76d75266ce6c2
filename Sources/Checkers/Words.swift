/// The items as a list in words: "n1, n2 and n4".
package func list(_ items: [String], last conjunction: String = "and") -> String {
  guard let last = items.last else { return "none" }
  if items.count == 1 { return last }
  return items.dropLast().joined(separator: ", ") + " \(conjunction) \(last)"
}

/// A time in microseconds as milliseconds: "12.345 ms".
func milliseconds(_ microseconds: Int) -> String {
  let (whole, rest) = microseconds.magnitude.quotientAndRemainder(dividingBy: 1_000)
  let digits = String(rest)
  let fraction = String(repeating: "0", count: 3 - digits.count) + digits
  return "\(microseconds < 0 ? "-" : "")\(whole).\(fraction) ms"
}

/// A node as it is shown: the first is n1.
func name(_ node: Int) -> String { "n\(node + 1)" }

/// Nodes as they are shown: "n1, n2 and n4".
func names(_ nodes: [Int]) -> String { list(nodes.map(name)) }
