import LabKit

/// A node's log as it shows it, to tell in words what changes.
struct ShownLog {
  private var first = 1
  private var marks: [EntryMark] = []

  /// The log keeps its entries below `start` and then holds exactly `new`. Returns the change in words.
  mutating func change(from start: Int, _ new: [EntryMark]) -> String {
    if marks.isEmpty || start < first || start > first + marks.count {
      // Only a snapshot explains a gap, or a log that begins elsewhere.
      let lost = marks.isEmpty ? "" : "gives up \(Self.range(first, marks.count)); "
      first = start
      marks = new
      return lost + (new.isEmpty ? "holds no entry" : "holds " + Self.words(start, new))
    }
    let kept = start - first
    let old = Array(marks[kept...])
    let same = zip(old, new).prefix { $0 == $1 }.count
    marks.replaceSubrange(kept..., with: new)
    let (removed, added) = (old.count - same, Array(new.dropFirst(same)))
    let place = start + same
    var parts: [String] = []
    if removed > 0 { parts.append("drops " + Self.words(place, Array(old.dropFirst(same)))) }
    if !added.isEmpty { parts.append("appends " + Self.words(place, added)) }
    return parts.isEmpty ? "unchanged" : parts.joined(separator: "; ")
  }

  /// A short name for a command or an entry, the same wherever it is shown.
  static func name(of digest: UInt64) -> String {
    let digits = String(digest, radix: 16)
    return "x" + (digits.count > 5 ? String(digits.suffix(5)) : digits)
  }

  private static func range(_ first: Int, _ count: Int) -> String {
    count == 1 ? "entry \(first)" : "entries \(first) to \(first + count - 1)"
  }

  private static func words(_ first: Int, _ marks: [EntryMark]) -> String {
    let most = 4
    var shown = marks.prefix(most).map { "term \($0.term) \(name(of: $0.digest))" }.joined(separator: ", ")
    if marks.count > most { shown += ", …" }
    return "\(range(first, marks.count)) (\(shown))"
  }
}
