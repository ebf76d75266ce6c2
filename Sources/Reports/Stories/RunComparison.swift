import LabKit
import Runner

/// A failing run beside one that keeps the promise, from where they part.
///
/// Only what changes a node, and crashes and starts, are told: the rest is alike, or of no account.
public struct RunComparison: Sendable {
  public let failing: RunPicture
  public let passing: RunPicture
  /// The message that fares as on an ordinary link in the passing run, if that is the difference.
  public let message: LinkMessage?
  private static let mostRows = 18

  public init(failing: RunPicture, passing: RunPicture, message: LinkMessage? = nil) {
    self.failing = failing
    self.passing = passing
    self.message = message
  }

  /// What is missing in the run that keeps the promise: "n2 is down, at 131 ms".
  public var difference: String {
    if let message, let sent = sent(message) {
      let fate = sent.fate == .lost ? "the loss" : sent.fate == .duplicated ? "the second copy" : "the delay"
      return
        "\(fate) of \(sent.label) from n\(message.from) to n\(message.to), sent at "
        + Milliseconds.words(sent.sentMicroseconds)
    }
    let others = Set(passing.faults.map(Key.init))
    guard let fault = failing.faults.first(where: { !others.contains(Key($0)) }) else {
      return "one of the faults"
    }
    return "this, at \(Milliseconds.words(fault.startMicroseconds)): \(fault.story)"
  }

  private struct Key: Hashable {
    let kind: RunPicture.FaultSpan.Kind
    let node: Int?
    let links: [RunPicture.FaultSpan.Link]
    let start: Int

    init(_ fault: RunPicture.FaultSpan) {
      (kind, node, links, start) = (fault.kind, fault.node, fault.links, fault.startMicroseconds)
    }
  }

  private func sent(_ message: LinkMessage) -> RunPicture.Message? {
    failing.messages.first {
      $0.from == message.from && $0.to == message.to && $0.number == message.number
    }
  }

  // MARK: Lines

  /// - Parameter columns: how wide a line may be.
  public func lines(columns: Int) -> [StoryLine] {
    var lines = StoryLine.wrapped(
      "The nearest run that keeps the promise is the same without \(difference).", columns: columns,
      atMost: 3, .bold)
    let (left, right) = (told(failing), told(passing))
    let common = zip(left, right).prefix { $0.key == $1.key }.count
    if common > 0 {
      let last = left[common - 1]
      lines += StoryLine.wrapped("Up to here both are alike: " + last.text, columns: columns, atMost: 2)
    }
    lines.append(StoryLine())
    let rows = Self.rows(Array(left[common...].prefix(60)), Array(right[common...].prefix(60)))
    if let sides = SideBySide(columns: columns) {
      lines.append(sides.row("fails", "keeps the promise", .grey))
      for row in rows.prefix(Self.mostRows) {
        lines.append(sides.row(row.left ?? "", row.right ?? "", row.left == row.right ? .grey : nil))
      }
    } else {
      for row in rows.prefix(Self.mostRows) {
        let mark = row.left == row.right ? "both:  " : row.left != nil ? "fails: " : "holds: "
        lines.append(.row(mark + (row.left ?? row.right ?? ""), nil, columns: columns))
      }
    }
    if rows.count > Self.mostRows {
      lines.append(StoryLine("  … and \(rows.count - Self.mostRows) more", .grey))
    }
    lines += StoryLine.wrapped(
      "✘ " + failing.facts.property + ": " + failing.facts.evidence, columns: columns, indent: "  ",
      atMost: 2, .red)
    return lines
  }

  private struct Told {
    let key: String
    let text: String
  }

  private func told(_ picture: RunPicture) -> [Told] {
    picture.events.compactMap { event in
      let isTold =
        !event.changes.isEmpty || event.logChange != nil || event.kind == .crash || event.kind == .start
      guard isTold else { return nil }
      return Told(
        key: "\(event.timeMicroseconds) \(event.story)",
        text: "\(event.timeMicroseconds / 1_000) ms  \(event.story)")
    }
  }

  /// What one has and the other has not stands alone in its row.
  private static func rows(_ left: [Told], _ right: [Told]) -> [(left: String?, right: String?)] {
    let changes = right.map(\.key).difference(from: left.map(\.key))
    let gone = Set(
      changes.removals.map { change in if case .remove(let place, _, _) = change { place } else { -1 } })
    let new = Set(
      changes.insertions.map { change in if case .insert(let place, _, _) = change { place } else { -1 } })
    var rows: [(left: String?, right: String?)] = []
    var (first, second) = (0, 0)
    while first < left.count || second < right.count {
      let (isGone, isNew) = (gone.contains(first), new.contains(second))
      if isGone && isNew {
        rows.append((left[first].text, right[second].text))
        (first, second) = (first + 1, second + 1)
      } else if isGone {
        rows.append((left[first].text, nil))
        first += 1
      } else if isNew {
        rows.append((nil, right[second].text))
        second += 1
      } else {
        guard first < left.count, second < right.count else { break }
        rows.append((left[first].text, right[second].text))
        (first, second) = (first + 1, second + 1)
      }
    }
    return rows
  }
}
