import LabKit

/// Where the messages of a run went, and why they were sent.
struct MessageLedger {
  let picture: RunPicture
  let columns: Int

  /// - Parameter limit: how many lines there may be.
  func lines(atMost limit: Int) -> [StoryLine] {
    let messages = picture.messages
    guard !messages.isEmpty else { return [StoryLine("No message was sent in this run.")] }
    let kinds = counts(messages.map(\.label))
    let links = counts(messages.map { "n\($0.from) → n\($0.to)" })
    let reasons = counts(messages.map(reason))
    let again = resent
    var lines = [StoryLine("All \(messages.count) messages of this run:", .bold)]
    lines += row("by name", kinds)
    lines += row("by link", links)
    lines += row("sent when", reasons)
    if !again.isEmpty {
      let count = again.reduce(0) { $0 + $1.count }
      lines += row("sent again before any answer came: \(count), when", again)
    }
    return Array(lines.prefix(limit))
  }

  private func row(_ title: String, _ counts: [(name: String, count: Int)]) -> [StoryLine] {
    let shown = counts.prefix(4).map { "\($0.name) \($0.count)" }.joined(separator: ", ")
    let end = counts.count > 4 ? ", …" : ""
    return StoryLine.wrapped(
      "  " + title + ": " + shown + end, columns: columns, indent: "    ", atMost: 2)
  }

  private func counts(_ names: [String]) -> [(name: String, count: Int)] {
    var counts: [String: Int] = [:]
    for name in names { counts[name, default: 0] += 1 }
    return counts.map { ($0.key, $0.value) }.sorted { ($1.count, $0.name) < ($0.count, $1.name) }
  }

  /// What the handler that sent it was for.
  private func reason(of message: RunPicture.Message) -> String {
    guard let sender = message.sentEvent else { return "before this picture" }
    let event = picture.events[sender]
    switch event.kind {
    case .timer: return "timer \(event.label ?? "")"
    case .receive: return "\(event.label ?? "") received"
    case .request: return "a client asks"
    case .start: return "a start"
    default: return "\(event.kind)"
    }
  }

  /// Messages that went out although the last one of that name to that node had not been answered by anything.
  private var resent: [(name: String, count: Int)] {
    struct Link: Hashable {
      let from: Int
      let to: Int
      let label: String
    }
    var waiting: Set<Link> = []
    var reasons: [String] = []
    for event in picture.events {
      if event.kind == .receive, let from = event.from {
        waiting = waiting.filter { $0.from != event.node || $0.to != from }
      }
      for effect in event.effects {
        guard let number = effect.message else { continue }
        let message = picture.messages[number]
        let link = Link(from: message.from, to: message.to, label: message.label)
        if !waiting.insert(link).inserted { reasons.append(reason(of: message)) }
      }
    }
    return counts(reasons)
  }
}
