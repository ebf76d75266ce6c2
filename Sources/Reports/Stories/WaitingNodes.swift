import LabKit

/// What each node waits for at the end of a run without progress, and what goes round in it.
struct WaitingNodes {
  let picture: RunPicture
  let columns: Int

  /// - Parameter limit: how many lines there may be.
  func lines(atMost limit: Int) -> [StoryLine] {
    let states = NodeStates(picture)
    var shown: [Int] = []
    for node in picture.facts.concernedNodes + (1...max(1, picture.facts.nodeCount))
    where !shown.contains(node) {
      shown.append(node)
    }
    let round = RepeatedRound(picture)?.lines(columns: columns, atMost: 5) ?? []
    let room = max(1, limit - round.count - 1)
    var lines = [StoryLine("At the end each node waits:", .bold)]
    for node in shown.prefix(room >= shown.count ? shown.count : room - 1).sorted() {
      lines.append(.row("  n\(node)  " + states.words(node), nil, columns: columns))
    }
    if lines.count - 1 < shown.count {
      lines.append(StoryLine("  … and \(shown.count - lines.count + 1) more"))
    }
    return Array((lines + round).prefix(limit))
  }
}
