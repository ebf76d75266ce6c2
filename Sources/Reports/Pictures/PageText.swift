/// Makes words that a student's code has chosen safe to stand in a page, and visible as what they are.
enum PageText {
  /// Longer texts are cut.
  static let longestText = 2_000

  /// Text as it stands between tags.
  static func markup(_ text: String) -> String {
    var result = ""
    for scalar in visible(text).unicodeScalars {
      switch scalar {
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Text whose invisible characters are shown by their numbers, cut if it is long.
  static func visible(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    var count = 0
    for scalar in text.unicodeScalars {
      count += 1
      guard count <= longestText else { continue }
      if scalar != "\n", scalar.isHidden {
        result.append(contentsOf: name(of: scalar.value).unicodeScalars)
      } else {
        result.append(scalar)
      }
    }
    let marker = count > longestText ? "… (\(count - longestText) characters more)" : ""
    return String(result) + marker
  }

  /// A JSON document as it may stand in a script element, its texts visible and cut like those of `visible`.
  ///
  /// No `<` is left in it, so that no text can end the element or open a comment; outside texts JSON has none.
  static func data(json: some Sequence<UInt8>) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(json.underestimatedCount)
    var scalars = String(decoding: Array(json), as: UTF8.self).unicodeScalars.makeIterator()
    var isText = false
    var count = 0
    func put(_ text: String) {
      if count <= longestText { result.append(contentsOf: text.utf8) }
    }
    while let scalar = scalars.next() {
      // Nearly all there is.
      if isText, count < longestText, (97...122).contains(scalar.value) || (48...57).contains(scalar.value) {
        count += 1
        result.append(UInt8(truncatingIfNeeded: scalar.value))
        continue
      }
      guard isText else {
        isText = scalar == "\""
        count = 0
        result.append(contentsOf: scalar.utf8Bytes)
        continue
      }
      if scalar == "\"" {
        if count > longestText {
          result.append(contentsOf: "… (\(count - longestText) characters more)".utf8)
        }
        isText = false
        result.append(UInt8(ascii: "\""))
        continue
      }
      count += 1
      if scalar == "\\" {
        guard let escape = scalars.next() else { break }
        var value: UInt32 = 0
        switch escape {
        case "u":
          for _ in 0..<4 { value = value << 4 | UInt32(scalars.next()?.hexDigit ?? 0) }
        case "n": value = 10
        case "t": value = 9
        case "r": value = 13
        case "b": value = 8
        case "f": value = 12
        default: value = escape.value
        }
        if value == 10 {
          put("\\n")
        } else if let known = Unicode.Scalar(value), !known.isHidden, known != "<" {
          put(known == "\"" || known == "\\" ? "\\" + String(known) : String(known))
        } else if value == 60 {
          put("\\u003c")
        } else {
          // Half of a surrogate pair, too, is shown by its number.
          put("\\" + name(of: value))
        }
      } else if scalar == "<" {
        put("\\u003c")
      } else if scalar.isHidden {
        put("\\" + name(of: scalar.value))
      } else {
        put(String(scalar))
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func name(of value: UInt32) -> String { "\\u{" + String(value, radix: 16) + "}" }
}

extension Unicode.Scalar {
  /// Not to be seen, or steering how what follows is seen.
  fileprivate var isHidden: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate: true
    default: false
    }
  }

  fileprivate var hexDigit: Int? { Character(self).hexDigitValue }

  fileprivate var utf8Bytes: String.UTF8View { String(self).utf8 }
}
