import LabKit

/// Keeps book of what is broken, and since when.
struct FaultLedger {
  /// A time, and how many events came before.
  struct Place {
    var time: Int
    var event: Int
  }

  private typealias Span = RunPicture.FaultSpan

  private struct Key: Hashable {
    var kind: RunPicture.FaultSpan.Kind
    var node: Int?
    var link: RunPicture.FaultSpan.Link?
  }

  private var open: [Key: RunPicture.FaultSpan] = [:]
  private var closed: [RunPicture.FaultSpan] = []

  mutating func begin(_ kind: RunPicture.FaultSpan.Kind, node: Int, words: String, at place: Place) {
    begin(Key(kind: kind, node: node), words, place)
  }

  mutating func end(_ kind: RunPicture.FaultSpan.Kind, node: Int, at place: Place) {
    end(Key(kind: kind, node: node), place)
  }

  mutating func apply(_ command: WorldCommand, at place: Place) {
    switch command {
    case .cut(let from, let to, let isCut):
      let key = Key(kind: .cut, link: Span.Link(from: from, to: to))
      if isCut { begin(key, "cut", place) } else { end(key, place) }
    case .setLink(let from, let to, let profile):
      let link = Span.Link(from: from, to: to)
      set(Key(kind: .slow, link: link), profile.slowness, place)
      set(Key(kind: .lossy, link: link), profile.losses, place)
    case .setClock(let node, let drift, let offset):
      var parts: [String] = []
      if drift != 0 {
        parts.append("its clock runs \(abs(drift) / 10_000) % too \(drift > 0 ? "fast" : "slow")")
      }
      if offset != 0 { parts.append("its wall clock is \(offset / 1_000) ms off") }
      set(
        Key(kind: .clock, node: node), parts.isEmpty ? nil : "n\(node): " + parts.joined(separator: ", "),
        place)
    default: break
    }
  }

  /// All spans, those of links that broke and healed together as one.
  func spans(upTo events: Int) -> [RunPicture.FaultSpan] {
    struct Group: Hashable {
      var span: RunPicture.FaultSpan
    }
    var places: [Group: Int] = [:]
    var grouped: [RunPicture.FaultSpan] = []
    let all = (closed + open.values).sorted {
      ($0.startEvent, $0.startMicroseconds, $0.node ?? 0, $0.links.first?.from ?? 0, $0.links.first?.to ?? 0)
        < (
          $1.startEvent, $1.startMicroseconds, $1.node ?? 0, $1.links.first?.from ?? 0,
          $1.links.first?.to ?? 0
        )
    }
    for span in all where span.startEvent < events || span.endMicroseconds == nil {
      var bare = span
      bare.links = []
      if span.node == nil, let place = places[Group(span: bare)] {
        grouped[place].links += span.links
      } else {
        places[Group(span: bare)] = grouped.count
        grouped.append(span)
      }
    }
    return grouped
  }

  private mutating func set(_ key: Key, _ words: String?, _ place: Place) {
    if let known = open[key] {
      if known.words == words { return }
      end(key, place)
    }
    if let words { begin(key, words, place) }
  }

  private mutating func begin(_ key: Key, _ words: String, _ place: Place) {
    guard open[key] == nil else { return }
    open[key] = Span(
      kind: key.kind, node: key.node, links: key.link.map { [$0] } ?? [], startMicroseconds: place.time,
      startEvent: place.event, words: words)
  }

  private mutating func end(_ key: Key, _ place: Place) {
    guard var span = open.removeValue(forKey: key) else { return }
    span.endMicroseconds = place.time
    span.endEvent = place.event
    if span.endEvent != span.startEvent { closed.append(span) }
  }
}

extension LinkProfile {
  fileprivate var slowness: String? {
    if delayMicroseconds.upperBound > RunPicture.ordinaryDelayMicroseconds {
      return
        "slow: \(delayMicroseconds.lowerBound / 1_000) to \(delayMicroseconds.upperBound / 1_000) ms a message"
    }
    guard tailPartsPerMillion > 0 else { return nil }
    return "\(tailPartsPerMillion / 10_000) % of messages take up to \(tailMicroseconds / 1_000) ms"
  }

  fileprivate var losses: String? {
    var parts: [String] = []
    if lossPartsPerMillion > 0 { parts.append("\(lossPartsPerMillion / 10_000) % lost") }
    if duplicationPartsPerMillion > 0 { parts.append("\(duplicationPartsPerMillion / 10_000) % duplicated") }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}
