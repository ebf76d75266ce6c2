import LabKit

extension RunPicture.Event {
  /// The event and what it changed, in one line: "n1 receives voteRequest from n3 → votes for n3".
  var story: String {
    let consequences = self.consequences
    return consequences.isEmpty ? words : words + " → " + consequences.joined(separator: ", ")
  }

  /// What the handler changed in what the node shows.
  private var consequences: [String] {
    guard kind != .start || boot ?? 1 > 1 else { return [] }
    var parts: [String] = []
    func change(_ field: String) -> RunPicture.Change? { changes.first { $0.field == field } }
    let term = change("term")?.after
    if let role = change("role")?.after {
      parts.append((role == "leader" ? "leads" : "is a \(role)") + (term.map { " of term \($0)" } ?? ""))
    } else if let term {
      parts.append("term \(term)")
    }
    if let vote = change("vote")?.after {
      if vote != "none" { parts.append(vote == "n\(node)" ? "votes for itself" : "votes for \(vote)") }
    }
    if let logChange { parts.append("log: " + logChange) }
    if let commit = change("commit") { parts.append("commits up to \(commit.after)") }
    if let snapshot = change("snapshot") { parts.append("its snapshot ends at \(snapshot.after)") }
    if let members = change("members"), members.before != "not shown" {
      parts.append("members \(members.after)")
    }
    return parts
  }

  /// The first line of the student's own code behind what the handler did, without its module.
  var place: String? { effects.lazy.compactMap(\.place).first }
}

extension RunPicture.Effect {
  /// The line of the student's own code that asked for it: "Raft+Election.swift:31".
  var place: String? {
    guard let source, !source.hasPrefix("LabKit/") else { return nil }
    return source.split(separator: "/").last.map(String.init)
  }
}

extension RunPicture.FaultSpan {
  /// What began to be broken, in a line.
  var story: String {
    guard node == nil else { return words }
    let nodes = Set(links.flatMap { [$0.from, $0.to] }).sorted()
    guard kind == .cut else {
      return nodes.count * (nodes.count - 1) == links.count
        ? "the network: \(words)" : "\(Self.names(links)): \(words)"
    }
    // A node all of whose links are cut is cut off.
    let alone = nodes.filter { node in
      nodes.allSatisfy { other in
        other == node
          || links.contains(Link(from: node, to: other)) && links.contains(Link(from: other, to: node))
      }
    }
    if nodes.count > 2, alone.count == nodes.count { return "every node is cut off from every other" }
    if nodes.count > 2, !alone.isEmpty {
      return alone.map { "n\($0)" }.joined(separator: " and ") + " cut off from the others"
    }
    let sides = Self.sides(nodes, links)
    if sides.count == 2, links.count == 2 * sides[0].count * sides[1].count {
      return sides.map { $0.map { "n\($0)" }.joined(separator: " ") }.joined(separator: " cut off from ")
    }
    return "cut: \(Self.names(links))"
  }

  private static func names(_ links: [Link]) -> String {
    let shown = links.prefix(4).map { "n\($0.from) → n\($0.to)" }.joined(separator: ", ")
    return links.count > 4 ? shown + ", …" : shown
  }

  /// The groups of nodes between which every link is cut in both directions.
  private static func sides(_ nodes: [Int], _ links: [Link]) -> [[Int]] {
    var sides: [[Int]] = []
    for node in nodes {
      let place = sides.firstIndex { side in
        side.allSatisfy {
          !links.contains(Link(from: $0, to: node)) && !links.contains(Link(from: node, to: $0))
        }
      }
      if let place { sides[place].append(node) } else { sides.append([node]) }
    }
    return sides
  }
}
