import LabKit

/// What instances have answered, for the time in which they do not. Stage 4C.
struct KeptPieces: Hashable {
  private struct Key: Hashable {
    let part: PagePart
    let user: String
  }

  private struct Kept: Hashable {
    let text: String
    let askedAt: Duration
  }

  private var pieces: [Key: Kept] = [:]

  var count: Int { pieces.count }

  /// Keeps what was answered to a question that was asked at `time`, unless something newer is kept.
  mutating func keep(_ text: String, _ part: PagePart, of user: String, askedAt time: Duration) {
    let key = Key(part: part, user: user)
    if let kept = pieces[key], kept.askedAt > time { return }
    pieces[key] = Kept(text: text, askedAt: time)
  }

  /// What may still be shown; nil if there is nothing.
  func piece(_ part: PagePart, of user: String, at now: Duration) -> String? {
    guard let kept = pieces[Key(part: part, user: user)],
      now - kept.askedAt < .seconds(GatewayBounds.keptSeconds)
    else { return nil }
    return kept.text
  }
}
