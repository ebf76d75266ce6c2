/// Times as people read them.
enum Milliseconds {
  /// "1203.417 ms"; with `isShort`, "1203 ms" where nothing is lost by it.
  static func words(_ microseconds: Int, isShort: Bool = false) -> String {
    let rest = abs(microseconds % 1_000)
    if isShort, rest == 0 { return "\(microseconds / 1_000) ms" }
    return "\(microseconds / 1_000).\(String(1_000 + rest).dropFirst()) ms"
  }
}
