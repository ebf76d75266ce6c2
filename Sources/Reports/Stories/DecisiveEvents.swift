/// The few events that led to a broken property, in the order in which they happened, each with the student's own line.
struct DecisiveEvents {
  let picture: RunPicture
  let columns: Int
  /// The term that its node was in after each event, where nodes have terms.
  private let terms: [Int]
  /// The last questions and answers of the operations that the evidence is about.
  private let concerned: Set<Int>
  /// The first event in which some node counts the entry that the evidence speaks of as committed.
  private let commit: Int?

  init(picture: RunPicture, columns: Int) {
    self.picture = picture
    self.columns = columns
    var latest: [Int: Int] = [:]
    terms = picture.events.map { event in
      if let term = event.changes.first(where: { $0.field == "term" }) {
        latest[event.node] = Int(term.after)
      }
      return latest[event.node] ?? 0
    }
    concerned = Set(
      picture.operations.filter(\.isConcerned).flatMap { $0.requests.suffix(1) + $0.replies.suffix(1) })
    commit = Self.commit(in: picture)
  }

  private enum Moment: Hashable {
    case event(Int)
    case fault(Int)
  }

  /// - Parameter limit: how many lines there may be.
  func lines(atMost limit: Int) -> [StoryLine] {
    var chosen: Set<Moment> = []
    var room = limit
    for moment in ranked {
      guard !chosen.contains(moment) else { continue }
      let cost = lines(of: moment, chosen).count
      guard cost <= room else { continue }
      room -= cost
      chosen.insert(moment)
      // What is received was sent, and what starts again has crashed: the two belong together.
      guard case .event(let event) = moment, let cause = companion(of: event), !chosen.contains(.event(cause))
      else { continue }
      // The sender is told which of its messages matters.
      let costWithIt =
        lines(of: .event(cause), chosen).count + (picture.events[event].kind == .receive ? 1 : 0)
      if costWithIt <= room {
        room -= costWithIt
        chosen.insert(.event(cause))
      }
    }
    return chosen.sorted { place(of: $0) < place(of: $1) }.flatMap { lines(of: $0, chosen) }
  }

  // MARK: What matters

  private static func commit(in picture: RunPicture) -> Int? {
    let words = picture.facts.evidence.split { !$0.isLetter && !$0.isNumber }
    let index = words.firstIndex(of: "index").flatMap { words[($0 + 1)...].first }.flatMap { Int($0) }
    guard let index, let violation = picture.violation.event else { return nil }
    return picture.events[...violation].first { event in
      event.changes.contains {
        $0.field == "commit" && (Int($0.before) ?? 0) < index && (Int($0.after) ?? 0) >= index
      }
    }?.id
  }

  private var ranked: [Moment] {
    let decisive = picture.violation.decisive + [commit].compactMap { $0 }
    let events = decisive.map { (Moment.event($0), weight(of: picture.events[$0])) }
    let faults = picture.faults.indices.compactMap { number in
      isRelevant(picture.faults[number]) ? (Moment.fault(number), 48) : nil
    }
    return (events + faults).sorted { ($0.1, place(of: $0.0)) > ($1.1, place(of: $1.0)) }.map(\.0)
  }

  /// Crashes are events of their own; other faults count while what decided happened.
  private func isRelevant(_ fault: RunPicture.FaultSpan) -> Bool {
    guard fault.kind != .crashed, let last = picture.violation.event,
      let first = picture.violation.decisive.first
    else { return false }
    return fault.startEvent <= last && fault.endEvent ?? .max > first
  }

  private func weight(of event: RunPicture.Event) -> Int {
    var weight = 10
    let fields = Set(event.changes.map(\.field))
    if event.changes.contains(where: { $0.field == "role" && $0.after == "leader" }) { weight = 65 }
    if fields.contains("vote") { weight = max(weight, 52) }
    if fields.contains("role") { weight = max(weight, 40) }
    if fields.contains("term") { weight = max(weight, 30) }
    if fields.contains("commit") { weight = max(weight, 35) }
    if event.logChange?.contains("drops") == true { weight = max(weight, 62) }
    if event.kind == .crash || event.kind == .start { weight = max(weight, 50) }
    if event.effects.contains(where: { $0.note != nil }) || !event.notes.isEmpty { weight = max(weight, 60) }
    if picture.facts.concernedNodes.contains(event.node) { weight += 15 }
    if concerned.contains(event.id) { weight = max(weight, 90) }
    guard let violation = picture.violation.event else { return weight }
    if violation == event.id { return 200 }
    if commit == event.id { return 150 }
    // What happened in terms before is mostly another story.
    if terms[event.id] >= terms[violation] { weight += 20 }
    // Of two alike, the later one is nearer to what broke.
    return weight + 12 * event.id / max(1, picture.events.count)
  }

  /// The event without which one cannot be understood.
  private func companion(of event: Int) -> Int? {
    let told = picture.events[event]
    switch told.kind {
    case .receive: return told.message.flatMap { picture.messages[$0].sentEvent }
    case .start: return picture.events[..<event].last { $0.node == told.node && $0.kind == .crash }?.id
    default: return nil
    }
  }

  // MARK: Lines

  private func place(of moment: Moment) -> Int {
    switch moment {
    case .event(let event): 2 * event + 1
    case .fault(let fault): 2 * picture.faults[fault].startEvent
    }
  }

  private func time(_ microseconds: Int) -> String {
    let text = "\(microseconds / 1_000).\(microseconds / 100 % 10) ms"
    return String(repeating: " ", count: max(0, 11 - text.count)) + text + "  "
  }

  private func lines(of moment: Moment, _ chosen: Set<Moment>) -> [StoryLine] {
    switch moment {
    case .fault(let number):
      let fault = picture.faults[number]
      return [StoryLine.row(time(fault.startMicroseconds) + fault.story, nil, columns: columns, .yellow)]
    case .event(let id): return lines(of: picture.events[id], chosen)
    }
  }

  private func lines(of event: RunPicture.Event, _ chosen: Set<Moment>) -> [StoryLine] {
    let told = effects(of: event, chosen)
    let isViolation = picture.violation.event == event.id
    let text = time(event.timeMicroseconds) + event.story
    var lines = [
      StoryLine.row(
        isViolation ? text + " ✘" : text, told.isEmpty ? event.place : nil, columns: columns,
        isViolation ? .red : event.kind == .crash ? .yellow : nil)
    ]
    let indent = String(repeating: " ", count: 15)
    for effect in told {
      lines.append(.row(indent + effect.words, effect.place, columns: columns))
      if let note = effect.note { lines.append(.row(indent + "↑ " + note, nil, columns: columns, .red)) }
    }
    for note in event.notes { lines.append(.row(indent + "! " + note, nil, columns: columns, .red)) }
    return lines
  }

  /// The first effect with something missing before it, or what reaches another of the events told.
  private func effects(of event: RunPicture.Event, _ chosen: Set<Moment>) -> [RunPicture.Effect] {
    if let noted = event.effects.first(where: { $0.note != nil }) { return [noted] }
    let sent = event.effects.first { effect in
      guard let message = effect.message else { return false }
      return picture.messages[message].arrivals.contains { chosen.contains(.event($0)) }
    }
    return sent.map { [$0] } ?? []
  }
}
