extension String {
  /// The columns that the text takes on a terminal: Korean and other wide characters take two.
  var displayColumns: Int { reduce(0) { $0 + $1.displayColumns } }

  /// The text cut to so many columns, with a mark if something is missing.
  func shortened(toColumns limit: Int) -> String {
    guard displayColumns > limit else { return self }
    var kept = ""
    var used = 0
    for character in self {
      used += character.displayColumns
      if used > limit - 1 { break }
      kept.append(character)
    }
    return kept + "…"
  }
}

extension Character {
  var displayColumns: Int {
    guard let scalar = unicodeScalars.first else { return 0 }
    // Hangul, the CJK blocks and full-width forms (Unicode Standard Annex 11), and pictures.
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3,
      0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF,
      0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }
}
