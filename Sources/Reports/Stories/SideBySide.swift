/// Two texts beside each other, for what two runs did at the same time.
struct SideBySide {
  /// Narrower screens show one below the other.
  static let leastColumns = 76

  let columns: Int
  private var half: Int { (columns - 5) / 2 }

  /// Nil for a screen that is too narrow.
  init?(columns: Int) {
    guard columns >= Self.leastColumns else { return nil }
    self.columns = columns
  }

  func row(_ left: String, _ right: String, _ colour: Screen.Colour? = nil) -> StoryLine {
    let start = "  " + Screen.pad(left.shortened(toColumns: half), half)
    return StoryLine((start + " │ " + right.shortened(toColumns: half)).trimmedAtEnd, colour)
  }
}
