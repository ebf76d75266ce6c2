/// One event of a run with all that is known of it.
struct EventPage {
  let picture: RunPicture
  let columns: Int

  func lines(of event: RunPicture.Event) -> [StoryLine] {
    var lines = [StoryLine.row(heading(event), nil, columns: columns, .grey)]
    lines += StoryLine.wrapped(event.words, columns: columns, indent: "  ", atMost: 3, colour(event))
    if let origin = origin(of: event) { lines.append(row(origin)) }
    for fault in picture.faults where fault.startEvent <= event.id && fault.endEvent ?? .max > event.id {
      lines.append(.row("  broken now: " + fault.story, nil, columns: columns, .yellow))
    }
    for change in event.changes {
      lines.append(row("  \(Screen.pad(change.field, 9)) \(change.before) → \(change.after)"))
    }
    if let logChange = event.logChange { lines.append(row("  log       \(logChange)")) }
    if event.effects.isEmpty {
      if event.kind != .lost && event.kind != .crash { lines.append(row("  and asks for nothing")) }
    } else {
      lines.append(row("  and asks for, in this order:"))
    }
    for effect in event.effects {
      lines.append(.row("    " + effect.words + fate(of: effect), effect.place, columns: columns))
      if let note = effect.note { lines.append(.row("      ↑ " + note, nil, columns: columns, .red)) }
    }
    for note in event.notes { lines.append(.row("  ! " + note, nil, columns: columns, .red)) }
    return lines
  }

  private func row(_ text: String) -> StoryLine { .row(text, nil, columns: columns) }

  private func heading(_ event: RunPicture.Event) -> String {
    var parts = [
      "event \(event.id + 1) of \(picture.events.count)", Milliseconds.words(event.timeMicroseconds),
    ]
    if picture.violation.event == event.id {
      parts.append("✘ HERE IT BROKE: \(picture.facts.property)")
    } else if let place = picture.violation.decisive.firstIndex(of: event.id) {
      parts.append("decisive, \(place + 1) of \(picture.violation.decisive.count)")
    } else if picture.violation.past.contains(event.id) {
      parts.append("led to it")
    }
    return parts.joined(separator: " · ")
  }

  private func colour(_ event: RunPicture.Event) -> Screen.Colour {
    picture.violation.event == event.id ? .red : .bold
  }

  /// When and by which event the message was sent that arrives here.
  private func origin(of event: RunPicture.Event) -> String? {
    guard let number = event.message else { return nil }
    let message = picture.messages[number]
    let sender = message.sentEvent.map { " in event \($0 + 1)" } ?? ", before what is shown"
    let way = event.timeMicroseconds - message.sentMicroseconds
    let late = message.isDelayed ? ", late" : ""
    return "  sent \(Milliseconds.words(way)) before\(late), by n\(message.from)\(sender)"
  }

  /// What became of a message that was sent.
  private func fate(of effect: RunPicture.Effect) -> String {
    guard let number = effect.message else { return "" }
    let message = picture.messages[number]
    let arrivals = message.arrivals.map { "event \($0 + 1)" }
    let losses = message.losses.map { "is lost on the way, event \($0 + 1)" }
    let flight = message.inFlight > 0 ? ["under way at the end"] : []
    let ends = arrivals + losses + flight
    return ends.isEmpty ? "" : " → " + ends.joined(separator: ", ")
  }
}
